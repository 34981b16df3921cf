"""The index on Qdrant through outages, kills, other encoders and wrong addresses, on a real server."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path

import grpc as wire
import numpy as np
import pytest
from qdrant_client import grpc

from index_entries import random_entry, unit
from ipatent.errors import EncoderMismatch, IndexProblem, IPatentError, NotFound, SettingsError
from ipatent.facets import FACETS
from ipatent.index import EVERYTHING, Entry, qdrant_points, qdrant_writing
from ipatent.index.qdrant import QdrantIndex
from ipatent.index.qdrant_nodes import Address
from ipatent.index.qdrant_opening import key_in, options_in
from ipatent.settings import Settings
from ipatent.wording import read_wording
from servers import QdrantServer, free_port, qdrant, qdrant_cluster
from tiny_encoder import SPEC

_NAMES = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QdrantServer]:
    with qdrant(tmp_path_factory.mktemp("qdrant")) as running:
        yield running


@pytest.fixture
def url(server: QdrantServer) -> str:
    """An address of its own on the server."""
    return f"qdrant://{server.node}/test{next(_NAMES)}"


@pytest.fixture
def index(url: str) -> Iterator[QdrantIndex]:
    with QdrantIndex.open(url, SPEC, create=True) as opened:
        yield opened


def some_entries(number: int, seed: int = 1, fingerprint: str = "1") -> list[Entry]:
    rng = np.random.default_rng(seed)
    return [random_entry(rng, f"USD{700000 + n}S1", fingerprint) for n in range(number)]


def check_holds(index: QdrantIndex, entries: list[Entry]) -> None:
    """All of these, each figure once and whole, and nothing else."""
    status = index.status()
    assert status.patents == len(entries)
    assert status.figures == sum(len(each.figures) for each in entries)
    for each in entries:
        assert index.fingerprint(each.patent.id) == each.fingerprint
        assert index.patent(each.patent.id) == each.patent
        assert index.figures_of(each.patent.id) == each.figures
        images, _ = index.vectors_of([one.id for one in each.figures])
        assert np.allclose(images, each.image_vectors, atol=1e-3)


@pytest.mark.parametrize(
    "given",
    ["", "localhost:6334", "http://localhost:6334", "qdrant://", "qdrant://a:b", "qdrant://a:99999", "qdrant://a/b/c",
     "qdrant://a,,b", "qdrant://a:0", "qdrant://a/ä", "qdrant:///name"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_the_forms_that_are(given: str) -> None:
    with pytest.raises(SettingsError, match="qdrant://HOST:6334"):
        Address.parse(given)


def test_an_address_may_name_several_nodes_and_an_index() -> None:
    address = Address.parse("qdrants://a,b:7000,[::1]:6334,a/my-index")
    assert address.nodes == ("a:6334", "b:7000", "[::1]:6334")
    assert (address.encrypted, address.prefix) == (True, "my-index")
    assert Address.parse(str(address)) == address
    assert Address.parse("qdrant://a/").prefix == "ipatent"


def test_a_server_that_is_down_is_reported_within_seconds() -> None:
    started = time.monotonic()
    with pytest.raises(IndexProblem, match=r"cannot be reached.*Start it"):
        QdrantIndex.open(f"qdrant://127.0.0.1:{free_port()}", SPEC, create=True, patience=1.0)
    assert time.monotonic() - started < 10


def test_an_old_server_is_refused_with_the_version_that_is_needed() -> None:
    class Old(grpc.QdrantServicer):  # no server so old can be had, so its answer is played
        def HealthCheck(self, request: object, context: object) -> grpc.HealthCheckReply:  # noqa: N802
            return grpc.HealthCheckReply(title="qdrant", version="1.9.7")

    port = free_port()
    old = wire.server(ThreadPoolExecutor(1))
    grpc.qdrant_pb2_grpc.add_QdrantServicer_to_server(Old(), old)
    old.add_insecure_port(f"127.0.0.1:{port}")
    old.start()
    try:
        with pytest.raises(IndexProblem, match=r"version 1\.9\.7; iPatent needs 1\.16 or newer"):
            QdrantIndex.open(f"qdrant://127.0.0.1:{port}", SPEC, create=True)
    finally:
        old.stop(None).wait()


def test_a_missing_index_is_reported_and_not_made(url: str) -> None:
    with pytest.raises(IndexProblem, match="no index at"):
        QdrantIndex.open(url)
    with pytest.raises(IndexProblem, match="no index at"):
        QdrantIndex.open(url)


def test_an_empty_index_answers_everything_with_nothing(index: QdrantIndex) -> None:
    status = index.status()
    assert (status.patents, status.sheets, status.figures, status.generation) == (0, 0, 0, 0)
    assert status.encoder is None
    vector = np.ones((1, SPEC.image_dim), np.float32)
    rows = np.empty(0, np.int64)
    wording = read_wording("chair")
    for found in (
        index.nearest_images(vector, 5).rows,
        index.nearest_captions(vector[:, : SPEC.caption_dim], 5).rows,
        index.matching_words(wording, 5).rows,
        index.newest(5).rows,
        index.image_scores(vector, rows),
        index.caption_scores(vector[:, : SPEC.caption_dim], rows),
        index.word_scores(wording, rows),
        *index.siblings(rows),
    ):
        assert found.tolist() == []
    assert index.patents() == index.figures_at(rows) == ()
    assert index.facets(EVERYTHING, rows, FACETS).figures == 0
    assert index.facet_values(EVERYTHING, "applicant", "a") == ()
    assert index.size(EVERYTHING).figures == 0
    assert index.phrase_counts(["chair"]) == (0,)
    assert index.sources() == {}
    assert index.fingerprint("US1") is None
    assert index.objects_in_use(["a"]) == set()
    for asked in (lambda: index.patent("US1"), lambda: index.figure("US1/1/1"), lambda: index.delete("US1")):
        with pytest.raises(NotFound):
            asked()


def test_a_patent_is_stored_replaced_left_alone_and_deleted(index: QdrantIndex) -> None:
    rng = np.random.default_rng(2)
    first, other = random_entry(rng, "USD1S1", figures=4), random_entry(rng, "USD2S1", figures=2)
    assert index.put(first) == "new"
    assert index.put(first) == "unchanged"
    assert index.put(other) == "new"
    generation = index.generation()
    shorter = random_entry(rng, "USD1S1", fingerprint="2", figures=2)
    assert index.put(shorter) == "replaced"
    check_holds(index, [shorter, other])
    assert index.generation() > generation
    generation = index.generation()
    assert index.delete("USD1S1") == 2
    check_holds(index, [other])
    assert index.generation() > generation
    with pytest.raises(NotFound):
        index.delete("USD1S1")


def test_ids_that_are_not_utf_8_or_begin_alike_are_told_apart(index: QdrantIndex) -> None:
    rng = np.random.default_rng(3)
    entries = [
        random_entry(rng, name) for name in ("x\udcff", "x\\xff", "USD7000001S1", "USD7000002S1", "é" * 90)
    ]
    for each in entries:
        index.put(each)
    check_holds(index, entries)
    assert [each.id for each in index.patents()] == sorted(
        (each.patent.id for each in entries), key=lambda text: text.encode("utf-8", "backslashreplace")
    )


def test_two_patents_whose_ids_come_to_the_same_number_are_both_kept(
    index: QdrantIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def number_of(patent_id: str, attempt: int = 0) -> int:
        return 5 if attempt == 0 else qdrant_points.number_of(patent_id, attempt)

    monkeypatch.setattr(qdrant_writing, "number_of", number_of)
    entries = some_entries(4)
    for each in entries:
        index.put(each)
    check_holds(index, entries)
    index.delete(entries[0].patent.id)
    again = replace(entries[2], fingerprint="2")
    index.put(again)
    check_holds(index, [entries[1], again, entries[3]])


def test_another_encoder_is_refused(index: QdrantIndex, url: str) -> None:
    index.put(some_entries(1)[0])
    with pytest.raises(EncoderMismatch, match="re-encode"):
        QdrantIndex.open(url, replace(SPEC, name="other", weights="0" * 64))
    with pytest.raises(EncoderMismatch, match="dimensions"):
        index.nearest_images(np.ones((1, 7), np.float32), 5)
    good = some_entries(2)[1]
    wrong = replace(good, caption_vectors=np.zeros((len(good.figures), 3), np.float32))
    with QdrantIndex.open(url) as without, pytest.raises(EncoderMismatch, match="dimensions"):
        without.put(wrong)


def test_a_fresh_index_without_an_encoder_takes_no_vectors(url: str) -> None:
    with QdrantIndex.open(url, create=True) as index, pytest.raises(EncoderMismatch, match="not yet tied"):
        index.put(some_entries(1)[0])


def test_an_entry_that_contradicts_itself_is_refused(index: QdrantIndex) -> None:
    good = some_entries(1)[0]
    for wrong in (
        replace(good, image_vectors=good.image_vectors[:0]),
        replace(good, image_vectors=good.image_vectors * np.nan),
        replace(good, figures=tuple(replace(each, patent_id="other") for each in good.figures)),
    ):
        with pytest.raises(ValueError, match=good.patent.id):
            index.put(wrong)
    assert index.status().figures == 0


def test_two_writers_that_begin_at_once_fill_one_index(url: str) -> None:
    entries = some_entries(24)
    start = threading.Barrier(2)

    def write(part: list[Entry]) -> None:
        with QdrantIndex.open(url, SPEC, create=True) as index:
            start.wait()
            for each in part:
                index.put(each)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(write, entries[:14]), threads.submit(write, entries[10:])]:
            done.result()
    with QdrantIndex.open(url, SPEC) as index:
        check_holds(index, entries)
        assert 24 <= index.generation() <= 28


def test_an_open_index_finds_what_another_process_stores(index: QdrantIndex, url: str) -> None:
    entries = some_entries(3)
    index.put(entries[0])
    with QdrantIndex.open(url, SPEC) as other:
        wording = read_wording(entries[1].patent.title)
        before = other.matching_words(wording, 100).rows.tolist()
        index.put(entries[1])
        after = other.figures_at(other.matching_words(wording, 100).rows)
        assert entries[1].patent.id in {patent.id for _, patent in after}
        assert len(after) > len(before)


def test_an_index_filled_beside_takes_over_while_others_search(index: QdrantIndex, url: str) -> None:
    entries = some_entries(20)
    index.put_all(entries)
    index.mark_source("a", "{}")
    generation = index.generation()
    other = replace(SPEC, name="wider", weights="1" * 64, image_dim=SPEC.image_dim)
    done = threading.Event()
    failures: list[BaseException] = []
    asked = count()

    def search() -> None:
        rng = np.random.default_rng(8)
        with QdrantIndex.open(url) as reader:
            while not done.is_set():
                try:
                    vector = unit(rng.standard_normal((1, SPEC.image_dim), dtype=np.float32))
                    assert len(reader.nearest_images(vector, 5).rows) == 5
                    assert reader.status().figures == sum(len(each.figures) for each in entries)
                    next(asked)
                except BaseException as error:
                    failures.append(error)
                    return

    thread = threading.Thread(target=search)
    thread.start()
    try:
        with index.beside(other) as new:
            assert index.status().encoder == SPEC
            assert new.put_all(entries) == ["new"] * len(entries)
            new.take_over()
            assert new.generation() > generation
        time.sleep(0.3)
    finally:
        done.set()
        thread.join()
    assert not failures
    assert next(asked) > 3
    with QdrantIndex.open(url, other) as after:
        check_holds(after, entries)
    with pytest.raises(EncoderMismatch):
        QdrantIndex.open(url, SPEC)


WRITER = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
from test_index_qdrant import some_entries
from ipatent.index.qdrant import QdrantIndex
from tiny_encoder import SPEC
with QdrantIndex.open(sys.argv[1], SPEC, create=True) as index:
    for each in some_entries(int(sys.argv[2]), fingerprint=sys.argv[3]):
        index.put(each)
        print(each.patent.id, flush=True)
"""


