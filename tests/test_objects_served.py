"""An index whose drawings lie in a bucket: filled, searched and served as one in folders; full disks."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from drawn_patents import Library, draw, fill
from ipatent import uploads
from ipatent.bucket import Bucket
from ipatent.cli import app
from ipatent.errors import IndexProblem
from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import IngestSummary, ingest
from ipatent.objects import Objects, copy_all
from ipatent.opening import open_objects, open_uploads
from ipatent.pictures import encode_png
from ipatent.removal import remove_patent
from ipatent.settings import Settings
from ipatent.web import create_app
from ipatent.web.objects import stretch_of
from office_servers import KEY, SECRET, S3Server
from servers import free_port
from tiny_encoder import TinyEncoder


@pytest.fixture(scope="module", autouse=True)
def _key() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        yield


@pytest.fixture(scope="module")
def stored(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Drawn patents whose pictures were brought from folders to a bucket."""
    filled = fill(tmp_path_factory.mktemp("stored"), TinyEncoder(), patents=2)
    place = Bucket("s3://office/served", s3.endpoint, seconds=2)
    objects = Objects.open(place.below("objects"))
    copy_all(filled.state.objects, objects, [each.name for each in filled.state.objects.each()])
    state = replace(filled.state, objects=objects, uploads=Objects.open(place.below("uploads")))
    yield Library(state, filled.figures)
    filled.state.close()


@pytest.fixture
def client(stored: Library) -> Iterator[TestClient]:
    with TestClient(create_app(stored.state)) as client:
        yield client


def test_pictures_in_a_bucket_are_served_whole_and_by_stretches(client: TestClient, stored: Library) -> None:
    hit = client.get("/search.json?q=chair&k=1").json()["hits"][0]["figure"]
    small = client.get(hit["thumbnail_url"])
    assert small.status_code == 200
    whole = client.get(hit["image_url"])
    name = hit["image_url"].rpartition("/")[2]
    assert hashlib.sha256(whole.content).hexdigest() == name
    assert (whole.headers["etag"], whole.headers["accept-ranges"]) == (f'"{name}"', "bytes")
    assert "immutable" in whole.headers["cache-control"]
    size = len(whole.content)
    for url in (hit["image_url"], hit["thumbnail_url"]):
        data = client.get(url).content
        for asked, first, last in (
            ("bytes=0-9", 0, 9),
            ("bytes=10-", 10, len(data) - 1),
            ("bytes=-7", len(data) - 7, len(data) - 1),
            (f"bytes=5-{len(data) * 9}", 5, len(data) - 1),
        ):
            part = client.get(url, headers={"Range": asked})
            assert part.status_code == 206
            assert part.content == data[first : last + 1]
            assert part.headers["content-range"] == f"bytes {first}-{last}/{len(data)}"
            assert part.headers["content-type"] in ("image/png", "image/webp")
    beyond = client.get(hit["image_url"], headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    for headers in (
        {"Range": "bytes=0-4,8-9"},
        {"Range": "chapters=1-2"},
        {"Range": "bytes=9-2"},
        {"Range": "bytes=0-4", "If-Range": '"another"'},
    ):
        answer = client.get(hit["image_url"], headers=headers)
        assert (answer.status_code, len(answer.content)) == (200, size)
    same = client.get(hit["image_url"], headers={"Range": "bytes=0-4", "If-Range": f'"{name}"'})
    assert same.status_code == 206
    assert client.get(hit["image_url"], headers={"If-None-Match": f'"{name}"'}).status_code == 304
    assert client.get(f"/images/{'0' * 64}", headers={"Range": "bytes=0-1"}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "size", "found"),
    [("bytes=0-0", 1, (0, 0)), ("bytes=-5", 3, (0, 2)), ("bytes=-0", 3, None), ("bytes=0-", 0, None)],
)
def test_the_ends_of_a_stretch_lie_in_the_picture(asked: str, size: int, found: object) -> None:
    assert stretch_of(asked, size) == found


