"""Memory and speed over a bulk archive: `python -m benchmarks.bulk [--gigabytes 0.1] [--documents 40]`.

Writes a tar of one ZIP a patent (ST.36 XML and Group-4 TIFF sheets) into a temporary folder, made of
generated patents repeated under different publication numbers, and removes it afterwards. Then
ingests it for real, ending after `--documents` patents (0: all), and prints the time until the
first patent is read, patents and sheets per second, and the peak of resident memory of this process
and of the largest reader. The seconds of each step are those of one process over the first patents.
`--read-only` reads and cuts those documents in reader processes without encoding or storing vectors,
then goes through the whole archive as an ingest does and keys every patent. `--archive` names a tar
that is kept: it is written where it is missing.
"""

import argparse
import io
import os
import tarfile
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image

from ipatent.encode.builtin import BuiltinEncoder
from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import Step, encode_pictures, ingest, limits_of
from ipatent.numerals import find_numerals
from ipatent.patents import Patent, Sheet
from ipatent.pictures import encode_png, encode_thumbnail
from ipatent.reading import Reading, ReadingTask, read_job
from ipatent.sample import generate
from ipatent.settings import Settings
from ipatent.sheets import cut_figures
from ipatent.sources import Limits
from ipatent.sources.discovery import Job, content_key, prospect
from ipatent.sources.opening import open_job
from ipatent.sources.pdf import read_pdf
from ipatent.terms import read_components
from ipatent.workers import run_tasks

_KINDS = 16
"""Generated patents that are repeated."""

_STEPS = 12
"""Patents over which the single steps are timed."""


@dataclass(frozen=True, slots=True)
class _Original:
    """A generated patent as XML, with a gap for its number, and its sheets."""

    xml: str
    sheets: tuple[bytes, ...]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=0.1)
    parser.add_argument("--documents", type=int, default=40)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--read-only", action="store_true")
    parser.add_argument("--archive", type=Path, default=None)
    parser.add_argument("--folder", type=Path, default=None, help="where the temporary folder is made")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        scratch = Path(name)
        archive = options.archive or scratch / "week.tar"
        if not archive.exists():
            started = time.monotonic()
            patents, sheets = write_archive(archive, int(options.gigabytes * 1e9))
            print(f"{patents:,} patents, {sheets:,} sheets, written in {time.monotonic() - started:.0f} s")
        print(f"{archive.stat().st_size / 1e9:.2f} GB", flush=True)
        settings = Settings(data=str(scratch / "data"), processes=options.processes)
        if options.read_only:
            _read_only(archive, scratch / "objects", settings, options.documents)
        else:
            _ingest(archive, scratch / "data", settings, options.documents)
        _steps(archive, settings)


def write_archive(path: Path, wanted: int) -> tuple[int, int]:
    """A tar of per-patent ZIPs of about `wanted` bytes; gives the number of patents and of sheets."""
    originals = list(_originals())
    patents = sheets = size = 0
    with tarfile.open(path, "w") as archive:
        while size < wanted or not patents:
            original = originals[patents % len(originals)]
            patents += 1
            sheets += len(original.sheets)
            data = _zipped(original, f"{20_000_000 + patents}")
            info = tarfile.TarInfo(f"I2025/UTIL/US{20_000_000 + patents}-20250107.ZIP")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
            size += len(data) + 1024
    return patents, sheets


def _originals() -> Iterator[_Original]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, _KINDS, seed=5)
        limits = limits_of(Settings())
        for path in sorted(folder.glob("*.pdf")):
            document = read_pdf(path, limits)
            tiffs = [_tiff(sheet) for sheet in document.sheets() if isinstance(sheet, Sheet)]
            if tiffs:
                yield _Original(_xml(document.patent, len(tiffs)), tuple(tiffs))


def _tiff(sheet: Sheet) -> bytes:
    stream = io.BytesIO()
    grey = Image.fromarray(sheet.pixels).convert("L")
    grey.point(lambda value: 255 * (value > 127)).convert("1", dither=Image.Dither.NONE).save(
        stream, "TIFF", compression="group4", dpi=(300, 300)
    )
    return stream.getvalue()


def _xml(patent: Patent, sheets: int) -> str:
    figures = "".join(
        f'<figure id="F{n}" num="{n:05d}"><img id="I{n}" file="@STEM@-D{n:05d}.TIF"/></figure>'
        for n in range(1, sheets + 1)
    )
    lines = (f"FIG. {', '.join(one.labels)} is a {one.text};" for one in patent.captions)
    drawings = "".join(f"<p>{escape(line)}</p>" for line in lines)
    text = "".join(f"<p>{escape(line)}</p>" for line in patent.description.splitlines())
    return (
        '<?xml version="1.0" encoding="UTF-8"?><us-patent-grant lang="EN" country="US">'
        "<us-bibliographic-data-grant>"
        "<publication-reference><document-id><country>US</country><doc-number>@NUMBER@</doc-number>"
        "<kind>B2</kind><date>20250107</date></document-id></publication-reference>"
        f"<invention-title>{escape(patent.title)}</invention-title></us-bibliographic-data-grant>"
        f"<drawings>{figures}</drawings><description><description-of-drawings>{drawings}</description-of-drawings>"
        f"{text}</description></us-patent-grant>"
    )


def _zipped(original: _Original, number: str) -> bytes:
    stem = f"US{number}-20250107"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        xml = original.xml.replace("@STEM@", stem).replace("@NUMBER@", number)
        archive.writestr(f"{stem}/{stem}.XML", xml, zipfile.ZIP_DEFLATED)
        for position, sheet in enumerate(original.sheets, 1):
            archive.writestr(f"{stem}/{stem}-D{position:05d}.TIF", sheet)
    return stream.getvalue()