def write_in_another_process(url: str, number: int, fingerprint: str) -> subprocess.Popen[str]:
    here = Path(__file__).parent
    script = WRITER.format(tests=str(here), root=str(here.parent))
    return subprocess.Popen(
        [sys.executable, "-c", script, url, str(number), fingerprint],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
        env={name: value for name, value in os.environ.items() if not name.startswith("IPATENT_")},
    )


@pytest.mark.parametrize("acknowledged", [1, 9])
def test_a_killed_writer_loses_nothing_that_it_reported_and_doubles_nothing(
    url: str, acknowledged: int
) -> None:
    with QdrantIndex.open(url, SPEC, create=True) as index:
        index.put_all(some_entries(30, seed=4, fingerprint="old"))
        writer = write_in_another_process(url, 40, "1")
        assert writer.stdout
        reported = [writer.stdout.readline().strip() for _ in range(acknowledged)]
        writer.kill()
        reported += [line.strip() for line in writer.stdout if line.endswith("\n")]
        writer.wait()
        writer.stdout.close()
        entries = {each.patent.id: each for each in some_entries(40)}
        for patent_id in reported:
            assert index.fingerprint(patent_id) == "1"
            assert index.figures_of(patent_id) == entries[patent_id].figures
        for each in entries.values():
            index.put(each)
        check_holds(index, list(entries.values()))


