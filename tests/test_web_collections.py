"""Collections on the web: made, filled from hits, annotated, put in order, searched with, exported."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from drawn_patents import Library
from ipatent.records import collections as kept
from ipatent.web import create_app

FIRST, SECOND, THIRD = "USD900001S1/1/1", "USD900002S1/1/1", "USD900003S1/1/1"


@pytest.fixture
def browser(library: Library) -> Iterator[TestClient]:
    """A browser of its own, with no collection chosen and none there."""
    for each in kept.list_collections(library.state.records):
        kept.delete_collection(library.state.records, each.id)
    with TestClient(create_app(library.state), follow_redirects=False) as client:
        yield client


def make(browser: TestClient, name: str = "Hinges") -> str:
    made = browser.post("/collections", data={"name": name, "description": "What for"})
    assert made.status_code == 303
    return made.headers["location"].removeprefix("/collections/")


def ids(browser: TestClient, collection: str) -> list[str]:
    return [each["figure"] for each in browser.get(f"/collections/{collection}.json").json()["figures"]]


def test_a_figure_is_collected_by_one_press_and_the_page_comes_back_to_it(browser: TestClient) -> None:
    collection = make(browser)
    record = browser.get("/search.json?q=hinge&k=5").json()["record"]
    pressed = {"collect": f"3 {FIRST}", "record": record, "back": "/search?q=hinge&k=5"}
    answer = browser.post("/collections/collect", data=pressed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=hinge&k=5#hit-3")
    page = browser.get(f"/collections/{collection}").text
    assert FIRST in page
    assert "found at rank 3 of" in page
    assert f"/records/{record}" in page
    browser.post("/collections/collect", data={"uncollect": f"3 {FIRST}", "back": "/"})
    assert ids(browser, collection) == []


def test_without_a_chosen_collection_it_is_asked_for(browser: TestClient) -> None:
    asked = browser.post("/collections/collect", data={"collect": f"2 {FIRST}", "back": "/search?q=x"})
    address = urlsplit(asked.headers["location"])
    assert address.path == "/collections/collect"
    assert parse_qs(address.query)["figure"] == [FIRST]
    assert "Which collection shall it go into?" in browser.get(asked.headers["location"]).text
    given = {"collect": f"2 {FIRST}", "name": "Made on the way", "back": "/search?q=x"}
    assert browser.post("/collections/collect", data=given).headers["location"] == "/search?q=x#hit-2"
    listed = browser.get("/collections.json").json()
    assert [(each["name"], each["figures"]) for each in listed["collections"]] == [("Made on the way", 1)]
    assert listed["current"] == listed["collections"][0]["id"], "the next press needs no question"
    refused = TestClient(browser.app).post("/collections/collect.json", json={"figure": FIRST})
    assert refused.status_code == 400
    assert "No collection is chosen" in refused.json()["error"]


def test_hits_show_what_is_collected(browser: TestClient) -> None:
    make(browser)
    hit = browser.get("/search.json?q=wrench&k=3").json()["hits"][0]["figure"]["id"]
    page = browser.get("/search?q=wrench&k=3").text
    assert f'name="collect" value="1 {hit}"' in page
    browser.post("/collections/collect", data={"collect": f"1 {hit}"})
    page = browser.get("/search?q=wrench&k=3").text
    assert f'name="uncollect" value="1 {hit}"' in page
    assert "Hinges (1)" in page
    assert "Hinges" in browser.get(f"/figures/{hit}").text
    assert "Hinges" in browser.get(f"/compare?figure={hit}&figure={FIRST}").text


def test_a_page_of_another_place_is_never_gone_back_to(browser: TestClient) -> None:
    make(browser)
    for back in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:0"):
        answer = browser.post("/collections/collect", data={"collect": f"0 {FIRST}", "back": back})
        assert answer.headers["location"] == "/"


def test_figures_are_annotated_moved_and_taken_out_without_scripts(browser: TestClient) -> None:
    collection = make(browser)
    for figure in (FIRST, SECOND, THIRD):
        browser.post("/collections/collect", data={"collect": f"0 {figure}"})
    place = f"/collections/{collection}/figures"
    down = browser.post(place, data={"figure": FIRST, "act": "down", "note": ""})
    assert down.headers["location"] == f"/collections/{collection}#item-2"
    assert ids(browser, collection) == [SECOND, FIRST, THIRD]
    browser.post(place, data={"figure": THIRD, "act": "up"})
    assert ids(browser, collection) == [SECOND, THIRD, FIRST]
    browser.post(place, data={"figure": THIRD, "act": "note", "note": "<b>closest</b> so far"})
    page = browser.get(f"/collections/{collection}").text
    assert "&lt;b&gt;closest&lt;/b&gt; so far" in page
    browser.post(place, data={"figure": SECOND, "act": "remove"})
    assert ids(browser, collection) == [THIRD, FIRST]
    assert browser.post(place, data={"figure": "nosuch/1/1", "act": "note"}).status_code == 404


def test_the_json_side_does_the_same(browser: TestClient) -> None:
    made = browser.post("/collections.json", json={"name": "By program", "description": "d"})
    assert made.status_code == 201
    collection = made.json()["id"]
    figures = f"/collections/{collection}/figures.json"
    added = browser.post(figures, json={"figure": FIRST, "note": "n"}).json()
    assert (added["is_in"], added["changed"], added["collection"]["figures"]) == (True, True, 1)
    assert browser.post(figures, json={"figure": FIRST}).json()["changed"] is False
    browser.post(figures, json={"figure": SECOND})
    browser.patch(figures, json={"figure": SECOND, "note": "second", "place": 1})
    assert ids(browser, collection) == [SECOND, FIRST]
    browser.put(f"/collections/{collection}/order.json", json={"figures": [FIRST]})
    assert ids(browser, collection) == [FIRST, SECOND]
    assert browser.delete(figures, params={"figure": FIRST}).json()["figures"] == 1
    changed = browser.patch(f"/collections/{collection}.json", json={"name": "Renamed"}).json()
    assert (changed["name"], changed["description"]) == ("Renamed", "d")
    assert browser.delete(f"/collections/{collection}.json").json() == {"deleted": collection}
    assert browser.get(f"/collections/{collection}.json").status_code == 404


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "A collection's name has 1 to 200 characters."),
        ("x" * 201, "A collection's name has 1 to 200 characters."),
        ("Hinges", "There is a collection named 'Hinges' already."),
    ],
)
def test_a_bad_name_is_refused_with_the_reason(browser: TestClient, name: str, said: str) -> None:
    make(browser)
    refused = browser.post("/collections.json", json={"name": name})
    assert (refused.status_code, refused.json()["error"]) == (400, said)


def test_a_long_note_and_an_unknown_figure_are_refused(browser: TestClient) -> None:
    collection = make(browser)
    browser.post("/collections/collect", data={"collect": f"0 {FIRST}"})
    place = f"/collections/{collection}/figures.json"
    refused = browser.patch(place, json={"figure": FIRST, "note": "x" * 20_001})
    assert refused.json()["error"] == "The note has 20,001 characters; the limit is 20,000."
    assert browser.post(place, json={"figure": "nosuch/1/1"}).status_code == 404
    assert browser.post("/collections/collect", data={"collect": "nonsense"}).status_code == 400
    assert browser.post("/collections/collect.json", json={"into": collection}).status_code == 400


def test_deleting_asks_first(browser: TestClient) -> None:
    collection = make(browser)
    assert "Delete this collection?" in browser.get(f"/collections/{collection}/delete").text
    assert browser.post(f"/collections/{collection}/delete").headers["location"] == "/collections"
    assert browser.get(f"/collections/{collection}").status_code == 404
    assert browser.get("/search?q=hinge&k=2").status_code == 200, "the cookie names it still"


def test_the_first_seven_figures_that_are_indexed_become_examples(
    browser: TestClient, library: Library
) -> None:
    collection = make(browser)
    kept.add(library.state.records, collection, "USD1S1/1/1", "was here once")
    for figure in library.figures[:9]:
        browser.post(f"/collections/{collection}/figures.json", json={"figure": figure.id})
    page = browser.get(f"/collections/{collection}").text
    assert "no longer in the index" in page
    address = page.partition('href="/search?')[2].partition('"')[0].replace("&amp;", "&")
    assert parse_qs(address)["like"] == [figure.id for figure in library.figures[:7]]
    assert browser.get(f"/search?{address}").status_code == 200


@pytest.mark.parametrize(
    ("suffix", "begins"), [("pdf", b"%PDF"), ("json", b"{"), ("csv", b"\xef"), ("ris", b"TY"), ("bib", b"@")]
)
def test_a_collection_is_exported(browser: TestClient, suffix: str, begins: bytes) -> None:
    collection = make(browser, "Griffe für Türen")
    browser.post("/collections/collect", data={"collect": f"0 {FIRST}"})
    answer = browser.get(f"/collections/{collection}.{suffix}")
    assert answer.content.startswith(begins)
    name = f'filename="collection-Griffe-fur-Turen-{collection}.{suffix}"'
    assert name in answer.headers["content-disposition"]
    tag = {"If-None-Match": answer.headers["etag"]}
    assert browser.get(f"/collections/{collection}.{suffix}", headers=tag).status_code == 304
    browser.patch(f"/collections/{collection}/figures.json", json={"figure": FIRST, "note": "changed"})
    assert browser.get(f"/collections/{collection}.{suffix}", headers=tag).status_code == 200
    assert browser.get(f"/collections/{collection}.run").status_code in (400, 404)
