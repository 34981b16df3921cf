"""How fast filters and facets are at 1,000,000 generated figures, and a filtered scan beside a whole one.

Run with `python -m benchmarks.facets`; `--figures N` and `--runs N` change the size. The vectors are
random and short (32 numbers), since they do not matter to facets. The tables are filled directly, in
one transaction, without words.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.search import FIGURES_PER_PATENT, entries, resident_mb
from ipatent.encode import EncoderSpec
from ipatent.facets import BEST, FACETS
from ipatent.filters import NO_FILTERS, Choice, Filters
from ipatent.index import Within, rows, schema
from ipatent.index.embedded import EmbeddedIndex
from ipatent.index.look import Memory

DIM = 32
SPEC = EncoderSpec("benchmark", "0" * 64, "none", DIM, DIM, has_text_tower=False)
TARGET_MS = 100.0
OFFICES = (("US", "B2"), ("US", "S1"), ("EP", "A1"), ("WO", "A1"), ("JP", "A"), ("DE", "U1"))
TYPES = ("drawing", "drawing", "drawing", "flowchart", "block diagram", "table", "photograph")
VIEWS = ("perspective", "front", "rear", "top", "bottom", "sectional", "")
FILTERS = {
    "everything": NO_FILTERS,
    "section and date": Filters(cpc=Choice(("A",)), priority_before=date(2012, 1, 1)),
    "two subclasses, type": Filters(cpc=Choice(("A10B", "B20C")), type=Choice(("drawing",))),
    "applicant, not tables": Filters(applicant=Choice(("applicant 7",)), type=Choice(without=("table",))),
    "years": Filters(years=(2010, 2012)),
}


def fill(path: Path, figures: int) -> None:
    """An index of so many figures, its tables filled directly."""
    rng = np.random.default_rng(0)
    schema.open_file(path, create=True)
    patents = -(-figures // FIGURES_PER_PATENT)
    with closing(schema.connect(path)) as connection:
        connection.execute("BEGIN")
        (first,) = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'figures'").fetchone()
        for start in range(0, patents, 10_000):
            numbers = range(start, min(start + 10_000, patents))
            days = rng.integers(0, 14_000, len(numbers)) + date(1985, 1, 1).toordinal()
            published = [date.fromordinal(int(day)) for day in days]
            connection.executemany(
                "INSERT INTO patents (row, id, fingerprint, office, kind, published, filed, priority, family,"
                " title_key, sheets, figures, body) VALUES (?, ?, '', ?, ?, ?, NULL, ?, '', '', 7, 7, '{}')",
                (
                    (
                        number + 1,
                        f"P{number}",
                        *OFFICES[number % len(OFFICES)],
                        day.isoformat() if number % 20 else None,
                        date.fromordinal(day.toordinal() - 700).isoformat() if number % 3 else None,
                    )
                    for number, day in zip(numbers, published, strict=True)
                ),
            )
            symbols = rng.integers(0, (8, 30, 8, 40, 100), (len(numbers), 3, 5))
            connection.executemany(
                "INSERT INTO classifications VALUES (?, 'CPC', '', '', '', ?)",
                (
                    (number + 1, f"{chr(65 + a)}{b + 1:02d}{chr(65 + c)} {d + 1}/{e:02d}")
                    for number, own in zip(numbers, symbols.tolist(), strict=True)
                    for a, b, c, d, e in own
                ),
            )
            connection.executemany(
                "INSERT INTO applicants VALUES (?, ?)",
                ((number + 1, f"Applicant {int(who)} Inc.") for number, who in _owners(rng, numbers)),
            )
            count = len(numbers) * FIGURES_PER_PATENT
            vectors = rng.standard_normal((count, DIM), dtype=np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            halves = vectors.astype("<f2")
            connection.executemany(
                "INSERT INTO figures (row, id, patent, sheet, body, image_vector, caption_vector, type, view,"
                " captioned) VALUES (?, ?, ?, 1, '{}', ?, NULL, ?, ?, ?)",
                (
                    (
                        first + start * FIGURES_PER_PATENT + n + 1,
                        f"P{start}/{n}",
                        start + n // FIGURES_PER_PATENT + 1,
                        halves[n].tobytes(),
                        TYPES[(n * 31) % len(TYPES)],
                        VIEWS[n % len(VIEWS)],
                        n % 4 > 0,
                    )
                    for n in range(count)
                ),
            )
        connection.execute(
            "UPDATE state SET generation = 1, patents = ?, figures = ?, encoder = ?",
            (patents, patents * FIGURES_PER_PATENT, rows.spec_to_json(SPEC)),
        )
        connection.execute("COMMIT")


def _owners(rng: np.random.Generator, numbers: range) -> Iterable[tuple[int, int]]:
    return zip(numbers, rng.zipf(1.3, len(numbers)) % 20_000, strict=True)


def main() -> None:
    """Fill, count, narrow, print."""
    parser = argparse.ArgumentParser(description="Measure filters and facets over generated figures.")
    parser.add_argument("--figures", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=20)
    options, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.sqlite"
        started = time.perf_counter()
        fill(path, options.figures)
        print(f"filled          {time.perf_counter() - started:9.0f} s   ({options.figures:,} figures)")
        before = resident_mb()
        with EmbeddedIndex.open(path, SPEC) as index:
            started = time.perf_counter()
            index.nearest_images(np.ones((1, DIM), np.float32), 1)
            print(f"first search    {time.perf_counter() - started:9.1f} s   (reads all columns and vectors)")
            print(f"memory          {resident_mb() - before:9.0f} MB for columns and short vectors")
            measure(index, options.runs)


def measure(index: EmbeddedIndex, runs: int) -> None:
    """All facets, the scan and the newest, for each filter; then what a commit costs the next reader."""
    rng = np.random.default_rng(1)
    queries = rng.standard_normal((runs, 1, DIM), dtype=np.float32)
    for name, filters in FILTERS.items():
        taken, used, scanned = [], [], []
        size = 0
        for n in range(runs):
            within = Within(filters)
            index._memory = Memory()
            started = time.perf_counter()
            best = index.nearest_images(queries[n], BEST, within).rows
            scanned.append(1000 * (time.perf_counter() - started))
            index._memory = Memory()
            started, begun = time.perf_counter(), time.thread_time()
            size = index.facets(within, best, FACETS).figures
            taken.append(1000 * (time.perf_counter() - started))
            used.append(1000 * (time.thread_time() - begun))
        median = statistics.median(taken)
        print(
            f"{name:22}{size:9,} figures: all facets {median:6.1f} ms median,"
            f" {float(np.percentile(taken, 95)):6.1f} ms p95, {statistics.median(used):6.1f} ms of CPU"
            f"  {'ok' if median <= TARGET_MS else f'OVER {TARGET_MS:.0f} ms'};"
            f" narrow and scan {statistics.median(scanned):6.1f} ms"
        )
    entry = next(entries(7))
    eye = np.eye(FIGURES_PER_PATENT, DIM, dtype=np.float32)
    index.put(replace(entry, image_vectors=eye, caption_vectors=eye))
    started = time.perf_counter()
    index.nearest_images(queries[0], 1)
    print(f"after a commit  {1000 * (time.perf_counter() - started):9.1f} ms for the next search to catch up")


if __name__ == "__main__":
    main()
