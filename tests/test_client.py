"""The client: typed answers of a real server, behind proxies too, and errors that say what to do."""

import base64
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest
from PIL import Image
from pydantic import BaseModel

import ipatent.client.answers as known
from drawn_patents import Library, draw
from ipatent import Client
from ipatent.client import Absent, ClientError, Picture, TimedOut, Unreachable, kept
from ipatent.client.in_process import InProcess
from ipatent.client.pictures import written
from ipatent.errors import IPatentError, NotFound, QueryError
from ipatent.filters import Filters
from ipatent.pictures import encode_png
from ipatent.sheets import clean_picture
from ipatent.web import (
    answers,
    collections,
    compare,
    create_app,
    exporting,
    judgements,
    records,
    results,
    watching,
)
from ipatent.web.picture_asked import PictureAsked


@pytest.fixture(scope="module")
def desk(site: str) -> Iterator[Client]:
    """A client of a real server over twenty drawn patents."""
    with Client(site) as client:
        yield client


@pytest.fixture
def wrench(tmp_path: Path) -> Path:
    """The front view of the adjustable wrench, as a file."""
    file = tmp_path / "wrench.png"
    file.write_bytes(encode_png(draw(5, 1)))
    return file


def test_words_find_the_patent_with_reasons(desk: Client) -> None:
    found = desk.search("door hinge", k=5)
    assert found.hits[0].patent.title == "Door hinge"
    assert found.hits[0].rank == 1
    assert {each.word for each in found.hits[0].words} == {"door", "hinge"}
    assert {each.part for each in found.hits[0].evidence} >= {"words"}
    assert found.first.searched == 100
    assert found.facets
    assert found.facets["view"].values[0].count > 0


def test_iterating_reads_every_page_once_and_in_order(desk: Client) -> None:
    found = desk.search("view", k=7, same="all")
    ranks = [hit.rank for hit in found]
    assert ranks == list(range(1, found.first.matching + 1))
    assert len({hit.figure.id for hit in found.top(30)}) == 30


def test_iterating_ends_at_the_depth_that_the_server_gives(library: Library) -> None:
    from dataclasses import replace

    shallow = replace(library.state, settings=replace(library.state.settings, max_k=20))
    transport = InProcess(create_app(shallow))
    with Client("http://localhost", transport=transport) as client:
        assert [hit.rank for hit in client.search("view", k=8, same="all")] == list(range(1, 21))


def test_nothing_asked_lists_all_figures(desk: Client) -> None:
    assert desk.search(same="all").first.matching == 100


def test_pictures_are_found_however_they_are_given(desk: Client, wrench: Path) -> None:
    given = [
        wrench,
        wrench.read_bytes(),
        Image.open(wrench),
        desk.upload(wrench),
        "USD900005S1/2/1",
        desk.figure("USD900005S1/2/1"),
        desk.search("adjustable wrench front").hits[0],
    ]
    for picture in given:
        best = desk.search(pictures=[picture], k=1).hits[0]
        assert best.figure.id == "USD900005S1/2/1", picture


def test_a_part_turned_and_mirrored_is_searched_as_described(desk: Client, wrench: Path) -> None:
    picture = Picture(wrench, box=(100, 80, 400, 300), turn=90, mirror=True)
    (asked,) = desk.search(pictures=[picture], k=1).first.pictures
    assert (asked.box, asked.turn, asked.mirror, asked.clean) == ("100,80,400,300", 90, True, False)
    assert (asked.width, asked.height) == (700, 560)


def test_a_cut_out_in_the_client_finds_what_its_box_finds(desk: Client, wrench: Path) -> None:
    x, y, width, height = 150, 120, 380, 300
    cut = Image.open(wrench).crop((x, y, x + width, y + height))
    by_box = desk.search(pictures=[Picture(wrench, box=(x, y, width, height))], k=10)
    by_cut = desk.search(pictures=[cut], k=10)
    assert [hit.figure.id for hit in by_box.hits] == [hit.figure.id for hit in by_cut.hits]


