"""Patches: compact local features on file, and rankings that look closer with them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drawn_patents import Library, fill
from ipatent.encode.spatial import SpatialEncoder, open_spatial
from ipatent.errors import IndexProblem, NotFound, QueryError
from ipatent.patches import (
    DIMENSIONS,
    Basis,
    CloserLook,
    PatchStore,
    closer_look,
    looked_closer,
    patch_likeness,
)
from ipatent.patents import Figure, Pixels
from ipatent.pictures import open_picture
from ipatent.query import Example, Query
from ipatent.search import search
from tiny_encoder import TinyEncoder


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Four drawn patents, their patches prepared."""
    library = fill(tmp_path_factory.mktemp("patches"), TinyEncoder(), patents=4)
    prepare(library, library.figures)
    return library


def picture(library: Library, figure: Figure) -> Pixels:
    return open_picture(library.state.objects.get(figure.image), 10**8)


def prepare(library: Library, figures: tuple[Figure, ...]) -> int:
    store = PatchStore.of(library.state.settings.data_dir)
    return store.prepare(figures, lambda figure: picture(library, figure), open_spatial(1), lambda _: None)


def look(library: Library) -> CloserLook:
    return closer_look(replace(library.state.settings, threads=1))()


def test_preparing_again_adds_nothing(shelf: Library) -> None:
    assert prepare(shelf, shelf.figures) == 0
    found = PatchStore.of(shelf.state.settings.data_dir).read([figure.image for figure in shelf.figures])
    assert set(found) == {figure.image for figure in shelf.figures}
    assert all(each.shape[1] == DIMENSIONS and len(each) > 10 for each in found.values())


def test_a_drawing_is_most_like_itself(shelf: Library) -> None:
    for place in (0, 7, 19):
        asked = shelf.figures[place]
        by_id = look(shelf).likeness([asked], shelf.figures)
        by_pixels = look(shelf).likeness([picture(shelf, asked)], shelf.figures)
        assert by_id.argmax() == by_pixels.argmax() == place


def test_figures_without_patches_keep_to_their_cosine() -> None:
    calibrated = np.array([0.9, 0.8, 0.7, 0.6])
    raw = np.array([0.9, 0.8, 0.7, 0.6], np.float32)
    places = np.arange(4)
    none = np.full(4, np.nan, np.float32)
    assert looked_closer(calibrated, raw, places, none).tolist() == calibrated.tolist()
    last = looked_closer(calibrated, raw, places, np.array([0.0, 0.0, np.nan, 0.9], np.float32))
    assert last[3] == 0.8
    assert sorted(last) == sorted(calibrated)


def test_only_the_best_are_dealt_out_anew() -> None:
    calibrated = np.array([0.9, 0.1, 0.8])
    moved = looked_closer(
        calibrated, calibrated.astype(np.float32), np.array([0, 2]), np.array([0.0, 0.4], np.float32)
    )
    assert moved[1] == 0.1


def test_a_search_looks_closer_where_that_is_asked_for(shelf: Library) -> None:
    state = shelf.state
    asked = shelf.figures[6]
    query = Query(examples=(Example(like=asked.id),), k=20, rerank=("patches",))
    closer = search(query, state.index, state.encoder, closer=lambda: look(shelf))
    plain = search(replace(query, rerank=()), state.index, state.encoder)
    assert closer.hits[0].figure.id == asked.id
    assert {hit.figure.id for hit in closer.hits} == {hit.figure.id for hit in plain.hits}
    assert [hit.figure.id for hit in closer.hits] != [hit.figure.id for hit in plain.hits]
    drawn = Query(examples=(Example(picture(shelf, asked)),), k=5, rerank=("patches",))
    again = search(drawn, state.index, state.encoder, closer=lambda: look(shelf))
    assert again.hits[0].figure.id == asked.id


def test_words_alone_need_no_patches(shelf: Library) -> None:
    found = search(Query("lamp", rerank=("patches",)), shelf.state.index, shelf.state.encoder)
    assert found.hits


def test_without_preparation_a_closer_look_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="not prepared") as refused:
        CloserLook.open(tmp_path, lambda: open_spatial(1))
    assert "ipatent patches" in refused.value.advice


def test_patches_of_another_model_are_prepared_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=1)
    assert prepare(library, library.figures) == 5
    monkeypatch.setattr("ipatent.patches.model_hash", lambda: "another")
    assert PatchStore.of(tmp_path).basis() is None
    assert prepare(library, library.figures) == 5


def test_a_missing_drawing_is_told_and_what_was_prepared_stays(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=1)
    assert prepare(library, library.figures[:3]) == 3
    gone = replace(library.figures[3], image="0" * 64)
    with pytest.raises(NotFound):
        prepare(library, (*library.figures[:3], gone))
    assert prepare(library, library.figures) == 2


def test_a_damaged_file_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "patches.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(IndexProblem, match="cannot be used"):
        PatchStore.of(tmp_path).basis()


def test_likeness_is_nothing_without_places_and_largest_for_the_same(shelf: Library) -> None:
    encoder: SpatialEncoder = open_spatial(1)
    features = encoder.encode([picture(shelf, shelf.figures[0])])[0].features
    compact = Basis.learnt(features).compact(features)
    assert patch_likeness(compact, compact[:0]) == 0.0
    assert patch_likeness(compact, compact) == pytest.approx(0.5, abs=0.05)
