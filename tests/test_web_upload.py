"""Uploads and stored pictures: kept once, limited while they stream, served to be cached for ever."""

import hashlib
import io
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from drawn_patents import Library, draw, fill
from ipatent import uploads
from ipatent.index.embedded import EmbeddedIndex
from ipatent.objects import Objects
from ipatent.pictures import encode_png, open_picture
from ipatent.records import Database, watching
from ipatent.records.pictures_named import pictures_named
from ipatent.settings import Settings
from ipatent.web import create_app
from tiny_encoder import TinyEncoder


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """An application that takes pictures up to 50,000 bytes and 500,000 pixels."""
    settings = Settings(max_upload_bytes=50_000, max_upload_pixels=500_000)
    library = fill(tmp_path_factory.mktemp("strict"), TinyEncoder(), patents=2, settings=settings)
    with TestClient(create_app(library.state), follow_redirects=False) as client:
        yield client
    library.state.close()


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200), noise: int = 0) -> bytes:
    pixels = np.random.default_rng(noise).integers(0, 255, (size[1], size[0]), np.uint8) if noise else None
    image = Image.fromarray(pixels) if pixels is not None else Image.new("L", size, 200)
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


def test_an_upload_leads_to_a_search_that_holds_everything(client: TestClient) -> None:
    fields = {"q": "a  lamp & more", "w": "0.7", "k": "50"}
    answer = client.post("/upload", data=fields, files={"file": ("any name.png", encode_png(draw(4, 0)))})
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    assert (target.scheme, target.netloc, target.path) == ("", "", "/search")
    asked = parse_qs(target.query)
    assert asked["q"] == ["a lamp & more"]
    assert (asked["w"], asked["k"]) == (["0.7"], ["50"])
    assert client.get(answer.headers["location"]).status_code == 200


def test_the_same_picture_is_kept_once_under_its_hash(client: TestClient) -> None:
    data = encode_png(draw(4, 1))
    first, second = (client.post("/upload.json", files={"file": (n, data)}).json() for n in ("a", "b.png"))
    assert first == second
    assert (first["width"], first["height"]) == (700, 560)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "AVIF"])
def test_every_accepted_format_can_be_uploaded_and_shown(client: TestClient, kind: str) -> None:
    answer = client.post("/upload.json", files={"file": ("x", picture(kind))})
    assert answer.status_code == 200
    assert client.get(answer.json()["preview_url"]).headers["content-type"] == "image/png"


REFUSED: dict[str, tuple[bytes, int, str]] = {
    "no picture": (b"just words", 415, "unknown kind"),
    "a damaged PDF": (b"%PDF-1.7\n", 422, "This PDF is not usable: it is damaged"),
    "a web page": (b"<html><script>alert(1)</script>", 415, "web page"),
    "nothing": (b"", 422, "0 bytes"),
    "truncated": (picture(noise=1, size=(150, 150))[:8000], 422, "truncated"),
    "damaged": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, 422, "damaged"),
    "too many pixels": (picture(size=(1000, 501)), 413, "500,000"),
    "too many bytes": (picture(noise=1, size=(400, 200)), 413, "0.1 MB"),
    "a bomb": (picture(size=(5000, 5000)), 413, "25,000,000 pixels"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_upload_is_explained_in_both_forms(strict: TestClient, case: str) -> None:
    data, status, said = REFUSED[case]
    json = strict.post("/upload.json", files={"file": ("x.png", data)})
    assert json.status_code == status
    assert said in json.json()["error"]
    page = strict.post("/upload", files={"file": ("x.png", data)})
    assert page.status_code == status
    assert said in page.text
    assert 'id="search-form"' in page.text


def test_a_form_without_a_picture_asks_for_one(strict: TestClient) -> None:
    for answer in (
        strict.post("/upload.json", files={"other": ("x.png", b"x")}),
        strict.post("/upload.json", data={"q": "lamp"}),
        strict.post("/upload.json", content=b"nonsense", headers={"content-type": "text/plain"}),
        strict.post(
            "/upload.json", content=b"--x", headers={"content-type": "multipart/form-data; boundary=y"}
        ),
        strict.post("/upload.json", content=b"x", headers={"content-type": "multipart/form-data"}),
    ):
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]
    empty = b'--y\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--y--\r\n'
    answer = strict.post(
        "/upload", content=empty, headers={"content-type": "multipart/form-data; boundary=y"}
    )
    assert 400 <= answer.status_code < 500
    assert "picture" in answer.text