def test_a_large_picture_is_sent_piece_by_piece(client: TestClient, stored: Library) -> None:
    content = b"\x89PNG\r\n\x1a\n" + os.urandom(3_000_000)
    name = stored.state.objects.put(content)
    with client.stream("GET", f"/images/{name}") as answer:
        assert answer.headers["content-length"] == str(len(content))
        assert answer.headers["content-type"] == "image/png"
        pieces = list(answer.iter_raw())
    assert len(pieces) > 3
    assert b"".join(pieces) == content
    assert client.head(f"/images/{name}").headers["content-length"] == str(len(content))


def test_an_uploaded_picture_is_found_by_every_worker(client: TestClient, stored: Library) -> None:
    drawing = stored.state.objects.get(stored.figures[0].image)
    sent = client.post("/upload", files={"file": ("a.png", drawing)}, follow_redirects=False)
    name = sent.headers["location"].partition("img=")[2][:64]
    with TestClient(create_app(stored.state)) as other:
        assert other.get(f"/pictures/{name}").headers["content-type"] == "image/png"
        found = other.get(sent.headers["location"].replace("/search?", "/search.json?")).json()
        assert found["hits"][0]["figure"]["id"] == stored.figures[0].id
    assert not stored.state.objects.exists(name)


def test_browsers_may_fetch_drawings_from_the_bucket_itself_but_no_uploads(
    stored: Library, s3: S3Server
) -> None:
    linked = replace(stored.state, settings=replace(stored.state.settings, objects_link_seconds=600))
    with TestClient(create_app(linked), follow_redirects=False) as client:
        page = client.get("/search?q=chair")
        assert f"img-src 'self' {s3.endpoint};" in page.headers["content-security-policy"]
        for url in (f"/images/{stored.figures[0].image}", f"/thumbnails/{stored.figures[0].thumbnail}"):
            answer = client.get(url)
            assert answer.status_code == 302
            assert answer.headers["cache-control"] == "private, max-age=300"
            address = answer.headers["location"]
            assert address.startswith(s3.endpoint)
            assert SECRET not in address
            fetched = httpx.get(address)
            assert hashlib.sha256(fetched.content).hexdigest() == url.rpartition("/")[2]
            assert fetched.headers["content-type"].startswith("image/")
            assert "immutable" in fetched.headers["cache-control"]
            assert httpx.get(address.replace("/objects/", "/uploads/")).status_code in (403, 404)
        sent = client.post("/upload", files={"file": ("a.png", httpx.get(address).content)})
        name = sent.headers["location"].partition("img=")[2][:64]
        assert client.get(f"/pictures/{name}").status_code == 200
        assert client.get("/images/nonsense").status_code == 404
    with TestClient(create_app(stored.state)) as client:
        assert s3.endpoint not in client.get("/").headers["content-security-policy"]


