"""The embedded index against an exact oracle of dicts and numpy, through puts, replaces and deletes."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index_entries import figure, random_entry, unit
from ipatent.errors import NotFound
from ipatent.index import Candidates, Entry, Index, vectors
from ipatent.index.embedded import EmbeddedIndex
from ipatent.patents import Patent, Vectors
from ipatent.wording import read_wording
from tiny_encoder import SPEC

ATOL = 2e-6


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.sqlite"


@pytest.fixture
def index(path: Path) -> Iterator[EmbeddedIndex]:
    with EmbeddedIndex.open(path, SPEC, create=True) as opened:
        yield opened


def named(index: Index, found: Candidates) -> dict[str, float]:
    """Scores by figure id, in the order found."""
    pairs = index.figures_at(found.rows)
    return {pair[0].id: float(score) for pair, score in zip(pairs, found.scores, strict=True)}


class Oracle:
    """What the index must answer, computed in the plainest way."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def cosines(self, kind: str, query: Vectors) -> dict[str, float]:
        scores = {}
        for entry in self.entries.values():
            matrix = entry.image_vectors if kind == "image" else entry.caption_vectors
            for each, vector in zip(entry.figures, matrix, strict=True):
                if vector.any():
                    scores[each.id] = float(
                        vector.astype(np.float16).astype(np.float64) @ query[0].astype(np.float64)
                    )
        return scores

    def check(self, index: Index, rng: np.random.Generator) -> None:
        status = index.status()
        assert status.patents == len(self.entries)
        assert status.figures == sum(len(entry.figures) for entry in self.entries.values())
        assert status.sheets == sum(entry.sheets for entry in self.entries.values())
        assert index.patents(limit=10**6) == tuple(self.entries[key].patent for key in sorted(self.entries))
        for kind, nearest, score, dimension in (
            ("image", index.nearest_images, index.image_scores, SPEC.image_dim),
            ("caption", index.nearest_captions, index.caption_scores, SPEC.caption_dim),
        ):
            query = unit(rng.standard_normal((1, dimension), dtype=np.float32))
            expected = self.cosines(kind, query)
            everything = nearest(query, 10**9)
            found = named(index, everything)
            assert found.keys() == expected.keys()
            assert list(found.values()) == sorted(found.values(), reverse=True)
            assert np.allclose([found[key] for key in expected], list(expected.values()), atol=ATOL)
            few = nearest(query, 5)
            assert few.rows.tolist() == everything.rows[:5].tolist()
            assert few.scores.dtype == np.float32
            shuffled = rng.permutation(everything.rows)
            scores = dict(zip(everything.rows.tolist(), everything.scores.tolist(), strict=True))
            assert score(query, shuffled).tolist() == [scores[row] for row in shuffled.tolist()]


def churn(index: EmbeddedIndex, oracle: Oracle, rng: np.random.Generator, steps: int) -> None:
    """Random puts, equal puts, replaces and deletes, on the index and the oracle."""
    for _ in range(steps):
        patent_id = f"P{int(rng.integers(25))}"
        if rng.random() < 0.3 and patent_id in oracle.entries:
            assert index.delete(patent_id) == len(oracle.entries.pop(patent_id).figures)
            continue
        entry = random_entry(rng, patent_id, fingerprint=str(rng.integers(3)))
        known = oracle.entries.get(patent_id)
        outcome = index.put(entry)
        if known is None:
            assert outcome == "new"
        elif known.fingerprint == entry.fingerprint:
            assert outcome == "unchanged"
            continue
        else:
            assert outcome == "replaced"
        oracle.entries[patent_id] = entry


