"""The map of results over HTTP: places, colours, picks, and the same as a table."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.testclient import TestClient

from drawn_patents import Library, fill
from ipatent.settings import Settings
from ipatent.web import create_app, map_plotly
from tiny_encoder import TinyEncoder

MAP = "/search?browse=all&show=map"


def rows(html: str) -> list[str]:
    return re.findall(r"<tr data-at=.*?</tr>", html, re.S)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[TestClient]:
    """An application of its own with at most 20 figures on a map, to collect into."""
    library = fill(
        tmp_path, TinyEncoder(), patents=6, settings=Settings(data=str(tmp_path), max_clustered=20)
    )
    with TestClient(create_app(library.state), follow_redirects=False) as client:
        yield client
    library.state.close()


def test_every_figure_of_the_map_stands_in_the_table_with_its_place_and_values(client: TestClient) -> None:
    html = client.get(f"{MAP}&of=30").text
    found = rows(html)
    assert len(found) == 30
    for row in found:
        place = re.search(r'data-at="([^"]+)"', row)
        assert place
        assert all(-1 <= float(value) <= 1 for value in place[1].split(","))
        assert re.search(r'<a href="/figures/USD9000\d\dS1/\d/1">FIG. \d', row)
        assert re.search(r'<input type="checkbox" name="pick" value="\d+ USD', row)


def test_legends_count_each_figure_once_for_each_property(client: TestClient) -> None:
    answer = client.get("/map.json?browse=all&of=60&clusters=4&project=pca").json()
    assert [legend["by"] for legend in answer["legends"]] == ["cluster", "type", "section", "year"]
    for place, legend in enumerate(answer["legends"]):
        assert sum(value["count"] for value in legend["values"]) == 60
        counted = [0] * len(legend["values"])
        for point in answer["points"]:
            counted[point["values"][place]] += 1
        assert counted == [value["count"] for value in legend["values"]]
    sections = [value["label"] for value in answer["legends"][2]["values"]]
    assert sections == ["Locarno 07 · Household goods"]
    assert [value["label"] for value in answer["legends"][3]["values"]] == ["2020"]


def test_clusters_of_the_map_are_as_many_as_asked_for(client: TestClient) -> None:
    answer = client.get("/map.json?browse=all&of=60&clusters=7&project=pca").json()
    assert len(answer["legends"][0]["values"]) == 7
    assert "7" in answer["explained"]


@pytest.mark.parametrize("project", ["pca", "neighbours"])
@pytest.mark.parametrize("dims", [2, 3])
def test_places_have_as_many_coordinates_as_asked_for_and_the_same_address_gives_the_same(
    client: TestClient, project: str, dims: int
) -> None:
    address = f"/map/places.json?browse=all&of=40&dims={dims}&project={project}"
    answer = client.get(address)
    told = answer.json()
    assert len(told["at"]) == len(told["ids"]) == 40
    assert {len(at) for at in told["at"]} == {dims}
    assert client.get(address).json() == told
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_mark_of_places_changes_with_what_is_drawn(client: TestClient) -> None:
    marks = {
        client.get(f"/map/places.json?browse=all&{rest}").headers["ETag"]
        for rest in ("of=30", "of=31", "of=30&dims=3", "of=30&project=pca", "of=30&seed=4")
    }
    assert len(marks) == 5


def test_places_are_those_of_the_table_where_no_neighbours_are_asked_for(client: TestClient) -> None:
    told = client.get("/map/places.json?browse=all&of=30&dims=3&project=pca").json()
    html = client.get(f"{MAP}&of=30").text
    for row, at in zip(rows(html), told["at"], strict=True):
        place = re.search(r'data-at="([^"]+)"', row)
        assert place
        assert [float(value) for value in place[1].split(",")] == pytest.approx(at, abs=1e-4)


@pytest.mark.parametrize(
    ("parameter", "said"),
    [("dims=4", "2, 3"), ("by=colour", "cluster, type"), ("project=umap", "neighbours, pca")],
)
def test_an_unknown_choice_is_refused_with_those_there_are(
    client: TestClient, parameter: str, said: str
) -> None:
    answer = client.get(f"/map.json?browse=all&{parameter}")
    assert answer.status_code == 400
    assert parameter in answer.json()["error"]
    assert said in answer.json()["advice"]


def test_choices_of_the_map_stay_in_the_address_and_belong_to_no_record(client: TestClient) -> None:
    html = client.get("/search?q=hinge&show=map&of=20&dims=3&by=year").text
    assert 'href="/search?q=hinge&amp;show=map&amp;of=20&amp;by=year"' in html
    flat, deep = (
        client.get(f"/search?q=hinge{rest}").text for rest in ("&show=map&of=20&dims=3&by=year", "")
    )
    record = r'href="/records/([\w-]+)"'
    assert re.findall(record, flat)[:1] == re.findall(record, deep)[:1]


def test_the_script_of_the_installed_plotly_is_served_packed_and_for_ever(client: TestClient) -> None:
    url = re.search(r'data-plotly="([^"]+)"', client.get(MAP).text)
    assert url
    answer = client.get(url[1])
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    path = map_plotly.plotly_path()
    assert path
    assert answer.content == path.read_bytes()
    plain = client.get(url[1], headers={"Accept-Encoding": "identity"})
    assert plain.content == answer.content
    assert "content-encoding" not in plain.headers
    assert client.get("/map/plotly-0123456789ab.js").status_code == 404
    assert gzip.decompress(map_plotly.plotly_script().packed) == answer.content


def test_pages_of_the_map_keep_the_strict_policy(client: TestClient) -> None:
    policy = client.get(MAP).headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_without_plotly_the_page_says_how_to_get_it_and_shows_the_table(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_plotly, "plotly_path", lambda: None)
    html = client.get(f"{MAP}&of=12").text
    assert "pip install &#39;ipatent[clusters]&#39;" in html or "pip install 'ipatent[clusters]'" in html
    assert "data-plotly" not in html
    assert len(rows(html)) == 12
    assert client.get("/map/plotly-0123456789ab.js").status_code == 404


def picked(client: TestClient, do: str, *figures: str, query: str = "browse=all&show=map&of=60") -> str:
    lines = "\n".join(f"{rank} {figure}" for rank, figure in enumerate(figures, 1))
    answer = client.post(f"/map/pick?{query}", data={"do": do, "pick": lines})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_picked_figures_are_searched_within(client: TestClient) -> None:
    ids = ("USD900003S1/2/1", "USD900003S1/3/1", "USD900005S1/1/1")
    address = picked(client, "within", *ids, query="q=lamp&show=map&of=60")
    found = client.get(address.replace("/search", "/search.json")).json()
    assert sorted(hit["figure"]["id"] for hit in found["hits"]) == sorted(ids)
    assert ("q", "lamp") in parse_qsl(urlsplit(address).query)


@pytest.mark.parametrize(("do", "name"), [("like", "like"), ("unlike", "like.not")])
def test_of_many_picked_figures_seven_that_differ_become_examples(
    client: TestClient, library: Library, do: str, name: str
) -> None:
    ids = [figure.id for figure in library.figures[:40]]
    address = picked(client, do, *ids, query="q=lamp&show=map&of=60")
    examples = [value for key, value in parse_qsl(urlsplit(address).query) if key == name]
    assert len(examples) == 7
    assert len({example.split("/")[0] for example in examples}) > 2


def test_a_query_that_is_full_of_examples_takes_no_more(client: TestClient, library: Library) -> None:
    likes = "&".join(f"like={figure.id}" for figure in library.figures[:7])
    answer = client.post(
        f"/map/pick?{likes}&show=map", data={"do": "like", "pick": f"1 {library.figures[9].id}"}
    )
    assert answer.status_code == 400
    assert "Remove some" in answer.text


def test_picked_figures_are_collected_into_a_new_collection(small: TestClient) -> None:
    lines = ["1 USD900003S1/2/1", "2 USD900004S1/1/1\n3 USD900004S1/2/1"]
    answer = small.post(
        "/map/pick?browse=all&show=map&of=20", data={"do": "collect", "pick": lines, "name": "From the map"}
    )
    assert answer.headers["location"].startswith("/search?")
    (made,) = small.get("/collections.json").json()["collections"]
    assert (made["name"], made["figures"]) == ("From the map", 3)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"do": "within"}, "No figure was picked"),
        ({"do": "within", "pick": "1 nothing"}, "names no figures"),
        ({"do": "collect", "pick": "1 USD900003S1/2/1"}, "No collection is chosen"),
        ({"do": "collect", "pick": "1 USD1S1/2/1", "name": "x"}, "USD1S1/2/1"),
    ],
)
def test_a_pick_that_cannot_be_followed_says_why(small: TestClient, data: dict[str, str], said: str) -> None:
    answer = small.post("/map/pick?browse=all&show=map&of=20", data=data)
    assert answer.status_code in (400, 404)
    assert said in answer.text
    assert small.get("/collections.json").json()["collections"] == []


def test_more_figures_than_may_be_drawn_are_refused(small: TestClient) -> None:
    answer = small.get("/map.json?browse=all&of=21")
    assert answer.status_code == 400
    assert "20" in answer.json()["error"]
    assert len(small.get("/map.json?browse=all&of=20&project=pca").json()["points"]) == 20


def test_a_search_without_hits_has_no_map(client: TestClient) -> None:
    html = client.get("/search?q=hinge&type=flowchart&show=map").text
    assert 'id="map"' not in html
    assert client.get("/map.json?q=hinge&type=flowchart").json()["points"] == []


def test_one_figure_alone_is_drawn_in_the_middle(client: TestClient) -> None:
    answer = client.get("/map.json?among=USD900003S1/2/1&of=1").json()
    assert [point["at"] for point in answer["points"]] == [[0.0, 0.0]]


def test_the_answer_is_described_in_the_schema(client: TestClient) -> None:
    schema = json.dumps(client.get("/openapi.json").json()["paths"]["/map.json"])
    assert "MapAnswer" in schema