def test_a_folder_is_brought_to_a_bucket_by_one_command_and_works_on_there(
    s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, kept = Objects.open(tmp_path / "objects"), Objects.open(tmp_path / "uploads")
    names = old.put_all([bytes([n]) * 50 for n in range(10)])
    upload = uploads.keep(kept, b"sketch")
    monkeypatch.setenv("IPATENT_OBJECTS_ENDPOINT", s3.endpoint)
    command = ["migrate", "--objects", "s3://office/brought", "--data", str(tmp_path), "--json"]
    for copied in (11, 0):
        done = CliRunner().invoke(app, command)
        assert json.loads(done.stdout) == {"objects": 11, "copied": copied}
    settings = Settings(objects="s3://office/brought", objects_endpoint=s3.endpoint)
    assert open_objects(settings).get_all(names) == old.get_all(names)
    assert uploads.keep(open_uploads(settings), b"sketch") == upload
    assert "nothing to bring" in str(CliRunner().invoke(app, ["migrate"]).exception)


def test_a_bucket_that_is_down_spoils_pictures_and_not_the_search(stored: Library) -> None:
    away = Objects.open(Bucket("s3://office/served", f"http://127.0.0.1:{free_port()}", seconds=0.5))
    with TestClient(create_app(replace(stored.state, objects=away))) as client:
        assert len(client.get("/search.json?q=chair&k=5").json()["hits"]) == 5
        for url in (f"/images/{stored.figures[0].image}", f"/thumbnails/{stored.figures[0].thumbnail}"):
            answer = client.get(url, headers={"Accept": "application/json"})
            assert answer.status_code == 503
            assert "cannot be reached" in answer.text
            assert "immutable" not in answer.headers["cache-control"]


def draw_patents(folder: Path, number: int) -> None:
    """Pictures of some patents, of two figures each."""
    folder.mkdir()
    for patent in range(number):
        for view in range(2):
            name = f"USD{700000 + patent}-20150106-D{view + 1:05}.png"
            (folder / name).write_bytes(encode_png(draw(patent, view)))


@contextmanager
def filling(patents: Path, data: Path, place: Path | Bucket, done: list[object]) -> Iterator[None]:
    """An ingest that goes on beside the test."""

    def work() -> None:
        settings = Settings(data=str(data), processes=1)
        try:
            with EmbeddedIndex.open(data / "index.sqlite", TinyEncoder().spec, create=True) as index:
                done.append(ingest([patents], index, TinyEncoder(), place, settings))
        except IndexProblem as problem:
            done.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join(120)


def check_whole(index: EmbeddedIndex, objects: Objects) -> int:
    """Every figure of the index has its pictures, and they are the right ones; how many figures."""
    figures = [figure for patent in index.patents(0, 1000) for figure in index.figures_of(patent.id)]
    names = {name for each in figures for name in (each.image, each.sheet_image, each.thumbnail)}
    for name, content in zip(names, objects.get_all(list(names)), strict=True):
        assert hashlib.sha256(content).hexdigest() == name
    return len(figures)


def test_two_ingests_at_once_go_on_by_themselves_when_the_server_was_killed(
    s3: S3Server, tmp_path: Path
) -> None:
    draw_patents(tmp_path / "patents", 4)
    place = Bucket("s3://office/killed", s3.endpoint, seconds=60)
    objects = Objects.open(place)
    done: list[object] = []
    with (
        filling(tmp_path / "patents", tmp_path, place, done),
        filling(tmp_path / "patents", tmp_path, place, done),
    ):
        deadline = time.monotonic() + 60
        while not any(objects.each()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        s3.kill()
        s3.start()
    assert all(isinstance(summary, IngestSummary) and not summary.skipped for summary in done), done
    with EmbeddedIndex.open(tmp_path / "index.sqlite", TinyEncoder().spec) as index:
        assert index.status().patents == 4
        assert check_whole(index, objects) == 8
        gone = index.figures_of(index.patents(0, 1)[0].id)[0]
        remove_patent(gone.patent_id, index, objects)
        assert not objects.exists(gone.image)
        assert check_whole(index, objects) == index.status().figures


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A disk of its own at a folder, or the test is skipped."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True
    )
    if made.returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a small disk")
def test_an_ingest_on_a_full_disk_stops_clearly_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    draw_patents(tmp_path / "patents", 4)
    data = tmp_path / "data"
    with small_disk(data, "700k"):
        done: list[object] = []
        with filling(tmp_path / "patents", data, data / "objects", done):
            pass
        (problem,) = done
        assert isinstance(problem, IndexProblem)
        assert "is full" in problem.message
        assert "Free some space" in problem.advice
        subprocess.run(["mount", "-o", "remount,size=64m", str(data)], check=True)
        objects = Objects.open(data / "objects")
        with EmbeddedIndex.open(data / "index.sqlite", TinyEncoder().spec, create=True) as index:
            assert index.status().patents < 4
            assert check_whole(index, objects) == index.status().figures
        with filling(tmp_path / "patents", data, data / "objects", done):
            pass
        assert isinstance(done[1], IngestSummary)
        with EmbeddedIndex.open(data / "index.sqlite", TinyEncoder().spec) as index:
            assert index.status().patents == 4
            assert check_whole(index, objects) == index.status().figures
