"""A served index of 40,000 figures for the benchmarks of the search desk, made once and kept.

Generated patents are read the usual way, which gives real drawings, thumbnails, numerals, descriptions
and vectors; each is then stored again and again under new numbers, with other words, vectors moved away
at random, and a thumbnail file of its own. The folder lies in the system's folder for temporary files.
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from benchmarks.search import KINDS, THINGS, VIEWS, unit
from ipatent.encode.builtin import ASSETS
from ipatent.encode.static_text import StaticText
from ipatent.index import Entry
from ipatent.index.embedded import FILE_NAME, EmbeddedIndex
from ipatent.objects import Objects
from ipatent.patents import Caption
from ipatent.publication import PublicationNumber

PATENTS_READ = 40
_VERSION = 4
_COMMAND = (sys.executable, "-m", "ipatent")
_NOISE = 0.6


@contextmanager
def served(data: Path) -> Iterator[tuple[str, int]]:
    """The address and the process id of `ipatent serve` over a data folder, one worker."""
    serve = [*_COMMAND, "serve", "--data", str(data), "--port", "0"]
    server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    try:
        yield (
            next(word for line in server.stdout or () for word in line.split() if "http://" in word),
            server.pid,
        )
    finally:
        server.terminate()
        server.wait(20)


def data_folder(figures: int) -> Path:
    """A data folder with an index of at least so many figures; made where it is not there yet."""
    folder = Path(tempfile.gettempdir()) / f"ipatent-benchmark-{_VERSION}-{figures}"
    if (folder / "complete").exists():
        _forget_work(folder)
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    print(f"making an index of {figures:,} figures in {folder}", flush=True)
    started = time.perf_counter()
    subprocess.run([*_COMMAND, "sample", f"{folder}/sample", "--patents", str(PATENTS_READ)], check=True)
    ingest = [*_COMMAND, "ingest", f"{folder}/sample", "--data", str(folder), "--encoder", "builtin"]
    subprocess.run(ingest, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    objects = Objects.open(folder / "objects")
    with EmbeddedIndex.open(folder / FILE_NAME) as index:
        read = tuple(_entries(index))
        words = StaticText.load(ASSETS)
        number, stored = 0, index.status().figures
        while stored < figures:
            entry = _again(read[number % len(read)], number, objects, words)
            index.put(entry)
            number += 1
            stored += len(entry.figures)
    (folder / "complete").touch()
    print(f"made in {time.perf_counter() - started:,.0f} s", flush=True)
    return folder


def drawings(data: Path, count: int) -> list[bytes]:
    """Files of whole drawings of the index, each different, to be uploaded as query pictures."""
    objects = Objects.open(data / "objects")
    with EmbeddedIndex.open(data / FILE_NAME) as index:
        names = list(
            dict.fromkeys(
                figure.image
                for patent in index.patents(limit=PATENTS_READ)
                for figure in index.figures_of(patent.id)
            )
        )
    return [_commented(objects.get(names[n % len(names)]), n) for n in range(count)]


def cpu_seconds(process: int) -> float:
    """Processor time that a process has used so far, in user and system mode."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(process: int) -> float:
    """Resident memory of a process, in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def questions(count: int, seed: int = 0) -> list[str]:
    """Words as people type them, few of them twice."""
    rng = np.random.default_rng(seed)
    ends = ["", "", " perspective view", " sectional view", " with a handle", " front elevational view"]
    return [f"{rng.choice(KINDS)} {rng.choice(THINGS)}{rng.choice(ends)}" for _ in range(count)]


def _forget_work(folder: Path) -> None:
    """Without the records and uploads of earlier runs, so that each begins alike."""
    for path in folder.glob("records.sqlite*"):
        path.unlink()
    shutil.rmtree(folder / "uploads", ignore_errors=True)


def _entries(index: EmbeddedIndex) -> Iterator[Entry]:
    for patent in index.patents(limit=PATENTS_READ):
        figures = index.figures_of(patent.id)
        images = np.concatenate([index.image_vector(figure.id) for figure in figures])
        yield Entry(patent, figures, images, np.zeros((len(figures), 0), np.float32), "", len(figures))


def _again(entry: Entry, number: int, objects: Objects, words: StaticText) -> Entry:
    rng = np.random.default_rng(number)
    said = PublicationNumber("US", f"D{700_000 + number}", "S1")
    thing = " ".join([*rng.choice(KINDS, int(rng.integers(1, 3))), str(rng.choice(THINGS))])
    own = unit(rng.standard_normal((1, entry.image_vectors.shape[1]), np.float32))
    noise = unit(rng.standard_normal(entry.image_vectors.shape, np.float32))
    patent = replace(
        entry.patent,
        id=str(said),
        number=said,
        title=thing.capitalize(),
        published=date(1995, 1, 3) + timedelta(days=int(rng.integers(0, 11_000))),
        family=str(said),
        captions=tuple(
            Caption(each.labels, f"{VIEWS[n % len(VIEWS)].format('a ' + thing)}")
            for n, each in enumerate(entry.patent.captions)
        ),
    )
    figures = tuple(
        replace(
            figure,
            id=f"{patent.id}/{figure.id.split('/', 1)[1]}",
            patent_id=patent.id,
            caption=VIEWS[n % len(VIEWS)].format("a " + thing),
            depicts=thing,
            thumbnail=objects.put(_commented(objects.get(figure.thumbnail), number)),
        )
        for n, figure in enumerate(entry.figures)
    )
    return Entry(
        patent=patent,
        figures=figures,
        image_vectors=unit(entry.image_vectors + _NOISE * (own + noise)),
        caption_vectors=words.encode([figure.caption for figure in figures]),
        fingerprint=str(number),
        sheets=entry.sheets,
    )


def _commented(picture: bytes, number: int) -> bytes:
    """A PNG with a comment, so that it is a file of its own; other files get a few bytes at their end."""
    if not picture.startswith(b"\x89PNG"):
        return picture + str(number).encode()
    body = b"tEXt" + b"Comment\0" + str(number).encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = picture.rindex(b"IEND") - 4
    return picture[:end] + chunk + picture[end:]