def _ingest(archive: Path, data: Path, settings: Settings, documents: int) -> None:
    encoder = BuiltinEncoder.load(os.cpu_count() or 1)
    started = time.monotonic()
    first: list[float] = []

    def watch(step: Step) -> None:
        if not first:
            first.append(time.monotonic())
        if step.done == documents:
            raise KeyboardInterrupt

    with (
        _memory() as peaks,
        EmbeddedIndex.open(data / "index.sqlite", encoder.spec, create=True) as index,
    ):
        summary = ingest([archive], index, encoder, data / "objects", settings, watch)
    spent = time.monotonic() - (first[0] if first else started)
    begun = first[0] - started if first else 0.0
    print(
        f"ingest of {summary.patents:,} of {summary.files:,} patents: first after {begun:.1f} s, then"
        f" {(summary.patents - 1) / spent:.1f} patents/s, {summary.sheets / spent:.1f} sheets/s,"
        f" {summary.figures / spent:.1f} figures/s with {settings.processes} readers;"
        f" skipped {len(summary.skipped)}"
    )
    print(_peaks(peaks))


def _read_only(archive: Path, objects: Path, settings: Settings, documents: int) -> None:
    """Reading of the first documents in reader processes, without encoding; then the whole listed."""
    limits = limits_of(settings)
    with _memory() as peaks:
        started = time.monotonic()
        tasks = (
            ReadingTask(job, limits, str(objects), settings.thumbnail)
            for job in islice(_jobs(archive, limits), documents or None)
        )
        patents = sheets = figures = failed = 0
        first = 0.0
        with closing(run_tasks(read_job, tasks, settings.processes, settings.seconds_per_file)) as finished:
            for done in finished:
                first = first or time.monotonic()
                patents += 1
                reading: Reading | None = done.result
                failed += reading is None
                sheets += reading.sheets if reading else 0
                figures += len(reading.figures) if reading else 0
        read = time.monotonic()
        processor = time.process_time()
        listed = sum(bool(content_key(job, limits)) for job in _jobs(archive, limits))
        found, processor = time.monotonic(), time.process_time() - processor
    print(
        f"first patent read after {first - started:.1f} s; reading {patents:,}:"
        f" {patents / (read - started):.1f} patents/s, {sheets / (read - started):.1f} sheets/s,"
        f" {figures / (read - started):.1f} figures/s with {settings.processes} readers, {failed} failed;"
        f" all {listed:,} found and keyed in {found - read:.0f} s ({processor:.0f} s of processor time)"
    )
    print(_peaks(peaks), flush=True)


def _jobs(archive: Path, limits: Limits) -> Iterator[Job]:
    return (one for one in prospect([archive], limits).found if isinstance(one, Job))


def _steps(archive: Path, settings: Settings) -> None:
    """Where the time of one process goes."""
    encoder = BuiltinEncoder.load(1)
    limits = limits_of(settings)
    names = ("read text", "decode sheets", "cut", "numerals", "PNG and thumbnail", "encode")
    spent = dict.fromkeys(names, 0.0)
    sheets = 0

    def timed(name: str, since: float) -> float:
        now = time.perf_counter()
        spent[name] += now - since
        return now

    for job in islice(_jobs(archive, limits), _STEPS):
        at = time.perf_counter()
        document = open_job(job, limits)
        known = frozenset(one.numeral for one in read_components(document.patent.description))
        at = timed("read text", at)
        for sheet in document.sheets():
            at = timed("decode sheets", at)
            if not isinstance(sheet, Sheet):
                continue
            sheets += 1
            cuts = cut_figures(sheet)
            at = timed("cut", at)
            for cut in cuts:
                find_numerals(cut.pixels, known)
            at = timed("numerals", at)
            encode_png(sheet.pixels)
            pngs = [encode_png(cut.pixels) for cut in cuts]
            for cut in cuts:
                encode_thumbnail(cut.pixels, settings.thumbnail)
            at = timed("PNG and thumbnail", at)
            encode_pictures(pngs, encoder, limits.sheet_pixels)
            at = timed("encode", at)
        timed("decode sheets", at)
    total = sum(spent.values())
    shares = ", ".join(f"{name} {seconds / sheets * 1000:.0f} ms" for name, seconds in spent.items())
    print(f"one process, per sheet: {total / sheets * 1000:.0f} ms, of which {shares}")


@contextmanager
def _memory() -> Iterator[dict[int, int]]:
    """The peak of resident memory, in bytes, of this process and of each of its children, by id."""
    peaks: dict[int, int] = {}
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.1):
            for process in (os.getpid(), *_children(os.getpid())):
                peaks[process] = max(peaks.get(process, 0), _resident(process))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peaks
    finally:
        stop.set()
        thread.join()


def _children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            status = (folder / "stat").read_text()
        except OSError:
            continue
        if int(status.rpartition(")")[2].split()[1]) == parent:
            found.append(int(folder.name))
    return found


def _resident(process: int) -> int:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _peaks(peaks: dict[int, int]) -> str:
    own = peaks.pop(os.getpid(), 0)
    return (
        f"peak resident memory: main process {own / 1e6:,.0f} MB,"
        f" largest reader {max(peaks.values(), default=0) / 1e6:,.0f} MB of {len(peaks)}"
    )


if __name__ == "__main__":
    main()
