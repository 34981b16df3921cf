"""Region evidence and explanations of a rank, as pages, as parts of pages and as JSON."""

import html
import re

import numpy as np
import pytest
from starlette.testclient import TestClient

from drawn_patents import draw
from ipatent.patents import Box, Pixels
from ipatent.pictures import encode_png

FIGURE = "USD900003S1/1/1"
OTHER = "USD900004S1/1/1"


def upload(client: TestClient, pixels: Pixels) -> str:
    """The name of an uploaded picture."""
    return str(client.post("/upload.json", files={"file": encode_png(pixels)}).json()["sha256"])


def test_a_part_of_a_figure_has_its_regions_marked_over_both_drawings(client: TestClient) -> None:
    address = f"like={FIGURE}@20,10,220,210&hit={FIGURE}"
    twin = client.get(f"/evidence.json?{address}").json()
    assert twin["regions"]
    for region in twin["regions"]:
        query, hit = Box.parse(region["query"]), Box.parse(region["hit"])
        assert query.within(twin["query_width"], twin["query_height"])
        assert hit.within(twin["figure"]["width"], twin["figure"]["height"])
        assert abs(query.x + 20 + query.width / 2 - hit.x - hit.width / 2) < 50
    page = client.get(f"/evidence?{address}")
    assert page.status_code == 200
    for region in twin["regions"]:
        x, y, width, height = region["hit"].split(",")
        assert f'<rect x="{x}" y="{y}" width="{width}" height="{height}"/>' in page.text
    assert page.text.count('class="region-1"') == 3, "in both drawings and in the table"
    assert 'class="heat-' in page.text


def test_each_region_is_also_told_in_words(client: TestClient) -> None:
    page = client.get(f"/evidence?like={FIGURE}&hit={FIGURE}").text
    table = page[page.index("evidence-regions") :]
    assert re.search(r"<td>(upper|centre|lower) (left|middle|right)</td>", table)
    assert re.search(r'role="img" aria-label="FIG. 1 of US D900,003 S1, \d+ regions? marked"', page)


