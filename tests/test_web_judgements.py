"""Judgements and saved searches on the web."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from drawn_patents import Library, fill
from ipatent.web import create_app
from tiny_encoder import TinyEncoder


def searched(client: TestClient, query: str) -> tuple[str, list[str]]:
    answer: dict[str, Any] = client.get(f"/search.json?{query}").json()
    return answer["record"], [hit["figure"]["id"] for hit in answer["hits"]]


def test_a_hit_is_judged_by_a_button_and_the_page_comes_back_to_it(client: TestClient) -> None:
    _, ids = searched(client, "q=garden+hose&k=5")
    page = client.get("/search?q=garden+hose&k=5").text
    assert f'value="2 1 {ids[0]}" data-grade="2" aria-pressed="false"' in page
    pressed = {"judge": f"2 1 {ids[0]}", "query": "q=garden+hose", "back": "/search?q=garden+hose&k=5"}
    answer = client.post("/judgements", data=pressed)
    assert answer.headers["location"] == "/search?q=garden+hose&k=5#hit-1"
    page = client.get(answer.headers["location"]).text
    assert f'value="- 1 {ids[0]}" data-grade="2" aria-pressed="true"' in page
    assert "1 of 5 figures judged · precision of the judged 100 %" in page
    more = client.get("/search/more?q=garden+hose&k=5&offset=0").text
    assert f'value="- 1 {ids[0]}"' in more, "hits that are added later show it, too"
    client.post("/judgements", data={**pressed, "judge": f"- 1 {ids[0]}"})
    assert client.get("/judgements.json?query=q%3Dgarden+hose").json()["grades"] == {}


def test_judgements_hold_while_weights_and_layout_change_and_measure_the_ranking(client: TestClient) -> None:
    record, ids = searched(client, "q=spur+gear&like=USD900002S1/1/1&k=4")
    for figure, grade in ((ids[0], 2), (ids[1], 0), (ids[2], 1)):
        told = client.post(
            "/judgements.json", json={"figure": figure, "grade": grade, "record": record}
        ).json()
    assert told["measures"]["judged"] == 3
    assert told["measures"]["precision_of_judged"] == pytest.approx(2 / 3)
    assert told["measures"]["recall"] == 1
    outside = next(
        figure for figure in searched(client, "q=spur+gear&like=USD900002S1/1/1&k=50")[1] if figure not in ids
    )
    client.post("/judgements.json", json={"figure": outside, "grade": 2, "record": record})
    other = "query=like%3DUSD900002S1/1/1%26q%3Dspur+gear%26w%3D0.9%26show%3Dlist"
    again = client.get(f"/judgements.json?{other}&record={record}").json()
    assert again["grades"] == {ids[0]: 2, ids[1]: 0, ids[2]: 1, outside: 2}
    assert again["measures"]["recall"] == pytest.approx(2 / 3), "one known relevant figure is not among the 4"
    assert "recall 67 % of 3 known relevant figures" in again["sentence"]


def test_judgements_are_exported_as_qrels(client: TestClient) -> None:
    record, ids = searched(client, "q=ladder+rung&k=3")
    key = client.post(
        "/judgements.json", json={"figure": ids[1], "grade": 1, "query": "q=ladder+rung"}
    ).json()["key"]
    line = f"{key} 0 {ids[1]} 1\n"
    assert client.get(f"/records/{record}.qrels").text == line
    assert client.get("/judgements.qrels?query=q%3Dladder+rung").text == line
    assert line in client.get("/judgements.qrels").text
    assert f"{key}\tq=ladder+rung\n" in client.get("/judgements.topics").text
    assert client.get(f"/records/{record}.run").text.startswith(f"{key} Q0 {ids[0]} 1 ")


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"figure": "USD900001S1/1/1", "grade": 2}, 400, "A judgement needs a query."),
        ({"figure": "USD900001S1/1/1", "grade": 2, "query": "k=5&show=list"}, 400, "The query is empty."),
        ({"figure": "nosuch/1/1", "grade": 2, "query": "q=x"}, 404, "The index holds no figure nosuch/1/1."),
        ({"figure": "USD900001S1/1/1", "grade": 3, "query": "q=x"}, 400, ""),
        (
            {"figure": "USD900001S1/1/1", "grade": 1, "query": "q=" + "x" * 20_000},
            400,
            "The query has 20,002",
        ),
        ({"figure": "USD900001S1/1/1", "grade": 1, "record": "nosuch"}, 404, "There is no search record"),
    ],
)
def test_a_judgement_that_means_nothing_is_refused(
    client: TestClient, given: dict[str, object], status: int, said: str
) -> None:
    refused = client.post("/judgements.json", json=given)
    assert refused.status_code == status
    assert refused.json()["error"].startswith(said)


def test_a_saved_search_tells_what_is_new_since_last_time(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=4)
    state = library.state
    with TestClient(create_app(state), follow_redirects=False) as client:
        entry_gone = library.figures[-1].patent_id
        kept = [figure.id for figure in library.figures if figure.patent_id == entry_gone]
        record, ids = searched(client, "q=view&k=100")
        assert set(kept) <= set(ids)
        client.post("/saved", data={"name": "Views", "record": record})
        saved = client.get("/saved.json").json()["saved"][0]
        assert (saved["url"], saved["unread"]) == ("/search?q=view&k=100", 0)
        assert saved["last_run"], "what is found now counts as seen"
        with state.records.writing() as connection:  # as though these had come since
            for figure in kept:
                connection.exec_driver_sql("DELETE FROM seen_figures WHERE figure_id = ?", (figure,))
        before = client.get("/records.json").json()["total"]
        ran = client.post("/saved/run").text
        assert "All were asked again: 5 new figures." in ran
        assert client.get("/records.json").json()["total"] == before
        page = client.get(f"/saved/{saved['id']}").text
        assert all(f"/figures/{figure}" in page for figure in kept)
        assert sorted(client.get(f"/saved/{saved['id']}.json").json()["new"]) == sorted(kept)
        assert client.post(f"/saved/{saved['id']}/run.json").json()["new"] == []
        assert client.post(f"/saved/{saved['id']}/read.json").json() == {"read": 5}
        assert "Nothing new since last time." in client.get(f"/saved/{saved['id']}").text
        client.post(f"/saved/{saved['id']}/delete")
        assert client.get("/saved.json").json() == {"saved": []}
    state.close()


def test_a_saved_search_that_cannot_be_asked_does_not_stop_the_others(client: TestClient) -> None:
    client.post("/saved.json", json={"name": "A bad one", "url": "/search?q=x&k=99999"})
    good = client.post("/saved.json", json={"name": "Good", "url": "/search?q=hinge"})
    assert good.status_code == 201
    runs = {run["name"]: run for run in client.post("/saved/run.json").json()["runs"]}
    assert runs["A bad one"]["problem"].startswith("k is 99999")
    assert (runs["Good"]["first"], runs["Good"]["problem"]) == (True, "")
    assert "k is 99999" in client.post("/saved/run").text
    for each in client.get("/saved.json").json()["saved"]:
        client.delete(f"/saved/{each['id']}.json")


def test_what_is_no_search_is_not_saved(client: TestClient) -> None:
    for url in ("https://elsewhere.example/search?q=x", "/status", ""):
        refused = client.post("/saved.json", json={"name": "x", "url": url})
        assert refused.status_code == 400
        assert refused.json()["error"] == "This is not the address of a search."
    assert client.get("/saved/nosuch").status_code == 404


def test_two_do_not_run_the_saved_searches_at_once(client: TestClient, library: Library) -> None:
    with library.state.watching:
        refused = client.post("/saved/run.json")
    assert refused.status_code == 503
    assert "already" in refused.json()["error"]


def test_all_of_it_is_in_the_api_schema_with_types(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    wanted = {
        "/records.json": {"get"},
        "/records/{record_id}.json": {"get", "delete"},
        "/records/{record_id}/replay.json": {"post"},
        "/collections.json": {"get", "post"},
        "/collections/{collection_id}.json": {"get", "patch", "delete"},
        "/collections/{collection_id}/figures.json": {"post", "patch", "delete"},
        "/judgements.json": {"get", "post"},
        "/saved.json": {"get", "post"},
        "/saved/{saved_id}.json": {"get", "delete"},
        "/saved/run.json": {"post"},
    }
    for path, methods in wanted.items():
        assert methods == set(paths[path])
        for method in methods:
            good = next(answer for code, answer in paths[path][method]["responses"].items() if code < "300")
            assert "$ref" in good["content"]["application/json"]["schema"], (path, method)