@pytest.mark.parametrize("seed", range(4))
def test_any_history_of_changes_gives_the_same_answers_as_the_oracle(
    index: EmbeddedIndex, path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small blocks, so that a few dozen figures fill several and replacing spans them.
    monkeypatch.setattr(vectors, "BLOCK", 7)
    rng = np.random.default_rng(seed)
    oracle = Oracle()
    with EmbeddedIndex.open(path) as other:
        for _ in range(8):
            churn(index, oracle, rng, 12)
            oracle.check(index, rng)
            oracle.check(other, rng)
    with EmbeddedIndex.open(path, SPEC) as reopened:
        oracle.check(reopened, rng)
        for patent_id, entry in oracle.entries.items():
            assert reopened.patent(patent_id) == entry.patent
            assert reopened.figures_of(patent_id) == entry.figures
            assert reopened.fingerprint(patent_id) == entry.fingerprint
            for each, vector in zip(entry.figures, entry.image_vectors, strict=True):
                assert reopened.figure(each.id) == each
                assert np.allclose(reopened.image_vector(each.id)[0], vector, atol=1e-3)


def test_an_empty_index_answers_everything_with_nothing(index: EmbeddedIndex) -> None:
    rows = np.empty(0, np.int64)
    assert not len(index.nearest_images(np.ones((1, SPEC.image_dim), np.float32), 10).rows)
    assert not len(index.nearest_captions(np.ones((1, SPEC.caption_dim), np.float32), 10).rows)
    assert not len(index.matching_words(read_wording("chair"), 10).rows)
    assert index.figures_at(rows) == ()
    assert not len(index.word_scores(read_wording("chair"), rows))
    assert index.patents() == ()


def test_a_patent_without_figures_is_kept(index: EmbeddedIndex) -> None:
    empty = Entry(
        Patent("P1", title="Chair"),
        (),
        np.empty((0, SPEC.image_dim), np.float32),
        np.empty((0, SPEC.caption_dim), np.float32),
        "1",
        0,
    )
    assert index.put(empty) == "new"
    assert index.patent("P1").title == "Chair"
    assert index.figures_of("P1") == ()
    assert not len(index.matching_words(read_wording("chair"), 10).rows)
    assert index.delete("P1") == 0


def test_what_is_unknown_is_reported_by_name(index: EmbeddedIndex) -> None:
    for ask in (index.patent, index.figure, index.figures_of, index.image_vector, index.delete):
        with pytest.raises(NotFound, match="P9"):
            ask("P9")
    assert index.fingerprint("P9") is None
    with pytest.raises(NotFound):
        index.figures_at(np.array([17]))


def test_an_id_that_is_not_utf_8_is_stored_and_found(index: EmbeddedIndex) -> None:
    entry = random_entry(np.random.default_rng(0), "scan \udcff\n'2'", figures=2)
    assert index.put(entry) == "new"
    assert index.put(entry) == "unchanged"
    assert index.patent(entry.patent.id) == entry.patent
    assert index.figures_of(entry.patent.id) == entry.figures
    assert index.delete(entry.patent.id) == 2


def test_figures_come_in_the_order_asked_for(index: EmbeddedIndex) -> None:
    rng = np.random.default_rng(3)
    for number in range(10):
        index.put(random_entry(rng, f"P{number}"))
    rows = rng.permutation(index.nearest_images(np.ones((1, SPEC.image_dim), np.float32), 100).rows)
    forwards = index.figures_at(rows)
    assert index.figures_at(rows[::-1]) == forwards[::-1]
    assert all(each.patent_id == patent.id for each, patent in forwards)


def test_equal_vectors_get_equal_scores_wherever_they_lie(
    index: EmbeddedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "BLOCK", 5)
    rng = np.random.default_rng(5)
    same = unit(rng.standard_normal((1, SPEC.image_dim), dtype=np.float32))
    for number in range(12):
        entry = random_entry(rng, f"P{number:02}", figures=3)
        index.put(replace(entry, image_vectors=np.concatenate([entry.image_vectors[:2], same])))
    found = index.nearest_images(same, 12)
    assert len(set(found.scores.tolist())) == 1
    assert [each.id for each, _ in index.figures_at(found.rows)] == [f"P{n:02}/3/1" for n in range(12)]


@pytest.mark.parametrize("spoil", ["shape", "nan", "stray", "twice"])
def test_an_entry_that_contradicts_itself_is_refused(index: EmbeddedIndex, spoil: str) -> None:
    entry = random_entry(np.random.default_rng(0), "P1", figures=2)
    if spoil == "shape":
        entry = replace(entry, image_vectors=entry.image_vectors[:1])
    elif spoil == "nan":
        entry = replace(entry, caption_vectors=np.full_like(entry.caption_vectors, np.nan))
    elif spoil == "stray":
        entry = replace(entry, figures=(entry.figures[0], figure("P2", 1)))
    else:
        entry = replace(entry, figures=(entry.figures[0], entry.figures[0]))
    with pytest.raises(ValueError, match="P1"):
        index.put(entry)
    assert index.generation() == 0


def test_the_generation_grows_with_every_commit_and_only_then(index: EmbeddedIndex) -> None:
    rng = np.random.default_rng(0)
    entry = random_entry(rng, "P1")
    seen = [index.generation()]
    index.put(entry)
    seen.append(index.generation())
    index.put(replace(entry, fingerprint="2"))
    seen.append(index.generation())
    index.mark_source("abc", "{}")
    seen.append(index.generation())
    index.delete("P1")
    seen.append(index.generation())
    assert seen == sorted(set(seen))
    index.put(entry)
    before = index.generation()
    index.put(entry)
    index.matching_words(read_wording("chair"), 3)
    assert index.generation() == before


def test_sources_are_remembered_with_their_summaries(index: EmbeddedIndex, path: Path) -> None:
    index.mark_source("b" * 64, '{"patents": 2}')
    index.mark_source("a" * 64, "{}")
    index.mark_source("a" * 64, '{"patents": 1}')
    with EmbeddedIndex.open(path) as other:
        assert other.sources() == {"a" * 64: '{"patents": 1}', "b" * 64: '{"patents": 2}'}


def test_patents_can_be_paged_through(index: EmbeddedIndex) -> None:
    rng = np.random.default_rng(0)
    for number in (3, 1, 2, 5, 4):
        index.put(random_entry(rng, f"P{number}"))
    assert [patent.id for patent in index.patents(0, 2)] == ["P1", "P2"]
    assert [patent.id for patent in index.patents(4, 2)] == ["P5"]
    assert index.patents(5, 2) == ()


def test_many_threads_may_search_while_one_writes(index: EmbeddedIndex) -> None:
    rng = np.random.default_rng(0)
    index.put(random_entry(rng, "P0"))
    problems: list[BaseException] = []
    done = threading.Event()

    def reads() -> None:
        own = np.random.default_rng(1)
        while not done.is_set():
            try:
                query = unit(own.standard_normal((1, SPEC.image_dim), dtype=np.float32))
                found = index.nearest_images(query, 20)
                assert len(found.rows) == min(20, len(found.rows))
                assert index.image_scores(query, found.rows).tolist() == found.scores.tolist()
                index.word_scores(read_wording("chair"), found.rows)
                index.figures_at(found.rows)
            except BaseException as problem:
                problems.append(problem)
                return

    threads = [threading.Thread(target=reads) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 60):
        index.put(random_entry(rng, f"P{number}"))
    done.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert index.status().patents == 60


def test_a_reader_is_not_held_up_by_a_writer_in_the_middle_of_a_transaction(
    index: EmbeddedIndex, path: Path
) -> None:
    index.put(random_entry(np.random.default_rng(0), "P1", figures=2))
    with EmbeddedIndex.open(path) as other, other._writing() as connection:
        connection.execute("UPDATE state SET patents = 100")
        started = time.perf_counter()
        assert index.status().patents == 1
        assert len(index.nearest_images(np.ones((1, SPEC.image_dim), np.float32), 9).rows) == 2
        assert time.perf_counter() - started < 5
