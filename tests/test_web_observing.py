"""What whoever runs the server sees of it: health, metrics, log lines with request ids, traces."""

import json
import logging
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from drawn_patents import Library, fill
from ipatent.errors import IndexProblem
from ipatent.index.embedded import EmbeddedIndex
from ipatent.records import Database, searches
from ipatent.settings import Settings
from ipatent.web import AppState, create_app
from ipatent.web.logs import request_log, set_up_logs
from ipatent.web.metrics import Counting, answers_metrics
from ipatent.web.observing import Answered, Observed
from ipatent.web.tally import Tally, read_tally
from ipatent.web.tracing import open_tracing
from tiny_encoder import TinyEncoder


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Two drawn patents whose parts may be broken."""
    filled = fill(tmp_path_factory.mktemp("own"), TinyEncoder(), patents=2)
    yield filled
    filled.state.close()


@contextmanager
def watched(state: AppState, *more: Any) -> Iterator[tuple[TestClient, list[Answered]]]:
    """A client of the application as a server runs it, and the requests it was told of."""
    told: list[Answered] = []
    counting = Counting()
    app = Observed(
        create_app(state, None, counting), (counting.answered, told.append, *more), counting.in_flight
    )
    with TestClient(app) as client:
        yield client, told


def samples(text: str) -> dict[str, float]:
    """The lines of Prometheus' text format, read strictly."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if re.match(r"# (HELP|TYPE) [a-z_]+ \S", line):
            continue
        sample = re.fullmatch(r'([a-z_]+(?:\{(?:[a-z]+="[^"\\]*",?)+\})?) (\S+)', line)
        assert sample, line
        assert sample[1] not in found
        found[sample[1]] = float(sample[2])
    return found


# -- health


def test_health_is_told_of_a_server_that_can_answer(own: Library) -> None:
    with watched(own.state) as (client, _):
        assert client.get("/healthz").json() == {"alive": True}
        answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"]
    assert set(answer.json()["parts"]) == {"index", "encoder", "objects", "uploads", "records"}


class Unreachable(EmbeddedIndex):
    """An index that went away after it was opened."""

    def generation(self) -> int:
        raise IndexProblem("No node of Qdrant answers.", "Start them.")


class Hanging(EmbeddedIndex):
    """An index that takes its time."""

    def generation(self) -> int:
        time.sleep(4)
        return 0


def test_each_part_that_is_missing_is_named_with_the_reason(own: Library, tmp_path: Path) -> None:
    database = Database.open(tmp_path / "records.sqlite")
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE schema_version")
    broken = Unreachable.open(own.state.index.status().path, own.state.encoder.spec)
    (tmp_path / "objects").mkdir()
    objects = type(own.state.objects).open(tmp_path / "objects")
    (tmp_path / "objects").rmdir()
    state = replace(own.state, index=broken, records=database, objects=objects)
    with watched(state) as (client, _):
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
    parts = answer.json()["parts"]
    assert answer.status_code == 503
    assert not answer.json()["ready"]
    assert parts["index"] == {"ready": False, "reason": "No node of Qdrant answers."}
    assert "is gone" in parts["objects"]["reason"]
    assert not parts["records"]["ready"]
    assert parts["uploads"] == {"ready": True}
    broken.close()
    database.close()


def test_a_part_that_hangs_does_not_make_the_others_wait_for_ever(own: Library) -> None:
    hanging = Hanging.open(own.state.index.status().path, own.state.encoder.spec)
    with watched(replace(own.state, index=hanging)) as (client, _):
        started = time.monotonic()
        parts = client.get("/readyz").json()["parts"]
        assert time.monotonic() - started < 3.9
        assert "did not answer within 2 s" in parts["index"]["reason"]
        assert parts["records"]["ready"]
    hanging.close()


def test_another_encoder_than_the_index_was_filled_by_is_not_ready(own: Library) -> None:
    with watched(replace(own.state, encoder=TinyEncoder(text_tower=True))) as (client, _):
        assert not client.get("/readyz").json()["parts"]["encoder"]["ready"]


def test_asking_for_health_is_no_search(own: Library) -> None:
    before = searches.list_records(own.state.records).total
    with watched(own.state) as (client, _):
        for path in ("/healthz", "/readyz", "/metrics"):
            assert client.get(path).status_code == 200
    assert searches.list_records(own.state.records).total == before


# -- metrics


