"""ONNX Runtime sessions, and pictures through them in batches of bounded memory."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ipatent.encode.files import REINSTALL, read_asset
from ipatent.encode.measuring import Subject, Ways, open_measured
from ipatent.encode.runtimes import Session, open_onnxruntime, short
from ipatent.errors import EncoderError
from ipatent.patents import Pixels, Vectors

BATCH = 8
"""Pictures that go through the model at once."""


def thread_count(threads: int) -> int:
    """How many threads `threads` means: 0 is one per core that this process may use."""
    if threads > 0:
        return threads
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def open_session(path: Path, threads: int, advice: str = REINSTALL) -> Session:
    """The model in `path`, run by ONNX Runtime on the CPU, from several threads at once if need be.

    Raises EncoderError with `advice` when the file is missing or no model that can be run.
    """
    return _opened(path, advice, lambda: open_onnxruntime(path, thread_count(threads)))


def open_picture_session(subject: Subject, ways: Ways, advice: str = REINSTALL) -> Session:
    """The model of pictures, run as `ways` says; raises EncoderError as `open_session`."""
    return _opened(subject.path, advice, lambda: open_measured(subject, ways))


def _opened(path: Path, advice: str, opening: Callable[[], Session]) -> Session:
    if not path.is_file() or not path.stat().st_size:
        read_asset(path, advice)
    try:
        return opening()
    except EncoderError:
        raise
    except Exception as error:
        # ONNX Runtime's exceptions share no public base class but Exception.
        raise EncoderError(
            f"The model {path} cannot be loaded, it may be damaged: {short(error)}.", advice
        ) from None


def encode_in_batches(
    pictures: Sequence[Pixels],
    dimension: int,
    pool: ThreadPoolExecutor,
    prepare: Callable[[Pixels], npt.NDArray[np.uint8]],
    run: Callable[[npt.NDArray[np.uint8]], Vectors],
    batch: int = BATCH,
) -> Vectors:
    """(n, dimension) float32 unit rows: `prepare` each picture on `pool`, `run` them `batch` at a time.

    While one batch runs the next is being prepared; no more than two are held in memory.
    """
    vectors = np.zeros((len(pictures), dimension), np.float32)
    starts = range(0, len(pictures), batch)
    waiting = [pool.submit(prepare, picture) for picture in pictures[:batch]]
    for start in starts:
        squares = np.stack([future.result() for future in waiting])
        waiting = [pool.submit(prepare, picture) for picture in pictures[start + batch : start + 2 * batch]]
        vectors[start : start + len(squares)] = unit_rows(run(squares))
    return vectors


def unit_rows(vectors: Vectors) -> Vectors:
    """The rows scaled to length one; a row of zeros stays as it is."""
    rows = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Vectors = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit
