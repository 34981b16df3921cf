"""Adaptation: a head learned from the figures of an index, kept only where it helps, and taken back."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from index_entries import figure
from ipatent.adapt import Examples, learn, measured, validate
from ipatent.adapting import Place, adapt, undo
from ipatent.cli import app
from ipatent.encode.choice import choose
from ipatent.encode.head import FOLDER, AdaptedEncoder, Head, adapted_spec
from ipatent.encode.matching import check_encoder
from ipatent.errors import EncoderError, EncoderMismatch, QueryError
from ipatent.index import Entry
from ipatent.index.embedded import EmbeddedIndex
from ipatent.index.restating import restate
from ipatent.objects import Objects
from ipatent.patents import Patent, Pixels, Vectors
from ipatent.pictures import encode_png
from ipatent.query import Example, Query
from ipatent.records import Database, Grade
from ipatent.records.judged_groups import judged_groups
from ipatent.records.judgements import judge
from ipatent.search import search
from ipatent.settings import Settings
from tiny_encoder import TinyEncoder

PATENTS, VIEWS, PIXELS = 24, 4, 1_000_000


class CountingEncoder(TinyEncoder):
    """The tiny encoder, which counts the pictures it encodes."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded = 0

    def encode_pictures(self, pictures: Sequence[Pixels]) -> Vectors:
        self.encoded += len(pictures)
        return super().encode_pictures(pictures)


def picture(patent: int, view: int, telling: bool = True) -> Pixels:
    """Faint ink on the left that all views of a patent share, and strong ink on the right that none do."""
    cells = np.zeros((8, 8))
    if telling:
        cells[:, :3] = np.random.default_rng(patent).uniform(0, 110, (8, 3))
    cells[:, 3:] = np.random.default_rng((patent, view)).uniform(0, 255, (8, 5))
    return np.kron(255 - cells, np.ones((6, 6))).astype(np.uint8)


def entry(patent: int, encoder: TinyEncoder, objects: Objects, telling: bool = True) -> Entry:
    patent_id = f"USD{patent}S1"
    pictures = [picture(patent, view, telling) for view in range(VIEWS)]
    figures = tuple(
        replace(figure(patent_id, view + 1), image=objects.put(encode_png(pixels)))
        for view, pixels in enumerate(pictures)
    )
    captions = encoder.encode_captions(["a view"] * VIEWS)
    return Entry(Patent(patent_id), figures, encoder.encode_pictures(pictures), captions, "1", VIEWS)


def fill(folder: Path, encoder: TinyEncoder, patents: int = PATENTS, telling: bool = True) -> Place:
    place = Place(folder / "index.sqlite", encoder, Objects.open(folder / "objects"), folder / FOLDER, PIXELS)
    with EmbeddedIndex.open(place.path, encoder.spec, create=True) as index:
        for patent in range(patents):
            index.put(entry(patent, encoder, place.objects, telling))
    return place


def stored(path: Path) -> Vectors:
    with EmbeddedIndex.open(path) as index:
        return index.image_vectors_at(np.sort(index.newest(10_000).rows))


def adapted_place(place: Place) -> Place:
    with EmbeddedIndex.open(place.path) as index:
        spec = index.status().encoder
    assert spec
    base = place.base
    head = Head.load(place.folder, spec.name.rpartition("-")[2])
    return replace(place, encoder=AdaptedEncoder(base, head))


def examples(patents: int, seed: int = 0, judged: tuple[np.ndarray, ...] = ()) -> Examples:
    """Vectors of which the first dimensions tell patents apart and the others, louder, say nothing."""
    dice = np.random.default_rng(seed)
    owner = np.repeat(np.arange(patents), VIEWS)
    telling = dice.standard_normal((patents, 6))[owner] * 0.4
    rows = np.hstack([telling, dice.standard_normal((len(owner), 10))])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Examples(rows.astype(np.float32), owner, owner, judged)


def test_figures_of_unseen_patents_are_found_better_under_the_head() -> None:
    verdict = validate(examples(40))
    assert verdict.helps
    assert verdict.average_precision.after > verdict.average_precision.before + 0.1
    assert verdict.topics == 40 * VIEWS
    head = learn(examples(40), verdict.shrinkage)
    unseen = examples(40, seed=1)
    assert measured(head.apply(unseen.vectors), unseen.patents) > measured(unseen.vectors, unseen.patents)


def test_nothing_is_gained_where_patents_have_nothing_in_common() -> None:
    dice = np.random.default_rng(0)
    rows = dice.standard_normal((160, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    owner = np.repeat(np.arange(40), 4)
    assert not validate(Examples(rows, owner, owner)).helps


def test_the_same_seed_gives_the_same_verdict_and_the_same_head() -> None:
    assert validate(examples(20)) == validate(examples(20))
    assert learn(examples(20), 0.5).digest == learn(examples(20), 0.5).digest


def test_too_few_patents_are_refused_with_what_it_takes() -> None:
    with pytest.raises(QueryError, match="Only 9 patents"):
        validate(examples(9))


def test_members_of_a_family_never_stand_on_both_sides() -> None:
    """Patents that are copies of each other would make anything learned by heart look good."""
    some = examples(20)
    twice = Examples(
        np.concatenate([some.vectors, some.vectors]),
        np.concatenate([some.patents, some.patents + 20]),
        np.concatenate([some.families, some.families]),
    )
    apart = replace(twice, families=twice.patents)
    together = validate(twice)
    assert together.average_precision.after <= validate(apart).average_precision.after


def test_judgements_teach_what_patents_alone_do_not() -> None:
    groups = tuple(np.flatnonzero(examples(60).patents == n) for n in range(12, 60))
    more = examples(60)
    alone = np.arange(len(more.patents))
    # Only twelve patents are known as such; the other figures are alone in theirs.
    known = np.where(more.patents < 12, more.patents, 1000 + alone)
    known = np.unique(known, return_inverse=True)[1]
    without = learn(Examples(more.vectors, known, known), 0.1)
    judged = learn(Examples(more.vectors, known, known, groups), 0.1)
    unseen = examples(60, seed=3)
    assert measured(judged.apply(unseen.vectors), unseen.patents) > measured(
        without.apply(unseen.vectors), unseen.patents
    )


def test_an_index_is_adapted_without_reading_a_drawing_and_searched_through_the_same_head(
    tmp_path: Path,
) -> None:
    encoder = CountingEncoder()
    place = fill(tmp_path, encoder)
    before, encoded = stored(place.path), encoder.encoded
    done = adapt(place)
    assert done.kept
    assert done.figures == PATENTS * VIEWS
    assert encoder.encoded == encoded
    now = adapted_place(place)
    assert now.encoder.spec.name == done.encoder
    assert isinstance(now.encoder, AdaptedEncoder)
    np.testing.assert_allclose(stored(place.path), now.encoder.head.apply(before), atol=2e-3)
    with EmbeddedIndex.open(place.path, now.encoder.spec) as index:
        best = search(
            Query(examples=(Example(picture(3, 0), any_way_up=False),), k=4), index, now.encoder
        ).hits
    assert {hit.patent.id for hit in best} == {"USD3S1"}


def test_the_plain_encoder_is_refused_after_an_index_was_adapted(tmp_path: Path) -> None:
    place = fill(tmp_path, TinyEncoder())
    adapt(place)
    with EmbeddedIndex.open(place.path) as index, pytest.raises(EncoderMismatch, match="--re-encode"):
        search(Query(examples=(Example(picture(3, 0)),)), index, TinyEncoder())


def test_a_reader_that_has_the_index_open_sees_the_new_vectors(tmp_path: Path) -> None:
    place = fill(tmp_path, TinyEncoder())
    with EmbeddedIndex.open(place.path) as reader:
        rows = np.sort(reader.newest(1000).rows)
        before = reader.image_vectors_at(rows)
        adapt(place)
        assert np.abs(reader.image_vectors_at(rows) - before).max() > 0.01
        np.testing.assert_array_equal(reader.image_vectors_at(rows), stored(place.path))


def test_undoing_gives_back_every_vector_and_encodes_only_what_came_later(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    place = fill(tmp_path, encoder)
    before = stored(place.path)
    adapt(place)
    now = adapted_place(place)
    with EmbeddedIndex.open(place.path, now.encoder.spec) as index:
        later = entry(PATENTS, now.encoder, place.objects)
        index.put(later)
    encoded = encoder.encoded
    assert undo(now) == (PATENTS + 1) * VIEWS
    assert encoder.encoded == encoded + VIEWS
    after = stored(place.path)
    np.testing.assert_array_equal(after[: len(before)], before)
    np.testing.assert_allclose(
        after[len(before) :],
        TinyEncoder().encode_pictures([picture(PATENTS, n) for n in range(VIEWS)]),
        atol=1e-3,
    )
    with EmbeddedIndex.open(place.path) as index:
        assert index.status().encoder == encoder.spec
    assert not place.folder.exists()


def test_adapting_again_starts_from_the_plain_vectors(tmp_path: Path) -> None:
    place = fill(tmp_path, TinyEncoder())
    first = adapt(place)
    again = adapt(adapted_place(place))
    assert again.encoder == first.encoder
    assert again.verdict == first.verdict
    assert len(list(place.folder.glob("*.npz"))) == 1


def test_what_does_not_help_is_not_kept(tmp_path: Path) -> None:
    place = fill(tmp_path, TinyEncoder(), telling=False)
    before = stored(place.path)
    done = adapt(place)
    assert not done.kept
    assert not done.verdict.helps
    np.testing.assert_array_equal(stored(place.path), before)
    with EmbeddedIndex.open(place.path) as index:
        assert index.status().encoder == TinyEncoder().spec


def test_a_trial_changes_nothing(tmp_path: Path) -> None:
    place = fill(tmp_path, TinyEncoder())
    before = stored(place.path)
    done = adapt(place, trial=True)
    assert done.verdict.helps
    assert not done.kept
    np.testing.assert_array_equal(stored(place.path), before)


def test_undoing_what_was_never_done_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="not adapted"):
        undo(fill(tmp_path, TinyEncoder(), patents=2))


def test_an_adaptation_that_is_killed_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    place = fill(tmp_path, TinyEncoder())
    before = stored(place.path)
    program = textwrap.dedent(
        f"""
        import sys, time
        from pathlib import Path
        from ipatent.index import restating, vectors
        from ipatent.adapting import Place, adapt
        from ipatent.objects import Objects
        from tiny_encoder import TinyEncoder

        written = 0
        to_bytes = vectors.to_bytes

        def slow(vector):
            global written
            written += 1
            if written == 50:
                print("half", flush=True)
                time.sleep(60)
            return to_bytes(vector)

        vectors.to_bytes = slow
        folder = Path({str(tmp_path)!r})
        adapt(Place(folder / "index.sqlite", TinyEncoder(), Objects.open(folder / "objects"),
                    folder / "adapted", {PIXELS}))
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )
    assert child.stdout
    assert child.stdout.readline() == b"half\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    np.testing.assert_array_equal(stored(place.path), before)
    with EmbeddedIndex.open(place.path) as index:
        assert index.status().encoder == TinyEncoder().spec
    started = time.monotonic()
    assert adapt(place).kept
    assert time.monotonic() - started < 30


def test_an_adapted_built_in_encoder_is_opened_by_the_name_in_the_index(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), encoder="builtin")
    plain = choose(settings, None)
    identity = Head(np.zeros(1280, np.float32), np.eye(1280, dtype=np.float32))
    identity.save(tmp_path / FOLDER)
    spec = adapted_spec(plain.spec, identity)
    for name in ("auto", "builtin", spec.name):
        assert choose(replace(settings, encoder=name), spec).spec == spec
    with pytest.raises(EncoderMismatch, match="--encoder builtin"):
        check_encoder(plain.spec, spec)


def test_a_missing_or_damaged_head_is_told_with_the_way_out(tmp_path: Path) -> None:
    head = Head(np.zeros(4, np.float32), np.eye(4, dtype=np.float32))
    path = head.save(tmp_path)
    assert Head.load(tmp_path, path.stem).digest == head.digest
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(EncoderError, match="damaged"):
        Head.load(tmp_path, path.stem)
    path.unlink()
    with pytest.raises(EncoderError, match="missing"):
        Head.load(tmp_path, path.stem)


def test_judgements_give_groups_of_figures_with_the_figure_asked_with(records: Database) -> None:
    by_figure = (("like", "USD1S1/1/1"),)
    judge(records, by_figure, "USD2S1/1/1", Grade.RELEVANT)
    judge(records, by_figure, "USD3S1/1/1", Grade.PARTLY)
    judge(records, by_figure, "USD4S1/1/1", Grade.NOT)
    judge(records, (("q", "chair"),), "USD5S1/1/1", Grade.RELEVANT)
    judge(records, (("q", "chair"),), "USD6S1/1/1", Grade.RELEVANT)
    judge(records, (("q", "lamp"),), "USD7S1/1/1", Grade.RELEVANT)
    judge(records, (("like", "USD8S1/1/1@1,2,3,4"),), "USD9S1/1/1", Grade.RELEVANT)
    assert sorted(sorted(group) for group in judged_groups(records)) == [
        ["USD1S1/1/1", "USD2S1/1/1"],
        ["USD5S1/1/1", "USD6S1/1/1"],
    ]


def test_the_command_says_what_it_gained_and_takes_it_back(tmp_path: Path) -> None:
    encoder = choose(Settings(data=str(tmp_path), encoder="ahdh"), None)
    place = Place(
        tmp_path / "index.sqlite", encoder, Objects.open(tmp_path / "objects"), tmp_path / FOLDER, PIXELS
    )
    with EmbeddedIndex.open(place.path, encoder.spec, create=True) as index:
        for patent in range(12):
            index.put(entry(patent, encoder, place.objects))

    def run(*more: str) -> Result:
        return CliRunner().invoke(app, ["adapt", "--data", str(tmp_path), *more])

    tried = json.loads(run("--trial", "--json").stdout)
    assert tried["kept"] is False
    assert tried["topics"] == 12 * VIEWS
    head = Head(
        np.zeros(encoder.spec.image_dim, np.float32), np.eye(encoder.spec.image_dim, dtype=np.float32)
    )
    head.save(place.folder)
    with EmbeddedIndex.open(place.path) as index:
        vectors = stored(place.path)
        names = [f.image for p in index.patents() for f in index.figures_of(p.id)]
    known = dict(zip(names, vectors, strict=True))
    restate(
        place.path,
        encoder.spec,
        adapted_spec(encoder.spec, head),
        lambda some: head.apply(np.array([known[name] for name in some])),
    )
    assert "+adapted-" in CliRunner().invoke(app, ["status", "--data", str(tmp_path)]).stdout
    assert "48 figures have the vectors of ahdh again" in run("--undo").stdout
    with EmbeddedIndex.open(place.path) as index:
        assert index.status().encoder == encoder.spec


def test_an_index_on_a_server_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    command = ["adapt", "--data", str(tmp_path), "--set", "index=qdrant://127.0.0.1:1"]
    refused = CliRunner().invoke(app, command)
    assert isinstance(refused.exception, QueryError)
    assert "cannot be adapted" in refused.exception.message