def test_several_views_and_a_negative_one_are_told_apart(desk: Client) -> None:
    views = ["USD900005S1/1/1", "USD900005S1/2/1"]
    found = desk.search(pictures=views, against=["USD900007S1/1/1"], combine="all", k=20)
    assert [each.against for each in found.first.pictures] == [False, False, True]
    assert found.hits[0].patent.id == "USD900005S1"
    assert any(each.part == "unlike" and each.weight < 0 for each in found.hits[0].evidence)


@pytest.mark.parametrize(
    ("source", "picture"),
    [
        ("D1/1/1", Picture("D1/1/1")),
        ("odd@1,2,3,4", Picture("odd@1,2,3,4")),
        ("odd~m", Picture("odd~m", box=(1, 2, 3, 4), turn=270, mirror=True, clean=True)),
        ("odd~", Picture("odd~")),
        ("odd~~", Picture("odd~~", turn=180)),
    ],
)
def test_the_server_reads_the_picture_that_the_client_writes(source: str, picture: Picture) -> None:
    read = PictureAsked.parse(*written(picture, ""))
    assert read.name == source
    assert (str(read.box) if read.box else "") == ",".join(map(str, picture.box or ()))
    assert (read.turn, read.mirror, read.clean) == (picture.turn, picture.mirror, picture.clean)


def test_filters_are_keywords_or_one_value(desk: Client) -> None:
    views = {hit.figure.view for hit in desk.search("view", view=["top", "front"], same="all")}
    assert views == {"top", "front"}
    none = desk.search("view", view_not="top", before="2020-03-31", within="USD900001S1", same="all")
    assert {hit.figure.view for hit in none} == {"perspective", "front", "side", "bottom"}
    filters = Filters.parse([("view", "side")])
    assert {hit.figure.view for hit in desk.search(filters=filters, same="all", k=50)} == {"side"}


def test_a_filter_that_cannot_be_is_told_before_anything_is_sent() -> None:
    client = Client("http://127.0.0.1:9")
    with pytest.raises(QueryError, match="cpc=chair"):
        client.search("x", cpc="chair")
    with pytest.raises(TypeError, match="'colour' is no filter"):
        client.search("x", colour="red")  # type: ignore[call-arg]
    with pytest.raises(QueryError, match="not a box"):
        client.search(pictures=[Picture(b"", box=(0, 0, 0, 5))])


def test_a_figure_and_a_patent_are_typed(desk: Client) -> None:
    figure = desk.figure("USD900003S1/2/1")
    assert figure.figure.view == "front"
    assert {each.term for each in figure.components} == {"housing", "handle"}
    patent = desk.patent(desk.search("bottle", k=1).hits[0])
    assert str(patent.patent.published) == "2020-04-07"
    assert len(patent.figures) == 5
    assert desk.figure_named("USD900003S1 FIG. 4").figure.id == "USD900003S1/4/1"
    assert len(desk.compare("USD900003S1/1/1", figure).figures) == 2


def test_drawings_come_in_full_and_small(desk: Client) -> None:
    full = Image.open(io.BytesIO(desk.image("USD900005S1/2/1")))
    assert full.size == (desk.figure("USD900005S1/2/1").figure.width, 348)
    assert (np.asarray(full.convert("L")) == clean_picture(draw(5, 1))).all()
    assert max(Image.open(io.BytesIO(desk.image("USD900005S1/2/1", "thumbnail"))).size) <= 320


def test_what_the_server_refuses_comes_with_its_advice(desk: Client) -> None:
    with pytest.raises(ClientError, match="k is 0") as refusal:
        desk.search("x", k=0)
    assert refusal.value.status == 400
    assert "max_k" in refusal.value.advice
    with pytest.raises(Absent, match="no figure nothing") as absent:
        desk.figure("nothing")
    assert isinstance(absent.value, NotFound)
    with pytest.raises(ClientError) as not_a_picture:
        desk.upload(b"words")
    assert not_a_picture.value.status == 415
    with pytest.raises(ClientError, match="max_upload_bytes"):
        desk.upload(bytes(600_000))


