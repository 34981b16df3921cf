"""Several workers behind one port: any of them answers, one may die, and all end together in good order."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import numpy as np
import pytest

from drawn_patents import draw
from ipatent import uploads
from ipatent.errors import IndexProblem
from ipatent.index import Entry
from ipatent.index.embedded import EmbeddedIndex
from ipatent.objects import Objects
from ipatent.patents import Patent
from ipatent.pictures import encode_png
from ipatent.settings import Settings
from ipatent.web import AppState
from ipatent.web.supervising import serve_by_workers
from tiny_encoder import SPEC

SCRIPT = Path(__file__).with_name("serve_workers.py")
SECONDS = 60.0


@dataclass(frozen=True)
class Crew:
    """A running server with several workers."""

    url: str
    folder: Path
    process: "subprocess.Popen[str]"

    def get(self, path: str, timeout: float = SECONDS) -> bytes:
        with urlopen(self.url + path, timeout=timeout) as answer:
            return bytes(answer.read())

    def json(self, path: str) -> Any:
        return json.loads(self.get(path))

    def numbers(self, metric: str) -> dict[str, float]:
        """The samples of a metric: labels as written, and value."""
        lines = self.get("/metrics").decode().splitlines()
        found = (line.rpartition(" ") for line in lines if line.startswith(metric + "{"))
        return {series.removeprefix(metric): float(value) for series, _, value in found}

    def pids(self) -> list[int]:
        """The processes of the workers, in their order."""
        return [int(pid) for _, pid in sorted(self.numbers("ipatent_worker_process_id").items())]

    @contextmanager
    def only(self, worker: int) -> Iterator[int]:
        """The other workers are stopped meanwhile, so that this one answers; its process."""
        pids = self.pids()
        for pid in pids:
            if pid != pids[worker]:
                os.kill(pid, signal.SIGSTOP)
        try:
            yield pids[worker]
        finally:
            for pid in pids:
                if alive(pid):
                    os.kill(pid, signal.SIGCONT)

    def is_slow(self) -> bool:
        """Whether a worker has begun the search for `slowly`."""
        return (self.folder / "slow").exists()

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not waited for yet does not."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it never came to be"
        time.sleep(0.05)


@contextmanager
def crew_of(folder: Path, workers: int, *settings: str) -> Iterator[Crew]:
    """A server in processes of its own, killed afterwards where it still runs."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(folder), str(workers), *settings],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout
    try:
        said = process.stdout.readline()
        assert said.startswith("iPatent is at http://127.0.0.1:"), (folder / "log").read_text()
        yield Crew(said.split()[3], folder, process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    """Two workers over four drawn patents, logging JSON."""
    with crew_of(tmp_path_factory.mktemp("crew"), 2, "log_format=json") as crew:
        yield crew


def in_background(ask: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """A request that is under way, and a list for its answer or failure."""
    came: list[Any] = []

    def work() -> None:
        try:
            came.append(ask())
        except (OSError, HTTPException) as error:
            if isinstance(error, HTTPError):
                error.close()
            came.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, came


def uploaded(crew: Crew, picture: bytes) -> str:
    head = b'--y\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n\r\n'
    body = head + picture + b"\r\n--y--\r\n"
    request = Request(f"{crew.url}/upload.json", body, {"Content-Type": "multipart/form-data; boundary=y"})
    with urlopen(request, timeout=SECONDS) as answer:
        return str(json.load(answer)["sha256"])


def test_a_picture_sent_to_one_worker_is_searched_with_by_the_other(crew: Crew) -> None:
    for first, second in ((0, 1), (1, 0)):
        with crew.only(first):
            name = uploaded(crew, encode_png(draw(1 + first, 2)))
        with crew.only(second):
            found = crew.json(f"/search.json?img={name}&k=3")
            assert found["hits"][0]["figure"]["id"] == f"USD90000{1 + first}S1/3/1"
            assert uploaded(crew, encode_png(draw(1 + first, 2))) == name


def test_every_worker_sees_what_another_process_added_to_the_index(crew: Crew) -> None:
    before = [crew.json("/status.json")["patents"] for _ in range(2)]
    with EmbeddedIndex.open(crew.folder / "index.sqlite") as index:
        patent = Patent(id="GROWN", number=None, title="Grown meanwhile")
        nothing = np.empty((0, SPEC.image_dim), np.float32), np.empty((0, SPEC.caption_dim), np.float32)
        index.put(Entry(patent, (), *nothing, fingerprint="grown", sheets=0))
    for worker in range(2):
        with crew.only(worker):
            assert crew.json("/status.json")["patents"] == before[0] + 1
            assert crew.json("/patents/GROWN.json")["patent"]["title"] == "Grown meanwhile"


def test_counts_of_all_workers_are_added_up_by_whichever_is_asked(crew: Crew) -> None:
    series = '{method="GET",route="/figures/{figure_id:path}.json",status="200"}'
    name = "ipatent_request_seconds_count"
    before = crew.numbers(name).get(series, 0)
    for worker in (0, 0, 1):
        with crew.only(worker):
            crew.get("/figures/USD900001S1/1/1.json")
    for worker in (0, 1):
        with crew.only(worker):
            assert crew.numbers(name)[series] == before + 3
    memory = crew.numbers("ipatent_worker_resident_bytes")
    assert len(memory) == 2
    assert all(bytes_ > 1e7 for bytes_ in memory.values())


def test_a_killed_worker_costs_its_own_request_alone_and_is_started_again(crew: Crew) -> None:
    searches = '{method="GET",route="/search.json",status="200"}'
    counted = crew.numbers("ipatent_request_seconds_count").get(searches, 0)
    with crew.only(0) as doomed:
        thread, came = in_background(lambda: crew.get("/search.json?q=slowly+turning"))
        until(crew.is_slow)
    os.kill(doomed, signal.SIGKILL)
    assert crew.json("/search.json?q=hinge&k=1")["record"]
    thread.join(SECONDS)
    assert isinstance(came[0], (ConnectionError, HTTPException))
    until(lambda: crew.numbers("ipatent_worker_starts_total")['{worker="0"}'] == 2)
    assert doomed not in crew.pids()
    assert f"Worker 0 (process {doomed}) was ended by signal 9. It is started again." in crew.log()
    assert crew.numbers("ipatent_request_seconds_count")[searches] == counted + 1
    with sqlite3.connect(crew.folder / "records.sqlite") as records:
        assert records.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    records.close()
    with crew.only(0):
        assert crew.json("/search.json?q=hinge&k=1")["record"]


def test_the_log_names_requests_by_route_and_never_what_was_asked(crew: Crew) -> None:
    request = Request(f"{crew.url}/search.json?q=confidential", headers={"X-Request-ID": "from-the-proxy.7"})
    with urlopen(request, timeout=SECONDS) as answer:
        assert answer.headers["X-Request-ID"] == "from-the-proxy.7"
    crew.get("/healthz")
    until(lambda: "from-the-proxy.7" in crew.log())
    lines = [json.loads(line) for line in crew.log().splitlines()]
    line = next(line for line in lines if line.get("request_id") == "from-the-proxy.7")
    assert (line["level"], line["method"], line["route"], line["status"]) == (
        "info",
        "GET",
        "/search.json",
        200,
    )
    assert line["ms"] > 0
    assert {"encode", "nearest", "words", "fuse", "record"} <= set(line["stages"])
    assert "client" not in line
    assert "confidential" not in crew.log()
    assert "/healthz" not in crew.log()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_told_to_stop_finishes_the_answer_it_works_on(tmp_path: Path, workers: int) -> None:
    with crew_of(tmp_path / "data", workers) as crew:
        pids = crew.pids()
        thread, came = in_background(lambda: crew.json("/search.json?q=slowly+turning"))
        until(crew.is_slow)
        crew.process.send_signal(signal.SIGTERM)
        thread.join(SECONDS)
        assert came[0]["hits"]
        assert crew.process.wait(SECONDS) == 0
        assert not any(alive(pid) for pid in pids)
        assert crew.log() == ""
        with pytest.raises(URLError):
            crew.get("/")


def test_an_answer_that_takes_too_long_does_not_keep_the_server_from_stopping(tmp_path: Path) -> None:
    with crew_of(tmp_path / "data", 1, "stop_seconds=0.2") as crew:
        pids = crew.pids()
        thread, came = in_background(lambda: crew.get("/search.json?q=slowly+turning"))
        until(crew.is_slow)
        started = time.monotonic()
        crew.process.send_signal(signal.SIGINT)
        assert crew.process.wait(SECONDS) == 0
        assert time.monotonic() - started < 15
        thread.join(SECONDS)
        assert not any(alive(pid) for pid in pids)
        assert came


def test_workers_end_when_the_process_that_watches_them_is_killed(tmp_path: Path) -> None:
    with crew_of(tmp_path / "data", 2) as crew:
        pids = crew.pids()
        assert all(alive(pid) for pid in pids)
        crew.process.kill()
        crew.process.wait()
        until(lambda: not any(alive(pid) for pid in pids))


def refusing(settings: Settings) -> AbstractContextManager[AppState]:
    """A worker that cannot open what it should answer from."""
    raise IndexProblem("The index is locked away.", "Fetch the key.")


def test_why_no_worker_can_start_is_told_once_as_one_error(tmp_path: Path) -> None:
    with pytest.raises(IndexProblem, match=r"The index is locked away\. Fetch the key\."):
        serve_by_workers(refusing, Settings(data=str(tmp_path), port=0))


def test_the_command_makes_a_new_folder_and_serves_it_by_workers_until_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ipatent", "serve", "--data", str(tmp_path / "new"), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--workers", "2", "--encoder", "builtin"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    try:
        url = process.stdout.readline().split()[3]
        with urlopen(f"{url}/readyz", timeout=SECONDS) as answer:
            assert json.load(answer)["ready"]
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        said = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert process.returncode == 0
    assert said == ("", "Encoder: builtin, as asked for.\n")


def test_the_name_of_an_upload_is_the_same_for_all_even_while_the_first_still_makes_the_key(
    tmp_path: Path,
) -> None:
    store = Objects.open(tmp_path)
    (tmp_path / uploads.KEY_FILE).touch()  # as another process leaves it for a moment
    with ThreadPoolExecutor(4) as several:
        names = [several.submit(uploads.keep, Objects.open(tmp_path), b"a sketch") for _ in range(4)]
        time.sleep(0.1)
        (tmp_path / uploads.KEY_FILE).write_bytes(b"k" * 32)
        assert len({name.result() for name in names}) == 1
    assert len(list(store.each())) == 1


def test_several_may_sweep_old_uploads_at_once(tmp_path: Path) -> None:
    store = Objects.open(tmp_path)
    names = [uploads.keep(store, f"sketch {n}".encode()) for n in range(200)]
    later = time.time() + 100 * uploads.DAY
    with ThreadPoolExecutor(4) as several:
        swept = several.map(
            lambda _: uploads.sweep(Objects.open(tmp_path), 30, frozenset(names[:3]), later), range(4)
        )
        assert sum(swept) >= 197
    assert {each.name for each in store.each()} == set(names[:3])