def test_requests_are_counted_by_route_and_status_and_never_by_what_was_asked(own: Library) -> None:
    with watched(own.state) as (client, _):
        for _ in range(3):
            client.get("/search.json?q=secretly")
        client.get(f"/figures/{own.figures[0].id}")
        client.head("/")
        client.get("/no/such/page")
        client.get(f"/thumbnails/{own.figures[0].thumbnail}")
        answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "secretly" not in answer.text
    assert own.figures[0].patent_id not in answer.text
    found = samples(answer.text)
    searched = 'method="GET",route="/search.json",status="200"'
    assert found[f"ipatent_request_seconds_count{{{searched}}}"] == 3
    assert found[f'ipatent_request_seconds_bucket{{{searched},le="+Inf"}}'] == 3
    buckets = [
        value
        for name, value in found.items()
        if name.startswith("ipatent_request_seconds_bucket{" + searched)
    ]
    assert buckets == sorted(buckets)
    assert found[f"ipatent_request_seconds_sum{{{searched}}}"] > 0
    for labels in (
        'method="HEAD",route="/",status="200"',
        'method="GET",route="none",status="404"',
        'method="GET",route="/thumbnails/{sha}",status="200"',
    ):
        assert found[f"ipatent_request_seconds_count{{{labels}}}"] == 1
    for stage in ("encode", "nearest", "words", "fuse", "record", "wait"):
        assert found[f'ipatent_stage_seconds_count{{stage="{stage}"}}'] == 3
    assert found['ipatent_requests_in_flight{worker="0"}'] == 1  # the one that asks
    assert found["ipatent_index_figures"] == 10
    assert found['ipatent_worker_resident_bytes{worker="0"}'] > 1e7


def test_what_waits_at_the_turnstile_is_told(own: Library) -> None:
    counting = Counting()
    turnstile = type(own.state.searching)(1)
    turnstile.tell_waiting(counting.waiting)
    series = ("ipatent_searches_waiting", ("0",))

    def search() -> None:
        with turnstile.passage():
            pass

    thread = threading.Thread(target=search)
    with turnstile.passage():
        assert counting.numbers()[series] == (0.0,)
        thread.start()
        while not turnstile.waiting:
            time.sleep(0.001)
        assert counting.numbers()[series] == (1.0,)
    thread.join()
    assert counting.numbers()[series] == (0.0,)


def test_metrics_are_told_on_this_machine_alone_unless_they_are_switched_on() -> None:
    assert answers_metrics(Settings(), "127.0.0.1")
    assert answers_metrics(Settings(), "::1")
    assert not answers_metrics(Settings(), "0.0.0.0")
    assert not answers_metrics(Settings(), "192.0.2.7")
    assert answers_metrics(Settings(metrics="on"), "0.0.0.0")
    assert not answers_metrics(Settings(metrics="off"), "127.0.0.1")


def test_metrics_that_are_switched_off_are_no_page(client: TestClient) -> None:
    assert client.get("/metrics").status_code == 404


