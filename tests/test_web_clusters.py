"""Clusters on the web: rows, keywords, ways on from them, titles as they are written, JSON."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.testclient import TestClient

from drawn_patents import Library
from ipatent import cluster
from ipatent.settings import Settings
from ipatent.web import create_app
from ipatent.web.asked import Asked
from ipatent.web.clusters_links import like_url
from stand_in_model import GOOD, StandIn, completion, served, slowly

ASKED = "/search?q=hinge&show=clusters"


def page_of(client: TestClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.text


def rows(page: str) -> list[str]:
    return re.split(r'(?=<details class="cluster)', page)[1:]


def ranks(row: str) -> list[int]:
    return [int(rank) for rank in re.findall(r'class="card hit[^>]*id="hit-(\d+)"', row)]


def link(page: str, text: str) -> str:
    found = re.search(rf'href="([^"]+)"[^>]*>[^<]*{re.escape(text)}', page)
    assert found, text
    return unescape(found[1])


def parameters(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def ids(client: TestClient, url: str) -> list[str]:
    answer = client.get(f"/search.json?{urlsplit(url).query}")
    assert answer.status_code == 200, answer.text
    return [hit["figure"]["id"] for hit in answer.json()["hits"]]


@contextmanager
def with_model(library: Library, folder: Path, stand_in: StandIn, **more: Any) -> Iterator[TestClient]:
    settings = replace(
        library.state.settings, data=str(folder), lvlm_url=stand_in.url, lvlm_model="eye", **more
    )
    with TestClient(create_app(replace(library.state, settings=settings))) as client:
        yield client


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = re.findall(r"event: (\w+)\ndata: (.*)\n\n", text)
    return [(name, json.loads(data)) for name, data in found]


def test_rows_stand_in_the_order_of_their_best_rank_and_begin_with_their_medoid(client: TestClient) -> None:
    page = page_of(client, ASKED)
    groups = client.get("/clusters.json?q=hinge").json()["clusters"]
    shown = [ranks(row) for row in rows(page)]
    assert len(shown) == 5
    assert shown == [[member["rank"] for member in group["members"]] for group in groups]
    assert [min(row) for row in shown] == sorted(min(row) for row in shown)
    assert all(row[1:] == sorted(row[1:]) for row in shown)
    assert sorted(rank for row in shown for rank in row) == list(range(1, 61))
    for row in rows(page):
        assert 'role="region" tabindex="0" aria-label="Figures of cluster' in row
        assert ">extracted</span>" in row
        assert "patent" in row


def test_the_layout_may_also_be_named_by_view(client: TestClient) -> None:
    assert rows(page_of(client, "/search?q=hinge&view=clusters"))


def test_the_form_of_the_page_asks_for_other_groups_and_the_address_keeps_them(client: TestClient) -> None:
    grouping = "&of=30&clusters=3&captions=0.4&together=0.7&seed=2"
    page = page_of(client, ASKED + grouping)
    assert len(rows(page)) == 3
    assert sum(len(ranks(row)) for row in rows(page)) == 30
    assert '<option value="30" selected>30</option>' in page
    assert 'name="captions" min="0" max="1" step="0.1" value="0.4"' in page
    # Other links of the page keep the grouping.
    assert "of=30&amp;clusters=3&amp;captions=0.4&amp;together=0.7&amp;seed=2" in page
    assert page_of(client, ASKED + grouping).count("cluster-title") == 3


def test_how_the_groups_came_about_is_said_in_one_line(client: TestClient) -> None:
    assert "5 groups by k-means." in page_of(client, ASKED)
    assert "are best told apart" in page_of(client, ASKED + "&method=auto")
    assert "near-duplicates" in page_of(client, ASKED + "&method=agglomerative")


def test_what_fits_into_no_dense_group_stands_last_and_says_so(client: TestClient) -> None:
    page = page_of(client, ASKED + "&method=agglomerative")
    answer = client.get("/clusters.json?q=hinge&method=agglomerative").json()
    assert answer["rest"]
    last = rows(page)[-1]
    assert "Does not fit anywhere" in last
    assert ranks(last) == [member["rank"] for member in answer["rest"]][:40]
    assert "extracted" not in last


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("of=0", "of is 0; it must lie between 1 and 5,000."),
        ("of=5001", "max_clustered"),
        ("of=many", "of must be a whole number"),
        ("clusters=51", "between 1 and 50"),
        ("captions=2", "between 0 and 1"),
        ("captions=nan", "between 0 and 1"),
        ("together=1.5", "between 0 and 1"),
        ("together=much", "must be a number from 0 to 1"),
        ("method=magic", "kmeans, auto, agglomerative, hdbscan"),
        ("seed=-1", "seed is -1"),
        ("among=chair", "Write the ids of figures"),
    ],
)
@pytest.mark.parametrize("where", ["/search", "/clusters.json", "/clusters/titles"])
def test_a_wrong_wish_is_refused_with_what_is_allowed(
    client: TestClient, where: str, wrong: str, said: str
) -> None:
    answer = client.get(f"{where}?q=hinge&show=clusters&{wrong}")
    assert answer.status_code == 400
    assert said in unescape(answer.text)


def test_without_scikit_learn_its_methods_say_how_to_install_it_and_the_others_work(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sklearn.cluster", "scipy.sparse"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    for method in ("hdbscan", "agglomerative"):
        page = page_of(client, f"{ASKED}&method={method}")
        assert "needs scikit-learn, which is not installed." in page
        assert 'pip install "ipatent[clusters]"' in unescape(page)
        assert 'name="method"' in page
    assert rows(page_of(client, ASKED))
    assert rows(page_of(client, ASKED + "&method=auto"))


def test_keywords_lead_to_where_they_occur_and_into_the_query_and_out_of_it(client: TestClient) -> None:
    answer = client.get("/clusters.json?q=hinge&clusters=4").json()
    page = page_of(client, ASKED + "&clusters=4")
    row, group = rows(page)[0], answer["clusters"][0]
    keyword = group["keywords"][0]
    assert f"{keyword['text']} <span" in row
    where = ids(client, link(row, "See where it occurs"))
    assert len(where) == keyword["figures"]
    assert set(where) <= {member["figure"]["id"] for member in group["members"]}
    assert parameters(link(row, "Add it to the query"))["q"] == f"hinge {keyword['text']}"
    excluded = link(row, "Exclude it")
    assert parameters(excluded)["q"].startswith("hinge NOT ")
    assert not set(ids(client, excluded)) & set(where)


def test_search_within_finds_the_members_of_the_cluster_and_nothing_else(client: TestClient) -> None:
    page = page_of(client, ASKED)
    within = link(rows(page)[1], "Search within")
    members = client.get("/clusters.json?q=hinge").json()["clusters"][1]["members"]
    assert set(ids(client, within)) == {member["figure"]["id"] for member in members}
    shown = page_of(client, within)
    assert "Among figures" in shown
    # Other words look among the same figures.
    assert set(ids(client, within.replace("q=hinge", "q=lid"))) <= set(ids(client, within))


def test_a_cluster_serves_as_examples_up_to_as_many_as_there_is_room_for(client: TestClient) -> None:
    page = page_of(client, ASKED + "&clusters=2")
    more, less = (link(rows(page)[0], text) for text in ("More like these", "Less like these"))
    wanted = [value for name, value in parse_qsl(urlsplit(more).query) if name == "like"]
    unwanted = [value for name, value in parse_qsl(urlsplit(less).query) if name == "like.not"]
    assert 1 < len(wanted) <= 7
    assert wanted == unwanted
    members = client.get("/clusters.json?q=hinge&clusters=2").json()["clusters"][0]["members"]
    assert wanted[0] == members[0]["figure"]["id"]
    assert client.get(more).status_code == client.get(less).status_code == 200
    full = Asked(q="x")
    for n in range(7):
        full = full.with_like(f"US1/1/{n}")
    assert like_url(full, wanted) == ""
    assert like_url(full.without_like("US1/1/3"), wanted).count("like=") == 7


def test_a_cluster_is_collected_as_a_whole(library: Library) -> None:
    client = TestClient(create_app(library.state), follow_redirects=False)  # has its own cookies
    page = page_of(client, ASKED)
    row = rows(page)[0]
    form = {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', row)
    }
    action = re.search(r'<form class="keyword-acts" action="([^"]+)"', row)
    assert action
    answer = client.post(unescape(action[1]), data={**form, "name": "A whole cluster"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/search?")
    kept = client.get("/collections.json").json()["collections"]
    (made,) = (each for each in kept if each["name"] == "A whole cluster")
    client.delete(f"/collections/{made['id']}.json")
    assert made["figures"] == len(ranks(row))


def test_more_members_than_a_row_shows_are_one_click_away(client: TestClient) -> None:
    page = page_of(client, ASKED + "&clusters=1")
    (row,) = rows(page)
    assert len(ranks(row)) == 40
    assert len(ids(client, link(row, "20 more"))) == 60


def test_the_same_address_gives_the_same_clusters(client: TestClient) -> None:
    first, second = (client.get("/clusters.json?q=hinge&seed=4").json()["clusters"] for _ in range(2))
    assert first == second


def test_clusters_of_nothing_are_the_same_note_as_results_of_nothing(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinge&type=photograph&show=clusters")
    assert not rows(page)
    assert "The filters leave no figure." in page
    assert client.get("/clusters.json?q=hinge&type=photograph").json()["clusters"] == []


def test_judgements_and_records_know_nothing_of_the_grouping(client: TestClient) -> None:
    page = page_of(client, ASKED + "&clusters=3&of=20")
    record = re.search(r'href="/records/(\w+)"', page)
    assert record
    kept = client.get(f"/records/{record[1]}.json").text
    assert "q=hinge" in kept
    assert "clusters=3" not in kept
    assert "show=" not in kept


def test_titles_come_as_events_in_the_order_of_the_rows_with_mark_and_support(
    library: Library, tmp_path: Path
) -> None:
    with served() as stand_in, with_model(library, tmp_path, stand_in) as client:
        page = page_of(client, ASKED)
        assert 'data-titles="/clusters/titles?q=hinge&amp;show=clusters"' in page
        answer = client.get("/clusters/titles?q=hinge&show=clusters")
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        found = events(answer.text)
        assert [name for name, _ in found] == ["title"] * 5 + ["end"]
        assert [body["number"] for _, body in found[:-1]] == [1, 2, 3, 4, 5]
        medoids = re.findall(r'data-medoid="([^"]+)"', page)
        assert [body["medoid"] for _, body in found[:-1]] == medoids
        first = found[0][1]
        assert (first["title"], first["description"]) == (GOOD["title"], GOOD["description"])
        assert first["mark"] == "written by eye"
        assert first["support"]
        assert "of its nouns occur in captions" in first["told"]
        asked = len(stand_in.asked)
        client.get("/clusters/titles?q=hinge&show=clusters")
        assert len(stand_in.asked) == asked  # all kept from the first time
        waited = client.get("/clusters.json?q=hinge&titles=generated").json()["clusters"]
        assert [group["title"]["model"] for group in waited] == ["eye"] * 5


def test_a_title_that_nothing_backs_is_said_to_have_low_support(library: Library, tmp_path: Path) -> None:
    odd = {"title": "Steam locomotive with whistle", "description": "A locomotive with a funnel."}
    with (
        served(lambda request, number: (200, completion(odd))) as stand_in,
        with_model(library, tmp_path, stand_in) as client,
    ):
        found = events(client.get("/clusters/titles?q=hinge&show=clusters&clusters=1").text)
    assert found[0][1]["low"] is True
    assert "locomotive" in found[0][1]["told"]


@pytest.mark.parametrize("status", [500, 401])
def test_where_the_model_fails_titles_stay_extracted_and_say_why(
    library: Library, tmp_path: Path, status: int
) -> None:
    with (
        served(lambda request, number: (status, {"error": {"message": "no"}})) as stand_in,
        with_model(library, tmp_path, stand_in) as client,
    ):
        found = events(client.get("/clusters/titles?q=hinge&show=clusters&clusters=2").text)
    assert [name for name, _ in found] == ["title", "title", "end"]
    assert {body["source"] for _, body in found[:-1]} == {"extractive"}
    assert str(status) in found[0][1]["reason"]


def test_no_more_titles_are_asked_for_at_once_than_the_setting_says(library: Library, tmp_path: Path) -> None:
    with (
        served(slowly(0.05)) as stand_in,
        with_model(library, tmp_path, stand_in, lvlm_at_once=3) as client,
    ):
        client.get("/clusters/titles?q=hinge&show=clusters&clusters=8")
        assert len(stand_in.asked) == 8
        assert 1 < stand_in.most_busy <= 3


def test_all_pages_together_ask_no_more_at_once_than_the_setting_says(
    library: Library, tmp_path: Path
) -> None:
    urls = [f"/clusters/titles?q={word}&show=clusters&clusters=4" for word in ("hinge", "wheel", "lamp")]
    with (
        served(slowly(0.05)) as stand_in,
        with_model(library, tmp_path, stand_in, lvlm_at_once=2) as client,
        ThreadPoolExecutor(3) as readers,
    ):
        found = [events(answer.text) for answer in readers.map(client.get, urls)]
        assert stand_in.most_busy == 2
    for titles in found:
        assert {body["source"] for name, body in titles if name == "title"} == {"generated"}


@pytest.mark.parametrize(("more", "wanted"), [({}, "de"), ({"lvlm_language": "fr"}, "fr")])
def test_titles_are_asked_for_in_the_language_of_the_page_unless_one_is_set(
    library: Library, tmp_path: Path, more: dict[str, str], wanted: str
) -> None:
    with served() as stand_in, with_model(library, tmp_path, stand_in, **more) as client:
        client.get("/clusters/titles?q=hinge&show=clusters&clusters=2&lang=de")
        rules = stand_in.asked[0]["messages"][0]["content"]
    assert f"language with the code {wanted}" in rules


def test_an_endpoint_that_is_set_wrongly_is_told_on_the_page(library: Library) -> None:
    settings: Settings = replace(library.state.settings, lvlm_url="ftp://model")
    with TestClient(create_app(replace(library.state, settings=settings))) as client:
        page = page_of(client, ASKED)
    assert "The setting lvlm_url is" in unescape(page)
    assert "data-titles" not in page
    assert rows(page)


def test_without_an_endpoint_nothing_is_streamed(client: TestClient) -> None:
    assert "data-titles" not in page_of(client, ASKED)
    found = events(client.get("/clusters/titles?q=hinge&show=clusters").text)
    assert {body["source"] for _, body in found[:-1]} == {"extractive"}


def test_the_methods_of_the_form_are_those_there_are(client: TestClient) -> None:
    page = page_of(client, ASKED)
    form = page[page.index('class="cluster-form"') :].split("</form>")[0]
    assert re.findall(r'<option value="([a-z]+)"', form) == list(cluster.METHODS)
