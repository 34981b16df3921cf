"""An index brought from one engine to the other."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from index_entries import random_entry, unit
from ipatent.cli import app
from ipatent.errors import IndexProblem
from ipatent.filters import Filters
from ipatent.index import Entry, Outcome, Within
from ipatent.index.embedded import EmbeddedIndex
from ipatent.index.qdrant import QdrantIndex
from ipatent.migrate import migrate
from servers import QdrantServer, qdrant
from tiny_encoder import SPEC


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QdrantServer]:
    with qdrant(tmp_path_factory.mktemp("qdrant")) as running:
        yield running


@pytest.fixture
def old(tmp_path: Path) -> Iterator[EmbeddedIndex]:
    rng = np.random.default_rng(1)
    with EmbeddedIndex.open(tmp_path / "index.sqlite", SPEC, create=True) as index:
        for number in range(30):
            index.put(random_entry(rng, f"USD{number}S1"))
        nothing = np.empty((0, SPEC.image_dim), np.float32)
        index.put(
            replace(
                random_entry(rng, "empty"),
                figures=(),
                image_vectors=nothing,
                caption_vectors=nothing[:, : SPEC.caption_dim],
            )
        )
        index.mark_source("source", '{"a": 1}')
        yield index


def test_a_migration_that_breaks_off_goes_on_and_gives_the_same_index(
    old: EmbeddedIndex, server: QdrantServer
) -> None:
    with QdrantIndex.open(f"qdrant://{server.node}/one", SPEC, create=True) as new:
        stray = random_entry(np.random.default_rng(5), "stray")
        new.put(stray)
        changed = replace(random_entry(np.random.default_rng(6), "USD3S1"), fingerprint="older")
        new.put(changed)

        def breaking(entries: list[Entry]) -> list[Outcome]:
            new.put_all(entries[:10])
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            migrate(old, new, breaking)
        steps: list[tuple[int, int]] = []
        summary = migrate(old, new, new.put_all, lambda done, total: steps.append((done, total)))
        assert (summary.unchanged, summary.removed, summary.sources) == (10, 1, 1)
        assert summary.new + summary.replaced == 21
        assert steps[-1] == (31, 31)
        assert new.patents(0, 100) == old.patents(0, 100)
        for patent in old.patents(0, 100):
            assert new.figures_of(patent.id) == old.figures_of(patent.id)
            assert new.fingerprint(patent.id) == old.fingerprint(patent.id)
        assert new.sources() == old.sources()
        query = unit(np.random.default_rng(2).standard_normal((1, SPEC.image_dim), dtype=np.float32))
        for within in (Within(), Within(Filters(captioned=True))):
            names = [
                {figure.id for figure, _ in index.figures_at(index.nearest_images(query, 20, within).rows)}
                for index in (old, new)
            ]
            assert len(names[0] & names[1]) >= 19
        again = migrate(old, new, new.put_all)
        assert (again.new, again.replaced, again.unchanged, again.removed) == (0, 0, 31, 0)


def test_a_new_index_that_something_else_writes_to_is_reported(
    old: EmbeddedIndex, server: QdrantServer
) -> None:
    with QdrantIndex.open(f"qdrant://{server.node}/two", SPEC, create=True) as new:

        def losing(entries: list[Entry]) -> list[Outcome]:
            return new.put_all(entries[1:])

        with pytest.raises(IndexProblem, match="do not hold the same"):
            migrate(old, new, losing)


def test_the_command_brings_an_index_over_and_says_how_to_use_it(
    old: EmbeddedIndex, server: QdrantServer, tmp_path: Path
) -> None:
    url = f"qdrant://{server.node}/three"
    done = CliRunner().invoke(app, ["migrate", "--to", url, "--data", str(tmp_path), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["new"] == 31
    done = CliRunner().invoke(app, ["migrate", "--to", url, "--data", str(tmp_path)])
    assert "31 unchanged" in done.output
    assert f"IPATENT_INDEX={url}" in done.output