def test_a_worker_that_takes_the_place_of_a_killed_one_counts_on(tmp_path: Path) -> None:
    file = tmp_path / "one.tally"
    code = (
        "import os, signal, sys; from pathlib import Path; from ipatent.web.tally import Tally\n"
        "tally = Tally(Path(sys.argv[1])); tally.add('seen', ('a',), 2); tally.observe('took', (), 0.03)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(file)]).returncode == -9
    Tally(file).add("seen", ("a",), 1)
    numbers = read_tally(file)
    assert numbers["seen", ("a",)] == (3.0,)
    assert numbers["took", ()][0] == 0.03
    assert sum(numbers["took", ()][1:]) == 1


def test_a_tally_that_is_full_leaves_out_what_is_new_and_counts_on(tmp_path: Path) -> None:
    tally = Tally()
    for place in range(20_000):
        tally.add("n", (str(place), "x" * 100))
    tally.add("n", ("0", "x" * 100))
    numbers = tally.numbers()
    assert 1000 < len(numbers) < 20_000
    assert numbers["n", ("0", "x" * 100)] == (2.0,)


# -- request ids and logs


def test_a_request_keeps_a_sane_id_and_gets_one_in_place_of_any_other(
    client: TestClient, own: Library
) -> None:
    with watched(own.state) as (client, told):
        for given in ("0123-abc", "", "with space", "x" * 101, "a\x07b", "<script>"):
            answered = client.get("/healthz", headers={"X-Request-ID": given}).headers["x-request-id"]
            assert answered == told[-1].request_id
            if given == "0123-abc":
                assert answered == given
            else:
                assert re.fullmatch("[0-9a-f]{16}", answered)


class Faulty(EmbeddedIndex):
    """An index with a fault in the program, and one that is down."""

    def figure(self, figure_id: str) -> Any:
        if figure_id.startswith("DOWN"):
            raise IndexProblem("No node of Qdrant answers.", "Start them.")
        raise RuntimeError("secret detail")


@pytest.mark.parametrize(("figure", "status"), [("DOWN/1/1", 503), ("X/1/1", 500)])
def test_the_id_stands_on_pages_of_the_servers_faults(own: Library, figure: str, status: int) -> None:
    broken = Faulty.open(own.state.index.status().path, own.state.encoder.spec)
    with watched(replace(own.state, index=broken)) as (client, told):
        page = client.get(f"/figures/{figure}", headers={"X-Request-ID": "tell-me-1"})
        data = client.get(f"/figures/{figure}.json", headers={"X-Request-ID": "tell-me-2"})
        missing = client.get("/no/such/page", headers={"X-Request-ID": "tell-me-3"})
    assert (page.status_code, data.status_code) == (status, status)
    assert "<code>tell-me-1</code>" in page.text
    assert data.json()["request_id"] == "tell-me-2"
    assert "tell-me-3" not in missing.text
    assert [each.status for each in told] == [status, status, 404]
    broken.close()


@contextmanager
def logs(settings: Settings) -> Iterator[None]:
    """The log is set up meanwhile as a server does it; afterwards it is as it was."""
    root, ours = logging.getLogger(), logging.getLogger("ipatent")
    handlers, level, own_level = root.handlers[:], root.level, ours.level
    root.handlers[:] = []
    try:
        set_up_logs(settings)
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        ours.setLevel(own_level)


@pytest.mark.parametrize(("log_clients", "client_told"), [(0, False), (1, True)])
def test_a_line_of_json_tells_who_asked_only_where_that_is_wanted(
    own: Library, capsys: pytest.CaptureFixture[str], log_clients: int, client_told: bool
) -> None:
    with logs(Settings(log_format="json")), watched(own.state, request_log(bool(log_clients))) as (client, _):
        client.get("/search.json?q=secretly", headers={"User-Agent": "nosy"})
        client.get("/healthz")
    said = capsys.readouterr().err
    (line,) = map(json.loads, said.splitlines())
    assert ("client" in line) == client_told
    assert line["route"] == "/search.json"
    assert "secretly" not in said
    assert "nosy" not in said


def test_the_log_for_people_is_silent_about_requests_unless_asked_for_them(
    own: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    for level in ("", "info"):
        with logs(Settings(log_level=level)), watched(own.state, request_log(False)) as (client, _):
            client.get("/search.json?q=secretly", headers={"X-Request-ID": "the-id"})
        said = capsys.readouterr().err
        assert bool(said) == (level == "info")
    assert re.search(r"INFO GET /search\.json 200 in [\d.]+ ms \(.*encode [\d.]+.*\) \[the-id\]\n$", said)


# -- traces


class _Collector(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.path, body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_traces_of_requests_and_their_stages_reach_a_collector(
    own: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="needs the extra otel")
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    collector = HTTPServer(("127.0.0.1", 0), _Collector)
    collector.came = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=collector.serve_forever)
    thread.start()
    try:
        endpoint = f"http://127.0.0.1:{collector.server_address[1]}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        tracing = open_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_SERVICE_NAME": "desk"})
        assert tracing
        parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        with watched(own.state, tracing.tell) as (client, _):
            client.get("/search.json?q=secretly", headers={"traceparent": parent, "X-Request-ID": "one"})
            client.get("/healthz")
        tracing.close()
    finally:
        collector.shutdown()
        thread.join()
        collector.server_close()
    ((path, body),) = collector.came  # type: ignore[attr-defined]
    assert path == "/v1/traces"
    assert b"secretly" not in body
    resource = ExportTraceServiceRequest.FromString(body).resource_spans[0]
    assert any(each.value.string_value == "desk" for each in resource.resource.attributes)
    spans = {span.name: span for span in resource.scope_spans[0].spans}
    request = spans.pop("GET /search.json")
    assert request.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert request.parent_span_id.hex() == "b7ad6b7169203331"
    told = {each.key: each.value for each in request.attributes}
    assert told["http.response.status_code"].int_value == 200
    assert told["ipatent.request_id"].string_value == "one"
    assert {"encode", "nearest", "words", "fuse", "record"} <= set(spans)
    for span in spans.values():
        assert span.parent_span_id == request.span_id
        assert request.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= request.end_time_unix_nano


def test_without_a_collector_named_nothing_is_traced() -> None:
    assert open_tracing({}) is None
    off = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"}
    assert open_tracing(off) is None