def test_a_killed_server_loses_nothing_that_was_reported_and_writers_go_on(tmp_path: Path) -> None:
    entries = some_entries(60)
    reported: list[str] = []
    with qdrant(tmp_path / "qdrant") as server:
        url = f"qdrant://{server.node}"

        def write() -> None:
            with QdrantIndex.open(url, SPEC, create=True, patience=120) as index:
                for each in entries:
                    index.put(each)
                    reported.append(each.patent.id)

        with QdrantIndex.open(url, SPEC, create=True) as index:
            index.mark_source("made", "{}")
        with ThreadPoolExecutor(1) as threads:
            writing = threads.submit(write)
            for wanted in (5, 25):
                while len(reported) < wanted and not writing.done():
                    time.sleep(0.01)
                server.kill()
                known = list(reported)
                server.start()
                with QdrantIndex.open(url, SPEC, patience=60) as index:
                    assert [each for each in known if index.fingerprint(each) is None] == []
            writing.result()
        with QdrantIndex.open(url, SPEC) as index:
            check_holds(index, entries)
            assert index.sources() == {"made": "{}"}


def test_reads_of_a_server_that_went_down_say_so_and_go_on_when_it_is_back(tmp_path: Path) -> None:
    with qdrant(tmp_path / "qdrant") as server:
        url = f"qdrant://127.0.0.1:{free_port()},{server.node}"  # the first node is down all the time
        with QdrantIndex.open(url, SPEC, create=True, patience=20) as index:
            index.put_all(some_entries(5))
            server.kill()
            started = time.monotonic()
            with pytest.raises(IndexProblem, match="None of its 2 nodes does answer"):
                index.newest(5)
            assert time.monotonic() - started < 15
            server.start()
            assert index.newest(50).rows.size == index.status().figures > 0
        with pytest.raises(IndexProblem, match="closed"):
            index.newest(5)


