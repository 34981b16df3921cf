"""A folder filled with sample patents, on all processor cores."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from ipatent.errors import IPatentError
from ipatent.sample.patent import make_patent

_BATCH = 8


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was generated, and how long it took."""

    patents: int
    sheets: int
    figures: int
    families: int
    seconds: float


def generate(
    folder: Path,
    patents: int,
    seed: int,
    processes: int = 0,
    progress: Callable[[int], None] | None = None,
) -> SampleSummary:
    """Writes `patents` sample patents into `folder`: `<number>.pdf` and `<number>.truth.json` each.

    The same seed gives the same files, and fewer patents are the first of more. Files that are
    there with the same content are left alone. `processes` 0 uses every core. `progress` is told
    how many patents are done. Raises IPatentError when there is nothing to make or the folder
    cannot be written.
    """
    started = time.perf_counter()
    if patents < 1:
        raise IPatentError(f"{patents} sample patents cannot be made.", "Ask for at least 1.")
    if seed < 0:
        raise IPatentError(f"The seed {seed} is negative.", "Use a whole number from 0.")
    _prepare(folder)
    workers = min(processes or _cores(), -(-patents // _BATCH))
    families: set[str] = set()
    sheets = figures = done = 0
    batches = [range(start, min(start + _BATCH, patents)) for start in range(0, patents, _BATCH)]

    def count(result: list[tuple[str, int, int]]) -> None:
        nonlocal sheets, figures, done
        for family, patent_sheets, patent_figures in result:
            families.add(family)
            sheets += patent_sheets
            figures += patent_figures
        done += len(result)
        if progress:
            progress(done)

    if workers <= 1:
        for batch in batches:
            count(write_batch(str(folder), seed, batch))
    else:
        # Fresh interpreters: a fork of a process that runs threads may hang.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            try:
                for future in as_completed(
                    [pool.submit(write_batch, str(folder), seed, batch) for batch in batches]
                ):
                    count(future.result())
            except BrokenProcessPool as error:
                raise IPatentError(
                    "A process that makes sample patents was stopped.",
                    "Free some memory, or use fewer processes, and start again: finished files are kept.",
                ) from error
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    return SampleSummary(patents, sheets, figures, len(families), time.perf_counter() - started)


def write_batch(folder: str, seed: int, indices: range) -> list[tuple[str, int, int]]:
    """Makes these patents and writes their files; returns family, sheets and figures of each."""
    result = []
    for index in indices:
        patent = make_patent(seed, index)
        try:
            _write(Path(folder) / f"{patent.number}.pdf", patent.pdf)
            _write(Path(folder) / f"{patent.number}.truth.json", patent.truth.encode())
        except OSError as error:
            raise IPatentError(
                f"Sample patents cannot be written to {folder}: {error.strerror or error}.",
                "Free some space there or choose another folder.",
            ) from None
        result.append((patent.family, patent.sheets, patent.figures))
    return result


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise IPatentError(
            f"Sample patents cannot be written to {folder}: {error.strerror or error}.",
            "Choose a folder that you may write to.",
        ) from None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _write(path: Path, content: bytes) -> None:
    if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
