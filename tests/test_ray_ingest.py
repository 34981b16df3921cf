"""An ingest on Ray gives what one on this machine gives, whatever is lost on the way."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ipatent import ray_ingest
from ipatent.cli import app
from ipatent.errors import ClusterProblem, EncoderError
from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import IngestSummary, Step, ingest
from ipatent.objects import Objects
from ipatent.ray_ingest import RayStages
from ipatent.settings import Settings
from library_files import of_index
from patent_files import drawing, write_patent
from tiny_encoder import SPEC, TinyEncoder

ray = pytest.importorskip("ray")

HERE = Path(__file__).parent
SETTINGS = Settings(processes=2, max_sheet_pixels=20_000_000)


@pytest.fixture(scope="module", autouse=True)
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cluster of this machine, whose workers find the modules of the tests."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH")))))
    patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))  # where readers keep what OCR read
    patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(
        num_cpus=4,
        include_dashboard=False,
        object_store_memory=100_000_000,
        logging_level="ERROR",
        log_to_driver=False,
    )
    yield
    ray.shutdown()
    patch.undo()


@pytest.fixture(scope="module")
def patents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some documents, of which a few cannot be read and one is an older version of another."""
    folder = tmp_path_factory.mktemp("patents")
    for n in range(6):
        write_patent(folder / f"p{n}.pdf", f"D900,{n:03}", f"THING {n}", sheets=2, seed=n)
    write_patent(folder / "p3 again.pdf", "D900,003", "THING 3", sheets=1, seed=33)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing")
    (folder / "half.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    (folder / "mug").mkdir()
    for n in range(3):
        drawing(n, 200, 150).save(folder / "mug" / f"{n}.png")
    return folder


@pytest.fixture(scope="module")
def stages() -> Iterator[RayStages]:
    """Readers and an encoder on the cluster; they take their time to start."""
    with RayStages("auto", TinyEncoder, SPEC, SETTINGS) as started:
        yield started


@pytest.fixture(scope="module")
def expected(patents: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[IngestSummary, object]:
    """What an ingest on this machine gives."""
    return run(tmp_path_factory.mktemp("here"), patents)


def run(folder: Path, patents: Path, stages: RayStages | None = None) -> tuple[IngestSummary, object]:
    """The summary of an ingest, and all that the index and the objects hold afterwards."""
    with EmbeddedIndex.open(folder / "index.sqlite", SPEC, create=True) as index:
        summary = ingest([patents], index, TinyEncoder(), folder / "objects", SETTINGS, None, stages)
        objects = Objects.open(folder / "objects")
        return summary, (of_index(index), {one.name: objects.get(one.name) for one in objects.each()})


def told(summary: IngestSummary) -> object:
    """What a summary tells, save the time and the order in which documents were finished."""
    counts = (summary.files, summary.patents, summary.sheets, summary.figures, summary.new)
    return counts, sorted(map(repr, summary.skipped)), sorted(map(repr, summary.notes))


def workers(name: str) -> list[int]:
    """The processes of actors of this name that this test's cluster runs."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            ancestors, at = set(), int(folder.name)
            while at > 1:
                ancestors.add(at)
                at = int((Path("/proc") / str(at) / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if command.startswith(f"ray::{name}".encode()) and os.getpid() in ancestors:
            found.append(int(folder.name))
    return found


def test_the_same_patents_vectors_objects_and_skips_come_out(
    patents: Path, expected: tuple[IngestSummary, object], stages: RayStages, tmp_path: Path
) -> None:
    steps: list[Step] = []
    summary, held = run(tmp_path, patents, stages)
    assert held == expected[1]
    assert told(summary) == told(expected[0])
    assert summary.patents == 7
    with EmbeddedIndex.open(tmp_path / "index.sqlite", SPEC) as index:
        objects = tmp_path / "objects"
        again = ingest([patents], index, TinyEncoder(), objects, SETTINGS, steps.append, stages)
    assert (again.new, again.unchanged, again.replaced) == (0, 7, 0)
    assert steps[-1].done == steps[-1].total


@pytest.mark.parametrize("there", [True, False])
def test_documents_too_large_to_send_are_read_where_they_lie_or_here(
    patents: Path,
    expected: tuple[IngestSummary, object],
    stages: RayStages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    there: bool,
) -> None:
    monkeypatch.setattr(ray_ingest, "_LARGEST", 0)
    if not there:  # as if another machine had other files under these paths
        monkeypatch.setattr(ray_ingest, "stamp", lambda path: (1, 1))
    summary, held = run(tmp_path, patents, stages)
    assert held == expected[1]
    assert told(summary) == told(expected[0])


def test_machines_with_another_version_or_encoder_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> TinyEncoder:
        raise EncoderError("the weights are not here.", "Download them.")

    with pytest.raises(ClusterProblem, match="the weights are not here"):
        RayStages("auto", none, SPEC, SETTINGS)
    with pytest.raises(ClusterProblem, match="another encoder tiny"):
        RayStages("auto", lambda: TinyEncoder(text_tower=True), SPEC, SETTINGS)
    monkeypatch.setattr(ray_ingest, "version", lambda: "0")
    with pytest.raises(ClusterProblem, match="Install the same version of iPatent"):
        RayStages("auto", TinyEncoder, SPEC, Settings(processes=1))


def test_the_command_gives_the_built_in_encoders_vectors_to_the_last_bit(
    patents: Path, tmp_path: Path
) -> None:
    files = [str(patents / "p0.pdf"), str(patents / "p1.pdf")]
    held = []
    for name, more in (("here", ()), ("ray", ("--ray", "auto"))):
        data = str(tmp_path / name)
        done = CliRunner().invoke(
            app, ["ingest", *files, "--data", data, "--encoder", "builtin", "--processes", "1", *more]
        )
        assert done.exit_code == 0, done.output
        with EmbeddedIndex.open(tmp_path / name / "index.sqlite") as index:
            held.append(of_index(index))
    assert held[0] == held[1]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds processes in /proc")
def test_killed_readers_and_encoders_lose_nothing(
    patents: Path, expected: tuple[IngestSummary, object], stages: RayStages, tmp_path: Path
) -> None:
    killed: list[int] = []
    done = threading.Event()

    def kill() -> None:
        for name in ("Reader.read", "Encoding", "Reader.read"):
            for _ in range(1000):
                if done.is_set():
                    return
                if there := workers(name):
                    os.kill(there[0], signal.SIGKILL)
                    killed.append(there[0])
                    break
                time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        summary, held = run(tmp_path, patents, stages)
    finally:
        done.set()
        killer.join()
    assert len(killed) >= 2
    assert held == expected[1]
    assert told(summary) == told(expected[0])
