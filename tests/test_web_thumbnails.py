"""Thumbnails take a way of their own through the application; it must say what the long way says."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ipatent.errors import NotFound
from ipatent.objects import Objects
from ipatent.web.thumbnails import RememberedPictures

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def thumbnail(client: TestClient) -> str:
    """The address of a figure's small picture."""
    hit = client.get("/search.json?q=chair&k=1").json()["hits"][0]
    return hit["figure"]["thumbnail_url"]


def test_a_thumbnail_comes_with_its_type_may_be_kept_for_ever_and_is_guarded(
    client: TestClient, thumbnail: str
) -> None:
    answer = client.get(thumbnail)
    assert answer.status_code == 200
    assert answer.headers["content-type"] in ("image/webp", "image/png")
    assert int(answer.headers["content-length"]) == len(answer.content) > 100
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert client.get(thumbnail).content == answer.content


def test_a_browser_that_has_the_thumbnail_is_not_sent_it_again(client: TestClient, thumbnail: str) -> None:
    etag = client.get(thumbnail).headers["etag"]
    again = client.get(thumbnail, headers={"If-None-Match": f'"other", W/{etag}'})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == etag


def test_the_head_of_a_thumbnail_has_its_size_and_no_body(client: TestClient, thumbnail: str) -> None:
    answer = client.head(thumbnail)
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 100
    assert answer.content == b""


@pytest.mark.parametrize("name", ["0" * 64, "..%2F..%2Findex.sqlite", "A" * 64, "0" * 63, ""])
def test_a_name_of_no_thumbnail_gives_the_placeholder_or_nothing(client: TestClient, name: str) -> None:
    answer = client.get(f"/thumbnails/{name}")
    assert answer.status_code == 404
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_thumbnail_cannot_be_written(client: TestClient, thumbnail: str) -> None:
    assert client.post(thumbnail).status_code == 405


def test_pictures_are_remembered_within_their_room_the_latest_used_longest(tmp_path: Path) -> None:
    store = Objects.open(tmp_path)
    names = [store.put(PNG + bytes([n]) * 92) for n in range(3)]
    pictures = RememberedPictures(store, most_bytes=250)
    for name in names[:2]:
        assert pictures.recall(name) is None
        assert pictures.read(name) == store.get(name)
    assert pictures.recall(names[0]) == store.get(names[0])
    pictures.read(names[2])
    assert [pictures.recall(name) is not None for name in names] == [True, False, True]
    with pytest.raises(NotFound):
        pictures.read("0" * 64)
