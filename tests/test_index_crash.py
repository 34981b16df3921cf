"""Several processes, killed processes and full disks: what was reported as stored is there, and whole."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index_entries import random_entry
from ipatent.errors import IndexProblem
from ipatent.index.embedded import EmbeddedIndex
from ipatent.wording import read_wording
from tiny_encoder import SPEC

HERE = Path(__file__).parent

# Puts patents NAME0, NAME1, ... and names each on its own line once `put` has returned.
_WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from index_entries import random_entry
from ipatent.index.embedded import EmbeddedIndex
from tiny_encoder import SPEC
path, name, count = sys.argv[2], sys.argv[3], int(sys.argv[4])
rng = np.random.default_rng(1)
with EmbeddedIndex.open(path, SPEC, create=True) as index:
    for number in range(count):
        index.put(random_entry(rng, f"{name}{number}", figures=3))
        print(f"{name}{number}", flush=True)
"""


def writer(path: Path, name: str, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(HERE), str(path), name, str(count)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def sound(path: Path) -> bool:
    connection = sqlite3.connect(path)
    try:
        checks = [connection.execute("PRAGMA integrity_check").fetchall()]
        checks.append([("ok",)] if not connection.execute("PRAGMA foreign_key_check").fetchall() else [])
        for table in ("figure_words", "patent_words"):
            # Raises when the words and their inverted lists do not agree.
            connection.execute(f"INSERT INTO {table}({table}) VALUES ('integrity-check')")
        return checks == [[("ok",)], [("ok",)]]
    finally:
        connection.close()


@pytest.mark.parametrize("acknowledged", [1, 7, 23])
def test_a_killed_writer_loses_nothing_that_it_reported(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "index.sqlite"
    process = writer(path, "P", 100_000)
    assert process.stdout
    told = [process.stdout.readline().strip() for _ in range(acknowledged)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.read().split()
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    assert sound(path)
    with EmbeddedIndex.open(path, SPEC) as index:
        status = index.status()
        stored = {patent.id for patent in index.patents(limit=10**6)}
        assert set(told) <= stored
        assert len(stored) <= len(set(told)) + 1
        assert status.patents == len(stored)
        assert status.figures == 3 * len(stored)
        assert (
            len(index.nearest_images(np.ones((1, SPEC.image_dim), np.float32), 10**6).rows) == status.figures
        )
        assert all(len(index.figures_of(patent_id)) == 3 for patent_id in stored)
        assert index.put(random_entry(np.random.default_rng(2), "after", figures=1)) == "new"


def test_two_writers_at_once_both_succeed(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    processes = [writer(path, name, 60) for name in ("P", "Q")]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    assert sound(path)
    with EmbeddedIndex.open(path) as index:
        stored = {patent.id for patent in index.patents(limit=1000)}
        assert stored == {f"{name}{number}" for name in "PQ" for number in range(60)}
        assert index.status().figures == 360


def test_an_open_index_finds_within_two_seconds_what_another_process_commits(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with EmbeddedIndex.open(path, SPEC, create=True) as index:
        index.put(random_entry(np.random.default_rng(9), "mine", figures=2))
        query = np.ones((1, SPEC.image_dim), np.float32)
        assert len(index.nearest_images(query, 100).rows) == 2
        before = index.generation()
        process = writer(path, "P", 3)
        assert process.stdout
        for number in range(3):
            assert process.stdout.readline().strip() == f"P{number}"
            deadline = time.monotonic() + 2
            while len(index.nearest_images(query, 100).rows) < 2 + 3 * (number + 1):
                assert time.monotonic() < deadline
        assert process.communicate(timeout=30)[1] == ""
        assert index.generation() > before
        assert index.status().patents == 4


def test_a_full_disk_is_reported_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    rng = np.random.default_rng(0)
    big = random_entry(rng, "big", figures=4)
    big = replace(big, patent=replace(big.patent, description="x" * 3_000_000))
    with EmbeddedIndex.open(path, SPEC, create=True) as index:
        index.put(random_entry(rng, "small", figures=2))
        # SQLite answers a file at its page limit exactly as it does a full disk.
        with index._reading() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 20}")
        before = index.status()
        with pytest.raises(IndexProblem, match="The disk is full") as caught:
            index.put(big)
        assert "Free some space" in caught.value.advice
        assert index.status() == replace(before, bytes=index.status().bytes)
        assert [patent.id for patent in index.patents()] == ["small"]
        assert not len(index.matching_words(read_wording("big"), 10).rows)
        with index._reading() as connection:
            connection.execute("PRAGMA max_page_count = 1000000")
        assert index.put(big) == "new"
    assert sound(path)


_FULL_DISK = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from index_entries import random_entry
from ipatent.errors import IndexProblem
from ipatent.index.embedded import EmbeddedIndex
from tiny_encoder import SPEC
rng = np.random.default_rng(1)
index = EmbeddedIndex.open(sys.argv[2], SPEC, create=True)
stored = 0
try:
    while stored < 20_000:
        index.put(random_entry(rng, f"P{stored}", figures=3))
        stored += 1
except IndexProblem as problem:
    print(problem)
print(stored, index.status().patents)
"""


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="only root on Linux may mount a small disk",
)
def test_a_disk_that_really_fills_up_is_reported(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = f'mount -t tmpfs -o size=8m none "{disk}" || exit 77; exec "$@"'
    done = subprocess.run(
        [
            "unshare",
            "--mount",
            "sh",
            "-c",
            mounting,
            "sh",
            sys.executable,
            "-c",
            _FULL_DISK,
            HERE,
            disk / "i.sqlite",
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("may not mount a small disk here")
    assert done.returncode == 0, done.stderr
    message, counts = done.stdout.splitlines()
    assert message.startswith("The disk is full")
    stored, there = counts.split()
    assert stored == there
    assert int(stored) > 10