def test_a_cluster_answers_with_one_node_down_and_says_so_with_two(tmp_path: Path) -> None:
    entries = some_entries(12)
    options = options_in(Settings(qdrant_shards=3, qdrant_replicas=2, qdrant_write_consistency=2))
    with qdrant_cluster(tmp_path, 3) as servers:
        url = "qdrant://" + ",".join(each.node for each in servers)
        with QdrantIndex.open(url, SPEC, create=True, options=options, patience=60) as index:
            index.put_all(entries)
            figures = sum(len(each.figures) for each in entries)
            everything = index.newest(1000).rows.tolist()
            servers[2].kill()
            assert index.newest(1000).rows.tolist() == everything
            assert index.status().figures == figures
            assert index.matching_words(read_wording(entries[0].patent.title), 10).rows.size
            servers[1].kill()
            with pytest.raises(IndexProblem, match=r"when some of its nodes are down|cannot be reached"):
                index.status()
            servers[1].start()
            servers[2].start()
            wait_for(lambda: index.newest(1000).rows.tolist() == everything)
            more = random_entry(np.random.default_rng(9), "USD9S1")
            wait_for(lambda: index.put(more) in ("new", "unchanged"))
            wait_for(lambda: index.status().figures == figures + len(more.figures))


def wait_for(holds: Callable[[], bool], seconds: float = 90) -> None:
    """Until it holds; errors that a user would see count as not yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except IPatentError:
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_the_key_comes_from_a_file_or_the_setting(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret\n")
    assert key_in(Settings(qdrant_key_file=str(tmp_path / "key"), qdrant_key="other")) == "secret"
    assert key_in(Settings(qdrant_key="other")) == "other"
    with pytest.raises(SettingsError, match="qdrant_key_file"):
        key_in(Settings(qdrant_key_file=str(tmp_path / "none")))
    with pytest.raises(SettingsError, match="replicas"):
        options_in(Settings(qdrant_write_consistency=2))