def test_a_file_that_is_not_there_is_told_by_its_name(desk: Client, tmp_path: Path) -> None:
    with pytest.raises(ClientError, match=r"absent\.png cannot be read: No such file"):
        desk.search(pictures=[tmp_path / "absent.png"])


def test_where_nothing_listens_the_error_says_how_to_start_the_server() -> None:
    with Client("http://127.0.0.1:9", retries=0) as client, pytest.raises(Unreachable) as error:
        client.status()
    assert "ipatent serve" in error.value.advice
    assert isinstance(error.value, IPatentError)


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x", "http://", "http://["])
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(ClientError, match="no address of a server"):
        Client(url)


class Proxy:
    """A proxy of tests: below /patents, with a password, and with troubles to give before it answers."""

    def __init__(self, site: str) -> None:
        proxy = self
        self.troubles: list[int] = []
        self.asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.handle_asked()

            def do_POST(self) -> None:
                self.handle_asked()

            def handle_asked(self) -> None:
                proxy.asked.append(f"{self.command} {self.path}")
                expected = "Basic " + base64.b64encode(b"ada:l\xc3\xb6ve").decode()
                if self.headers.get("authorization") != expected:
                    self.answer(401, b"<h1>Who are you?</h1>", "text/html")
                elif proxy.troubles:
                    self.answer(proxy.troubles.pop(0), b"<h1>Starting</h1>", "text/html")
                elif not self.path.startswith("/patents/"):
                    self.answer(200, b"<h1>Our intranet</h1>", "text/html")
                else:
                    self.forward()

            def forward(self) -> None:
                length = int(self.headers.get("content-length", 0))
                body = self.rfile.read(length) if length else None
                headers = {
                    name: value for name, value in self.headers.items() if name.lower() == "content-type"
                }
                request = Request(site + self.path.removeprefix("/patents"), body, headers)
                try:
                    with urlopen(request) as answer:
                        self.answer(answer.status, answer.read(), answer.headers["content-type"])
                except HTTPError as error:
                    with error:
                        self.answer(error.code, error.read(), error.headers["content-type"])

            def answer(self, status: int, body: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="module")
def running_proxy(site: str) -> Iterator[Proxy]:
    made = Proxy(site)
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def proxy(running_proxy: Proxy) -> Proxy:
    running_proxy.troubles.clear()
    running_proxy.asked.clear()
    return running_proxy


@contextmanager
def behind(proxy: Proxy, **options: Any) -> Iterator[Client]:
    with Client(f"{proxy.url}/patents/", auth=("ada", "löve"), **options) as client:
        yield client


def test_a_server_below_a_path_with_a_password_answers_all(proxy: Proxy, wrench: Path) -> None:
    with behind(proxy) as client:
        hit = client.search("wrench", pictures=[wrench], k=1).hits[0]
        assert hit.patent.title == "Adjustable wrench"
        assert client.image(hit).startswith(b"\x89PNG")
        assert client.address(hit.figure.url) == f"{proxy.url}/patents/figures/{hit.figure.id}"
        assert len(client.patent(hit).figures) == 5


def test_the_password_may_stand_in_the_address_and_is_never_shown(proxy: Proxy) -> None:
    client = Client(proxy.url.replace("//", "//ada:l%C3%B6ve@") + "/patents")
    with client:
        assert client.status().figures == 100
        assert client.url == f"{proxy.url}/patents"
        with pytest.raises(Absent) as error:
            client.patent("none")
    assert "ve@" not in f"{error.value}{client!r}"


def test_a_wrong_password_and_a_page_of_others_are_told_apart(proxy: Proxy) -> None:
    with Client(f"{proxy.url}/patents") as client, pytest.raises(ClientError, match="asks for a password"):
        client.status()
    with (
        Client(f"{proxy.url}/other", auth=("ada", "löve")) as client,
        pytest.raises(ClientError, match="did not answer as iPatent does"),
    ):
        client.status()