def test_a_body_that_does_not_tell_its_size_is_refused_when_it_passes_the_limit(strict: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--y\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n\r\n'
        for _ in range(1000):
            yield b"x" * 1000

    answer = strict.post(
        "/upload.json", content=endless(), headers={"content-type": "multipart/form-data; boundary=y"}
    )
    assert answer.status_code == 413
    assert "max_upload_bytes" in answer.json()["error"]


def test_what_is_refused_is_not_kept(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=1)
    with TestClient(create_app(library.state)) as client:
        client.post("/upload", files={"file": ("x.png", b"no picture")})
        client.post("/upload", files={"file": ("x.png", picture()[:60])})
    assert not [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]
    library.state.close()


def test_another_site_cannot_upload_through_a_visitor(client: TestClient) -> None:
    answer = client.post(
        "/upload.json", files={"file": ("x.png", picture())}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    assert "a page of another site" in answer.json()["error"]


def test_a_file_name_with_newlines_does_no_harm(client: TestClient) -> None:
    answer = client.post("/upload", files={"file": ('a"b\r\nX-Bad: 1.png', picture())})
    assert answer.status_code == 303
    assert "x-bad" not in answer.headers


def test_thumbnails_and_drawings_come_with_type_and_tag_and_stay_cached(
    client: TestClient, library: Library
) -> None:
    figure = library.figures[0]
    for path, kind in (
        (f"/thumbnails/{figure.thumbnail}", "image/webp"),
        (f"/images/{figure.image}", "image/png"),
        (f"/images/{figure.sheet_image}", "image/png"),
    ):
        answer = client.get(path)
        assert answer.headers["content-type"] == kind
        assert answer.headers["etag"] == f'"{path.rpartition("/")[2]}"'
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        again = client.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304
        assert again.content == b""


@pytest.mark.parametrize("path", ["/thumbnails/", "/images/", "/pictures/"])
@pytest.mark.parametrize("name", ["0" * 64, "short", "Z" * 64, "%00"])
def test_a_missing_picture_is_a_placeholder(client: TestClient, path: str, name: str) -> None:
    answer = client.get(path + name)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")
    assert answer.headers["cache-control"] == "no-store"


def test_hits_whose_pictures_are_gone_stay_in_the_list(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=2)
    before = library.figures[0]
    library.state.objects.delete(before.thumbnail)
    library.state.objects.delete(before.image)
    with TestClient(create_app(library.state)) as client:
        data = client.get("/search.json", params={"like": before.id}).json()
        assert data["count"] == 10
        assert client.get(data["hits"][0]["figure"]["thumbnail_url"]).status_code == 404
        assert client.get(f"/figures/{before.id}").status_code == 200
    library.state.close()


class BrokenIndex(EmbeddedIndex):
    """An index with a fault in the program, not in the request."""

    def figure(self, figure_id: str) -> Any:
        raise RuntimeError("secret detail")


def test_a_fault_of_the_program_is_logged_and_told_without_details(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=1)
    broken = BrokenIndex.open(tmp_path / "index.sqlite", library.state.encoder.spec)
    app = create_app(replace(library.state, index=broken))
    with TestClient(app) as client, caplog.at_level(logging.ERROR, logger="ipatent.web.guard"):
        data = client.get("/figures/x/1/1.json")
        assert data.status_code == 500
        assert "secret" not in data.text
        assert data.json()["request_id"] in caplog.text
        assert "secret detail" in caplog.text
        page = client.get("/figures/x/1/1")
        assert page.status_code == 500
        assert "Request id" in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
    broken.close()
    library.state.close()


def test_the_words_are_kept_when_the_picture_is_refused(strict: TestClient) -> None:
    page = strict.post("/upload", data={"q": "door hinge"}, files={"file": ("x.png", b"no picture")})
    assert 'value="door hinge"' in page.text


def test_the_name_of_an_upload_cannot_be_told_from_the_picture(tmp_path: Path) -> None:
    data = encode_png(draw(4, 1))
    names = []
    for place in ("one", "two"):
        store = Objects.open(tmp_path / place)
        names.append(uploads.keep(store, data))
        assert uploads.keep(store, data) == names[-1]
        assert uploads.content_of(store.get(names[-1])) == data
        assert hashlib.sha256(store.get(names[-1])).hexdigest() == names[-1]
    assert len({*names, hashlib.sha256(data).hexdigest()}) == 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "AVIF"])
def test_what_is_stored_can_still_be_opened_as_a_picture(tmp_path: Path, kind: str) -> None:
    store = Objects.open(tmp_path)
    stored = store.get(uploads.keep(store, picture(kind)))
    assert open_picture(stored, 1_000_000).shape[:2] == (200, 300)


def test_uploads_that_nobody_uses_are_forgotten_but_not_those_that_a_record_names(
    tmp_path: Path, records: Database
) -> None:
    store = Objects.open(tmp_path / "uploads")
    old, named, used = (uploads.keep(store, encode_png(draw(4, view))) for view in range(3))
    watching.save(records, "wheels", f"/search?img={named}@1,2,30,40~r90")
    later = time.time() + 40 * uploads.DAY
    uploads.touch(store, used)
    os.utime(tmp_path / "uploads" / used[:2] / used[2:4] / used, (later, later))
    assert uploads.sweep(store, 0, (), later) == 0
    assert uploads.sweep(store, 30, pictures_named(records), later) == 1
    assert [store.exists(name) for name in (old, named, used)] == [False, True, True]
    assert uploads.held(store)[0] == 2


def test_a_heic_picture_is_refused_with_advice(client: TestClient) -> None:
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100
    answer = client.post("/upload.json", files={"file": ("a.heic", heic)})
    if answer.status_code != 422:  # 422 where a reader is installed
        assert answer.status_code == 415
        assert "Save it as JPEG" in answer.json()["advice"]


def test_a_page_of_a_tiff_is_chosen_by_its_number(client: TestClient) -> None:
    stream = io.BytesIO()
    first, second = Image.fromarray(draw(5, 1)), Image.new("L", (300, 200), 128)
    first.save(stream, "TIFF", save_all=True, append_images=[second])
    sent = {"file": ("a.tiff", stream.getvalue())}
    answer = client.post("/upload.json", files=sent, data={"page": "2"}).json()
    assert (answer["pages"], answer["width"], answer["height"]) == (2, 300, 200)
    assert client.post("/upload.json", files=sent, data={"page": "3"}).status_code == 400
    page = client.post("/upload", files=sent, data={"to": "q=lamp&office=US"})
    assert page.headers["location"].startswith("/pages?of=")
    assert "Page 2" in client.get(page.headers["location"]).text


def test_more_than_seven_pictures_are_refused(client: TestClient) -> None:
    files = [("file", (f"{place}.png", picture())) for place in range(8)]
    answer = client.post("/upload", files=files)
    assert answer.status_code == 400
    assert "at most 7" in answer.text
