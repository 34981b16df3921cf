"""Vectors in memory: an exact scan by cosine over immutable blocks of float16 rows.

Blocks are never changed, only replaced, so a search goes on undisturbed while the next state is
built, and all blocks are scanned at once, one thread each. FAISS computes every vector's product
alone and in one way, whatever block or place it lies in: equal vectors get equal scores.
"""

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from ipatent.index import Rows, Scores
from ipatent.patents import Vectors

BLOCK = 16_384
"""Most rows of a block: small enough that replacing one takes some milliseconds."""

Halves = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows (n,) ascending and their vectors in a FAISS index of float16."""

    rows: Rows
    scan: Any

    @property
    def vectors(self) -> Halves:
        """(n, dimension) float16, a view of what is scanned."""
        codes = faiss.rev_swig_ptr(self.scan.codes.data(), self.scan.ntotal * self.scan.d * 2)
        view: Halves = codes.view(np.float16).reshape(self.scan.ntotal, self.scan.d)
        return view


_NO_ROWS: Rows = np.empty(0, np.int64)
_NO_SCORES: Scores = np.empty(0, np.float32)

Blocks = tuple[Block, ...]
"""All vectors of one kind, by ascending row."""


def to_bytes(vector: npt.NDArray[np.float32]) -> bytes:
    """The bytes of a vector as float16, little-endian."""
    return vector.astype("<f2").tobytes()


def from_bytes(content: bytes, dimension: int) -> Halves:
    """(n, dimension) float16 from the joined bytes of n vectors."""
    return np.frombuffer(content, "<f2").reshape(-1, dimension)


def extended(blocks: Blocks, rows: Rows, vectors: Halves) -> Blocks:
    """`blocks` with more rows, all higher than those they hold."""
    if not len(rows):
        return blocks
    kept = list(blocks)
    if kept and len(kept[-1].rows) + len(rows) <= BLOCK:
        last = kept.pop()
        rows = np.concatenate([last.rows, rows])
        vectors = np.concatenate([last.vectors, vectors])
    starts = range(0, len(rows), BLOCK)
    return (*kept, *(_block(rows[at : at + BLOCK], vectors[at : at + BLOCK]) for at in starts))


def without(blocks: Blocks, ranges: Iterable[tuple[int, int]]) -> Blocks:
    """`blocks` without the rows in `ranges`, each from the first to the last row, both included."""
    spans = list(ranges)
    left: list[Block] = []
    for block in blocks:
        keep = ~inside(block.rows, spans)
        if keep.all():
            left.append(block)
        elif keep.any():
            left.append(_block(block.rows[keep], block.vectors[keep]))
    return tuple(left)


def inside(rows: Rows, ranges: Iterable[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Which of `rows` lie in one of the ranges, first and last included; ranges must not overlap."""
    spans = np.array(sorted(ranges), np.int64).reshape(-1, 2)
    if not len(spans):
        return np.zeros(len(rows), bool)
    at = np.searchsorted(spans[:, 0], rows, side="right") - 1
    within: npt.NDArray[np.bool_] = (at >= 0) & (rows <= spans[np.maximum(at, 0), 1])
    return within


def nearest(
    blocks: Blocks, vector: Vectors, limit: int, threads: Executor, allowed: Rows | None = None
) -> tuple[Rows, Scores]:
    """The `limit` rows with the highest cosine to `vector` (1, dimension), ties by ascending row.

    Only rows in `allowed` (ascending) where it is given; just as exact, and faster the fewer they are.
    """

    def one(block: Block) -> tuple[Rows, Scores]:
        if allowed is None:
            scores, found = block.scan.search(vector, min(limit, len(block.rows)))
            return block.rows[found[0]], scores[0]
        first, last = np.searchsorted(allowed, (block.rows[0], block.rows[-1] + 1))
        wanted = _among(block, allowed[first:last])
        count = int(wanted.sum())
        if not count:
            return _NO_ROWS, _NO_SCORES
        scores, found = block.scan.search(vector, min(limit, count), params=_only(wanted))
        return block.rows[found[0]], scores[0]

    parts = list(threads.map(one, blocks))
    if not parts:
        return _NO_ROWS, _NO_SCORES
    rows = np.concatenate([part[0] for part in parts])
    scores = np.concatenate([part[1] for part in parts])
    order = np.lexsort((rows, -scores))[:limit]
    return rows[order], scores[order]


def vectors_of(blocks: Blocks, rows: Rows, dimension: int) -> Vectors:
    """(n, dimension) float32 of `rows`, in their order; NaN where a row is absent."""
    found = np.full((len(rows), dimension), np.nan, np.float32)
    for block in blocks:
        at = np.minimum(np.searchsorted(block.rows, rows), len(block.rows) - 1)
        here = block.rows[at] == rows
        if here.any():
            found[here] = block.vectors[at[here]]
    return found


def scores_of(blocks: Blocks, vector: Vectors, rows: Rows, threads: Executor) -> Scores:
    """The cosines of `rows` to `vector` (1, dimension), in their order; NaN where a row is absent."""
    scores = np.full(len(rows), np.nan, np.float32)

    def one(block: Block) -> None:
        at = np.minimum(np.searchsorted(block.rows, rows), len(block.rows) - 1)
        here = block.rows[at] == rows
        if not here.any():
            return
        wanted = np.zeros(len(block.rows), bool)
        wanted[at[here]] = True
        products, found = block.scan.search(vector, int(wanted.sum()), params=_only(wanted))
        local = np.full(len(block.rows), np.nan, np.float32)
        local[found[0]] = products[0]
        scores[here] = local[at[here]]

    def all_blocks() -> None:
        for block in blocks:
            one(block)

    # Some thousand products take less time than handing them out to several threads.
    threads.submit(all_blocks).result()
    return scores


def one_thread_each() -> None:
    """To run first in each thread that scans: FAISS starts no threads of its own there."""
    faiss.omp_set_num_threads(1)


def _among(block: Block, rows: Rows) -> npt.NDArray[np.bool_]:
    """Which of the block's rows are among `rows`."""
    wanted = np.zeros(len(block.rows), bool)
    at = np.minimum(np.searchsorted(block.rows, rows), len(block.rows) - 1)
    wanted[at[block.rows[at] == rows]] = True
    return wanted


def _only(wanted: npt.NDArray[np.bool_]) -> Any:
    """What makes a scan look at the wanted rows alone."""
    # FAISS's Python layer takes arguments that its type stubs do not know.
    selector: Any = faiss.IDSelectorBitmap
    parameters: Any = faiss.SearchParameters
    return parameters(sel=selector(np.packbits(wanted, bitorder="little")))


def _block(rows: Rows, vectors: Halves) -> Block:
    scan = faiss.IndexScalarQuantizer(
        vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    # The bytes of a float16 row are FAISS's code for it, so nothing is converted or rounded again.
    scan.add_sa_codes(np.ascontiguousarray(vectors, np.float16).view(np.uint8))
    return Block(np.ascontiguousarray(rows, np.int64), scan)
