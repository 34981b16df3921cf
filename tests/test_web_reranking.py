"""Re-ranking over HTTP and in the browser: reasons, the new order and the way back to the original one."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from typing import Any

import httpx2
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from starlette.testclient import TestClient

from drawn_patents import Library
from ipatent.settings import Settings
from ipatent.web import create_app
from stand_in_model import StandIn, completion
from stand_in_model import served as model_served
from test_ranking import data_of

KEY = "sk-very-secret-0815"
PAGES = (
    "/search?q=chair&reasons=1",
    "/search.json?q=chair",
    "/rerank.json?q=chair",
    "/status",
    "/status.json",
    "/openapi.json",
)
PATIENCE = 30_000
Answer = Callable[[dict[str, Any], int], tuple[int, Any]]


def reversing(request: dict[str, Any], number: int) -> tuple[int, Any]:
    """A model that likes the last drawing best, whatever it shows."""
    drawings = data_of(request)["drawings"]
    ranking = [
        {
            "drawing": one["drawing"],
            "reason": f"Drawing of {one['title']} {one['caption'][5:7]} with a round handle.",
        }
        for one in reversed(drawings)
    ]
    return 200, completion({"ranking": ranking})


def settings_for(library: Library, stand_in: StandIn, **more: Any) -> Settings:
    given = {"lvlm_url": stand_in.url, "lvlm_model": "small-eye", "lvlm_key": KEY, "lvlm_seconds": 5.0}
    return replace(library.state.settings, **(given | more))


@contextmanager
def desk(library: Library, answer: Answer = reversing, **more: Any) -> Iterator[tuple[TestClient, StandIn]]:
    """The application with a model beside it."""
    with model_served(answer) as stand_in:
        state = replace(library.state, settings=settings_for(library, stand_in, **more))
        (state.settings.data_dir / "titles.sqlite").unlink(missing_ok=True)
        with TestClient(create_app(state)) as client:
            yield client, stand_in


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((lines["event"], json.loads(lines["data"])))
    return found


def explained(client: TestClient, rank: int, **more: Any) -> dict[str, Any]:
    """Why the hit at a rank of the search for chairs stands where it stands."""
    hit = client.get("/search.json?q=chair").json()["hits"][rank - 1]["figure"]["id"]
    answer = client.get("/explain.json", params={"q": "chair", "hit": hit, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_model_s_reason_is_told_in_the_explanation_once_it_was_given(library: Library) -> None:
    with desk(library, lvlm_reranked=8) as (client, stand_in):
        before = explained(client, 2)
        assert before["rank_changes"] == []
        assert not stand_in.asked
        page = client.get("/explain", params={"q": "chair", "hit": before["hit"]["figure"]["id"]}).text
        assert "was not asked about this search" in page
        outcome = client.get(before["reasons_url"].replace("/search", "/rerank.json", 1)).json()
        asked = len(stand_in.asked)
        after = explained(client, 2)
        page = client.get("/explain/part", params={"q": "chair", "hit": before["hit"]["figure"]["id"]}).text
        assert len(stand_in.asked) == asked
    (told,) = [one for one in outcome["ranked"] if one["was"] == 2]
    assert told["reason"]
    assert after["rank_changes"] == [
        {
            "method": "vision model",
            "rank_before": 2,
            "rank_after": told["rank"],
            "reason": told["reason"],
            "model": "small-eye",
        }
    ]
    assert after["reasons_url"] == ""
    assert unescape(page).count(told["reason"]) == 1


def test_a_hit_beyond_those_that_the_model_is_shown_has_no_reason_to_wait_for(library: Library) -> None:
    with desk(library, lvlm_reranked=4) as (client, _):
        assert explained(client, 5)["reasons_url"] == ""
        assert explained(client, 4)["reasons_url"] != ""


def test_each_second_look_is_told_with_what_it_did(library: Library) -> None:
    asked = {"like": "USD900003S1/1/1", "rerank": "expansion,kreciprocal,siblings"}
    with TestClient(create_app(library.state)) as client:
        hits = client.get("/search.json", params=asked).json()["hits"]
        for hit in hits[1:12:5]:
            why = client.get("/explain.json", params={**asked, "hit": hit["figure"]["id"]}).json()
            changes = why["rank_changes"]
            assert [one["method"] for one in changes] == asked["rerank"].split(",")
            for one, following in itertools.pairwise(changes):
                assert one["rank_after"] == following["rank_before"]
            assert changes[-1]["rank_after"] == hit["rank"] == why["hit"]["rank"]
            parts = sum(part["calibrated"] * part["weight"] for part in why["parts"])
            assert parts == pytest.approx(why["hit"]["score"], abs=2e-3)


def test_reasons_and_the_new_order_are_streamed(library: Library) -> None:
    with desk(library, lvlm_reranked=8) as (client, stand_in):
        answer = client.get("/rerank?q=chair&reasons=1")
        assert answer.headers["content-type"].startswith("text/event-stream")
        *steps, (last, end) = events(answer.text)
    assert [name for name, _ in steps] == ["step"] * len(stand_in.asked)
    assert last == "end"
    assert sorted(end["order"]) == list(range(1, 9))
    assert end["order"] != sorted(end["order"])
    assert end["moved"] == sum(rank != was for rank, was in enumerate(end["order"], 1))
    assert {one["rank"] for one in steps[-1][1]["reasons"]} <= set(range(1, 9))
    assert f"{end['moved']} drawings have moved." in end["said"]
    assert stand_in.keys == [f"Bearer {KEY}"] * len(stand_in.asked)


def test_the_ranking_as_json_names_figures_and_their_places(library: Library) -> None:
    with desk(library, lvlm_reranked=5) as (client, _):
        ranked = client.get("/rerank.json?q=chair").json()
        found = client.get("/search.json?q=chair&k=5").json()["hits"]
    assert (ranked["model"], ranked["windows"], ranked["done"], ranked["failed"]) == ("small-eye", 1, 1, "")
    assert [one["was"] for one in ranked["ranked"]] == [5, 4, 3, 2, 1]
    assert {one["was"]: one["figure"]["id"] for one in ranked["ranked"]} == {
        hit["rank"]: hit["figure"]["id"] for hit in found
    }
    assert all("round handle" in one["reason"] for one in ranked["ranked"])


def test_no_more_is_ranked_than_the_page_shows(library: Library) -> None:
    with desk(library) as (client, _):
        assert len(client.get("/rerank.json?q=chair&k=3").json()["ranked"]) == 3


def test_a_picture_of_the_query_is_shown_to_the_model(library: Library) -> None:
    with desk(library, lvlm_reranked=4) as (client, stand_in):
        assert client.get("/rerank.json", params={"like": library.figures[7].id}).status_code == 200
    texts = [part.get("text") for part in stand_in.asked[0]["messages"][1]["content"]]
    assert texts.count("Sought:") == 1


def test_the_offer_stands_only_where_a_model_is_set_up_and_hits_are_ranked(
    library: Library, client: TestClient
) -> None:
    assert "reranking" not in client.get("/search?q=chair").text
    assert "reasons.js" not in client.get("/search?q=chair&reasons=1").text
    with desk(library) as (client, stand_in):
        page = client.get("/search?q=chair").text
        assert "Re-rank the best 20 with reasons" in page
        assert "q=chair&amp;reasons=1" in page
        assert "reasons.js" not in page
        for others in ("show=patents", "show=map", "offset=5"):
            assert 'class="reranking' not in client.get(f"/search?q=chair&{others}").text
        assert 'class="reranking' not in client.get("/search?browse=all").text
        page = client.get("/search?q=chair&reasons=1").text
        assert 'data-url="/rerank?q=chair&amp;reasons=1"' in page
        assert "/rerank.json?q=chair" in page
        assert stand_in.asked == []


def test_without_a_model_the_address_says_what_to_set(client: TestClient) -> None:
    answer = client.get("/rerank.json?q=chair")
    assert answer.status_code == 400
    assert "No vision model is set up" in answer.json()["error"]
    assert "lvlm_url" in answer.json()["advice"]


def test_pages_of_other_sites_cannot_make_the_model_work(library: Library) -> None:
    with desk(library) as (client, stand_in):
        for address in ("/rerank?q=chair", "/rerank.json?q=chair"):
            assert client.get(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert stand_in.asked == []


def failing(request: dict[str, Any], number: int) -> tuple[int, Any]:
    return 401, {"error": {"message": f"wrong key {KEY}"}}


def test_a_failing_model_is_told_and_leaves_the_order(library: Library) -> None:
    with desk(library, failing) as (client, _):
        *_, (_, end) = events(client.get("/rerank?q=chair").text)
    assert end["order"] == sorted(end["order"])
    assert end["moved"] == 0
    assert "ended early: the endpoint does not accept the key (401)." in end["said"]


def test_the_key_is_shown_nowhere(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for answer in (reversing, failing, lambda request, number: (400, {"error": f"{KEY} is no key"})):
        with desk(library, answer) as (client, _):
            for address in (
                *PAGES,
                "/rerank?q=chair",
                "/rerank?q=",
                "/clusters.json?q=chair&titles=generated",
            ):
                assert KEY not in client.get(address).text, address
    assert KEY not in caplog.text
    assert KEY not in repr(Settings(lvlm_key=KEY))


@contextmanager
def listening(library: Library, answer: Answer = reversing, **more: Any) -> Iterator[tuple[str, StandIn]]:
    """A real server with a model beside it: its address, and the model."""
    with model_served(answer) as stand_in:
        state = replace(library.state, settings=settings_for(library, stand_in, **more))
        (state.settings.data_dir / "titles.sqlite").unlink(missing_ok=True)
        server = uvicorn.Server(uvicorn.Config(create_app(state), port=0, log_level="error", ws="none"))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.02)
            port = server.servers[0].sockets[0].getsockname()[1]
            yield f"http://127.0.0.1:{port}", stand_in
        finally:
            server.should_exit = True
            thread.join()


def test_who_leaves_ends_the_work_of_the_model(library: Library) -> None:
    def slow(request: dict[str, Any], number: int) -> tuple[int, Any]:
        time.sleep(0.3)
        return reversing(request, number)

    with listening(library, slow, lvlm_reranked=20) as (url, stand_in):
        with httpx2.stream("GET", f"{url}/rerank?q=chair", timeout=10) as answer:
            next(answer.iter_lines())
        asked = len(stand_in.asked)
        time.sleep(1.2)
        assert len(stand_in.asked) <= asked + 1 < 6


def ranks(page: Page) -> list[int]:
    ids = page.locator("#hits > .hit").evaluate_all("hits => hits.map((hit) => hit.id)")
    return [int(each.removeprefix("hit-")) for each in ids]


@contextmanager
def window(chromium: Browser, url: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if "Content Security" in said.text else None)
    yield page
    context.close()
    assert not troubles


@pytest.mark.browser
@pytest.mark.parametrize("show", ["grid", "list"])
def test_the_page_takes_the_new_order_and_goes_back_to_the_original(
    library: Library, chromium: Browser, show: str
) -> None:
    with listening(library, lvlm_reranked=5) as (url, _), window(chromium, url) as page:
        page.goto(f"/search?q=chair&show={show}")
        before = ranks(page)
        page.get_by_role("link", name="Re-rank the best 5 with reasons").click()
        expect(page.locator("#reranking-said")).to_contain_text("4 drawings have moved.", timeout=PATIENCE)
        assert ranks(page)[:5] == [5, 4, 3, 2, 1]
        assert ranks(page)[5:] == before[5:]
        expect(page.locator("#hit-5 .reason")).to_contain_text("↑ 1, was 5. Drawing of", timeout=PATIENCE)
        button = page.get_by_role("button", name="Original order")
        button.click()
        assert ranks(page) == before
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#hit-5 .reason")).to_contain_text("Drawing of", timeout=PATIENCE)
        button.click()
        assert ranks(page)[:5] == [5, 4, 3, 2, 1]


@pytest.mark.browser
def test_what_a_model_says_is_text_and_never_markup(library: Library, chromium: Browser) -> None:
    def sly(request: dict[str, Any], number: int) -> tuple[int, Any]:
        said = [
            {"drawing": 2, "reason": "A handle &lt;img src=x onerror=alert(1)&gt;"},
            {"drawing": 1, "reason": "x"},
        ]
        return 200, completion({"ranking": said})

    with listening(library, sly, lvlm_reranked=2) as (url, _), window(chromium, url) as page:
        page.goto("/search?q=chair&reasons=1")
        expect(page.locator("#hit-2 .reason")).to_contain_text("&lt;img", timeout=PATIENCE)
        assert page.locator(".reason img").count() == 0


@pytest.mark.browser
def test_a_page_whose_model_dies_midway_stays_usable_and_says_so(library: Library, chromium: Browser) -> None:
    def dying(request: dict[str, Any], number: int) -> tuple[int, Any]:
        return reversing(request, number) if number == 1 else (401, {})

    with listening(library, dying, lvlm_reranked=8) as (url, _), window(chromium, url) as page:
        page.goto("/search?q=chair&reasons=1")
        expect(page.locator("#reranking-said")).to_contain_text("ended early", timeout=PATIENCE)
        expect(page.locator("#reranking-said")).to_contain_text("1 of 2 groups", timeout=PATIENCE)
        page.locator("#hit-1 a.paper").click()
        expect(page.locator("h1")).to_be_visible()


@pytest.mark.browser
def test_a_server_that_goes_away_midway_is_told(library: Library, chromium: Browser) -> None:
    with listening(library, lvlm_reranked=5) as (url, _), window(chromium, url) as page:
        page.route("**/rerank?*", lambda route: route.abort())
        page.goto("/search?q=chair&reasons=1")
        expect(page.locator("#reranking-said")).to_contain_text(
            "connection to the re-ranking broke", timeout=PATIENCE
        )
        assert ranks(page) == sorted(ranks(page))