def test_reading_is_tried_again_while_the_server_starts(proxy: Proxy) -> None:
    proxy.troubles[:] = [502, 503]
    with behind(proxy) as client:
        assert client.status().figures == 100
    assert len(proxy.asked) == 3


def test_the_last_trouble_is_told_when_trying_again_does_not_help(proxy: Proxy) -> None:
    proxy.troubles[:] = [502, 502]
    with behind(proxy, retries=1) as client, pytest.raises(ClientError, match="answered 502"):
        client.status()


def test_an_upload_is_sent_once_only(proxy: Proxy, wrench: Path) -> None:
    proxy.troubles[:] = [503]
    with behind(proxy) as client, pytest.raises(ClientError, match="answered 503"):
        client.upload(wrench)
    assert proxy.asked == ["POST /patents/upload.json"]


def test_a_server_that_does_not_answer_in_time_is_told() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Client(url, timeout=0.3) as client, pytest.raises(TimedOut, match=r"within 0\.3 seconds"):
            client.status()


def test_a_search_becomes_a_record_that_is_replayed_and_exported(desk: Client) -> None:
    found = desk.search("bicycle wheel", k=5)
    line = desk.records.list("bicycle wheel").records[0]
    assert line.id == found.first.record
    proof = desk.records.get(found)
    assert proof.record
    assert [each[0] for each in proof.record["ranked"]] == [hit.figure.id for hit in found.hits]
    again = desk.records.replay(line.id)
    assert (again.older, again.changed) == (line.id, False)
    assert desk.records.change(line.id, again.newer).moved == ()
    assert desk.records.export(found, "pdf").startswith(b"%PDF")
    assert desk.records.export(line.id, "csv", top=2).count(b"USD900002S1") >= 2
    assert len(desk.records.export(found, "run").splitlines()) == 5
    assert desk.records.delete(again.newer) == again.newer
    with pytest.raises(Absent):
        desk.records.get(again.newer)


def test_a_page_after_the_first_has_no_record(desk: Client) -> None:
    with pytest.raises(ClientError, match="not recorded"):
        desk.records.get(desk.search("bicycle", k=2, offset=2))


def test_figures_are_collected_with_notes_and_exported(desk: Client) -> None:
    found = desk.search("gear", k=3)
    made = desk.collections.create("Gears of the client", "for a test")
    for hit in found.hits:
        assert desk.collections.add(made, hit, f"rank {hit.rank}", found, hit.rank).changed
    assert not desk.collections.add(made.id, found.hits[0]).changed
    assert desk.collections.annotate(made, found.hits[1], "better").figures == 3
    assert desk.collections.remove(made, found.hits[0]).figures == 2
    notes = [each["note"] for each in desk.collections.get(made).figures]
    assert notes == ["better", "rank 3"]
    assert made.id in {each.id for each in desk.collections.list(found.hits[1])}
    assert b"better" in desk.collections.export(made, "csv")
    with pytest.raises(ClientError, match="Gears of the client") as taken:
        desk.collections.create("Gears of the client")
    assert taken.value.status == 400
    assert desk.collections.delete(made) == made.id
    assert made.id not in {each.id for each in desk.collections.list()}


def test_judgements_are_measured_and_become_qrels(desk: Client) -> None:
    found = desk.search("ceiling fan", k=4, view="top")
    desk.judgements.judge(found, found.hits[0], 2)
    said = desk.judgements.judge(found, found.hits[1], 0)
    assert said.grades == {found.hits[0].figure.id: 2, found.hits[1].figure.id: 0}
    assert said.measures
    assert said.measures.precision_of_judged == 0.5
    assert desk.judgements.of(found.url).grades == said.grades
    lines = desk.judgements.qrels(found).split("\n")
    assert f"{said.key} 0 {found.hits[0].figure.id} 2" in lines
    assert said.key in desk.judgements.topics()
    assert desk.judgements.judge(found, found.hits[1], None).grades == {found.hits[0].figure.id: 2}