def test_drawings_with_nothing_in_common_are_said_to_have_nothing_in_common(client: TestClient) -> None:
    line = np.full((400, 400), 255, np.uint8)
    line[40:360, 196:204] = 0
    name = upload(client, line)
    assert client.get(f"/evidence.json?img={name}&hit={FIGURE}").json()["regions"] == []
    page = client.get(f"/evidence?img={name}&hit={FIGURE}")
    assert "No region of the two drawings corresponds clearly" in page.text
    assert "show-heat" not in page.text


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_regions_of_a_picture_uploaded_sideways_are_marked_where_they_lie_in_it(
    client: TestClient, turn: int
) -> None:
    upright = draw(3, 0)
    name = upload(client, np.ascontiguousarray(np.rot90(upright, turn // 90)))
    found = client.get(f"/evidence.json?img={name}&hit={FIGURE}").json()
    assert found["turn"] in (0, turn)
    assert found["regions"]
    for region in found["regions"]:
        assert Box.parse(region["query"]).within(found["query_width"], found["query_height"])


def test_a_search_without_a_picture_has_no_regions_to_show(client: TestClient) -> None:
    refused = client.get(f"/evidence.json?q=lamp&hit={FIGURE}")
    assert refused.status_code == 400
    assert "picture" in refused.json()["error"]
    assert client.get(f"/evidence.json?like={FIGURE}&hit={OTHER}&picture=2").status_code == 400
    assert client.get(f"/evidence.json?like={FIGURE}&hit=USD1S1/9/9").status_code == 404


def test_a_figure_reached_from_a_picture_search_leads_to_the_regions_in_common(client: TestClient) -> None:
    came = {"referer": f"http://testserver/search?like={FIGURE}&k=20"}
    page = client.get(f"/figures/{OTHER}", headers=came).text
    link = re.search(r'href="([^"]+)"[^>]* data-evidence="now"', page)
    assert link
    target = html.unescape(link[1])
    assert target == f"/evidence?like={FIGURE}&hit={OTHER}"
    assert client.get(target).status_code == 200
    assert 'data-evidence="now"' in client.get(f"/figures/{OTHER}?like={FIGURE}").text


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "http://testserver/search?q=lamp",
        f"http://testserver/search?like={OTHER}",
        f"https://elsewhere.example/search?like={FIGURE}",
        "http://testserver/search?img=nonsense",
        f"http://testserver/search?like.not={FIGURE}",
    ],
)
def test_a_figure_reached_otherwise_speaks_of_no_regions(client: TestClient, referer: str) -> None:
    page = client.get(f"/figures/{OTHER}", headers={"referer": referer})
    assert page.status_code == 200
    assert "data-evidence" not in page.text


def test_a_comparison_leads_to_the_regions_of_each_pair(client: TestClient) -> None:
    page = client.get(f"/compare?figure={FIGURE}&figure={OTHER}&figure=USD900005S1/1/1").text
    links = [html.unescape(link) for link in re.findall(r'href="(/evidence[^"]+)"', page)]
    assert len(links) == 2
    assert all(client.get(link).status_code == 200 for link in links)


def test_an_explanation_tells_words_parts_and_the_picture_that_matched(client: TestClient) -> None:
    address = f"q=lamp+housing&like={FIGURE}&hit=USD900004S1/2/1"
    twin = client.get(f"/explain.json?{address}").json()
    assert twin["hit"]["figure"]["id"] == "USD900004S1/2/1"
    assert {each["field"] for each in twin["fields"]} >= {"title", "term"}
    assert sum(each["calibrated"] * each["weight"] for each in twin["parts"]) == pytest.approx(
        twin["hit"]["score"], abs=1e-6
    )
    assert twin["view"]["figure"]["id"] == FIGURE
    page = client.get(f"/explain?{address}").text
    assert "Table <mark>lamp</mark>" in page
    assert "<mark>housing</mark>" in page
    assert html.escape(twin["evidence_url"]) in page


def test_the_rank_explained_is_the_rank_in_the_results(client: TestClient) -> None:
    search = "q=lamp&k=10"
    for hit in client.get(f"/search.json?{search}").json()["hits"][::3]:
        told = client.get(f"/explain.json?{search}&hit={hit['figure']['id']}").json()
        assert (told["hit"]["rank"], told["hit"]["score"]) == (hit["rank"], hit["score"])


def test_what_a_second_look_did_to_a_hit_is_told(client: TestClient) -> None:
    search = f"like={FIGURE}@20,10,220,210&k=30&rerank=siblings&same=all"
    plain = client.get(f"/search.json?{search.replace('siblings', 'none')}").json()["hits"]
    before = {hit["figure"]["id"]: hit["rank"] for hit in plain}
    for hit in client.get(f"/search.json?{search}").json()["hits"][:8:3]:
        told = client.get(f"/explain.json?{search}&hit={hit['figure']['id']}").json()
        (change,) = told["rank_changes"]
        assert change["method"] == "siblings"
        assert (change["rank_before"], change["rank_after"]) == (before[hit["figure"]["id"]], hit["rank"])
    assert "siblings" in client.get(f"/explain?{search}&hit={FIGURE}").text


def test_every_hit_leads_to_its_explanation_also_without_scripts(client: TestClient) -> None:
    page = client.get("/search?q=lamp&k=5").text
    links = re.findall(r'class="why" href="([^"]+)"', page)
    assert len(links) == 5
    explained = client.get(html.unescape(links[2]))
    assert explained.status_code == 200
    assert "Rank 3 of" in explained.text


def test_a_figure_that_was_not_found_is_not_explained(client: TestClient) -> None:
    refused = client.get(f'/explain.json?q="table lamp"&hit={FIGURE}')
    assert refused.status_code == 404
    assert "not among the best results" in refused.json()["error"]


def test_a_query_cannot_bring_markup_into_the_explanation(client: TestClient) -> None:
    page = client.get("/explain?q=lamp+<script>x</script>&hit=USD900004S1/2/1").text
    assert "<script>x" not in page