def test_a_saved_search_tells_what_is_new(desk: Client) -> None:
    saved = desk.saved.save("Nozzles of the client", desk.search("nozzle", k=5))
    run = desk.saved.run(saved)
    assert (run.first, run.new, run.problem) == (False, (), "")
    assert {each.name for each in desk.saved.run_all()} == {"Nozzles of the client"}
    assert desk.saved.get(saved).new == ()
    assert desk.saved.mark_read(saved) == 0
    other = desk.saved.save("By its query", "q=hinge&k=3")
    assert desk.saved.run(other.id).first
    for each in (saved, other):
        desk.saved.delete(each)
    assert desk.saved.list() == ()


def test_the_application_can_be_asked_in_this_process(library: Library, wrench: Path) -> None:
    with Client("http://localhost", transport=InProcess(create_app(library.state))) as client:
        assert client.search(pictures=[wrench], k=1).hits[0].figure.id == "USD900005S1/2/1"
        with pytest.raises(Absent):
            client.figure("none")


def test_the_package_gives_the_client_and_loads_nothing_before_it_is_used() -> None:
    code = (
        "import sys, ipatent; print({'httpx2', 'pydantic', 'numpy'} & sys.modules.keys());"
        "ipatent.Client('http://localhost');"
        "print({'onnxruntime', 'faiss', 'fastapi', 'sqlalchemy'} & sys.modules.keys())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split("\n")[:2] == ["set()", "set()"]


MODELS: list[tuple[type[BaseModel], type[BaseModel]]] = [
    (known.SearchAnswer, results.SearchAnswer),
    (known.FigureAnswer, answers.FigureAnswer),
    (known.PatentAnswer, answers.PatentAnswer),
    (known.CompareAnswer, compare.CompareAnswer),
    (known.UploadAnswer, answers.UploadAnswer),
    (known.StatusAnswer, answers.StatusAnswer),
    (kept.RecordsAnswer, records.RecordsAnswer),
    (kept.Change, records.ChangeAnswer),
    (kept.Export, exporting.ExportAnswer),
    (kept.CollectionsAnswer, collections.CollectionsAnswer),
    (kept.Collected, collections.Collected),
    (kept.Judgements, judgements.JudgementsAnswer),
    (kept.OneSaved, watching.OneSaved),
    (kept.Runs, watching.RunsAnswer),
]


@pytest.mark.parametrize(("mine", "served"), MODELS)
def test_all_that_the_client_reads_is_what_the_server_writes(
    mine: type[BaseModel], served: type[BaseModel]
) -> None:
    ours, theirs = mine.model_json_schema(), served.model_json_schema(mode="serialization")
    assert not list(differences(ours, theirs, ours, theirs, mine.__name__))


def differences(
    ours: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any], served: dict[str, Any], place: str
) -> Iterator[str]:
    """Where a schema asks for something that the other does not promise."""
    ours, theirs = resolved(ours, mine), resolved(theirs, served)
    if "anyOf" in ours:
        pairs = zip(ours["anyOf"], theirs.get("anyOf", [{}] * 9), strict=False)
        for one, other in pairs:
            yield from differences(one, other, mine, served, place)
    elif ours.get("type") != theirs.get("type"):
        yield f"{place}: {theirs.get('type')} is read as {ours.get('type')}"
    elif "items" in ours:
        yield from differences(ours["items"], theirs["items"], mine, served, place)
    for name, field in ours.get("properties", {}).items():
        if name not in theirs["properties"]:
            yield f"{place}.{name} is not answered"
        else:
            yield from differences(field, theirs["properties"][name], mine, served, f"{place}.{name}")


def resolved(schema: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "").rpartition("/")[2]
    return whole["$defs"][reference] if reference else schema
