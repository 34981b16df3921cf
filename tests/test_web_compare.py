"""The comparison answers in HTML and JSON, knows the printed scale, and refuses what it cannot compare."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from drawn_patents import Library, fill
from ipatent.web import create_app
from ipatent.web.compare import printed_scale
from tiny_encoder import TinyEncoder

FIRST, SECOND, THIRD = "USD900003S1/1/1", "USD900005S1/2/1", "USD900007S1/3/1"


def address(*ids: str, page: str = "/compare") -> str:
    return page + "?" + "&".join(f"figure={one}" for one in ids)


def test_the_comparison_shows_what_its_twin_in_json_says(client: TestClient) -> None:
    page = client.get(address(FIRST, SECOND))
    twin = client.get(address(FIRST, SECOND, page="/compare.json")).json()
    assert page.status_code == 200
    assert [one["figure"]["id"] for one in twin["figures"]] == [FIRST, SECOND]
    for one in twin["figures"]:
        assert one["figure"]["image_url"] in page.text
        assert one["patent"]["number"] in page.text
        assert one["patent"]["title"] in page.text
        assert one["applicants"] == [f"Example {one['patent']['id'][-3]} & Sons <Ltd>"]
        assert one["filed"].startswith("2018-")
    assert "Example 3 &amp; Sons &lt;Ltd&gt;" in page.text
    assert "<b>12</b> housing" in page.text
    assert 'href="/compare.json?figure=USD900003S1' in page.text


def test_figures_stand_in_the_order_asked_for_and_each_once(client: TestClient) -> None:
    twin = client.get(address(SECOND, FIRST, SECOND, page="/compare.json")).json()
    assert [one["figure"]["id"] for one in twin["figures"]] == [SECOND, FIRST]


def test_of_three_figures_each_can_be_left_out_but_of_two_none(client: TestClient) -> None:
    three = client.get(address(FIRST, SECOND, THIRD, page="/compare.json")).json()["figures"]
    without = client.get(three[1]["without_url"])
    assert without.status_code == 200
    assert FIRST in without.text
    assert SECOND not in without.text
    two = client.get(address(FIRST, SECOND, page="/compare.json")).json()["figures"]
    assert [one["without_url"] for one in two] == ["", ""]


@pytest.mark.parametrize("ids", [(), (FIRST,), (FIRST, FIRST), (FIRST, "  ")])
def test_fewer_than_two_figures_are_refused_with_the_way_to_choose_them(
    client: TestClient, ids: tuple[str, ...]
) -> None:
    refused = client.get(address(*ids, page="/compare.json"))
    assert refused.status_code == 400
    assert "at least two different figures" in refused.json()["error"]
    assert "Compare" in refused.json()["advice"]
    assert "at least two different figures" in client.get(address(*ids)).text


def test_more_than_four_figures_are_refused(client: TestClient) -> None:
    refused = client.get(address(*(f"USD900003S1/{n}/1" for n in range(1, 6)), page="/compare.json"))
    assert refused.status_code == 400
    assert "5 figures are too many" in refused.json()["error"]


def test_an_unknown_figure_is_named(client: TestClient) -> None:
    unknown = client.get(address(FIRST, "US1/1/1"))
    assert unknown.status_code == 404
    assert "no figure US1/1/1" in unknown.text


def test_only_two_figures_can_be_laid_over_each_other(client: TestClient) -> None:
    assert 'id="over"' in client.get(address(FIRST, SECOND)).text
    assert 'id="over"' not in client.get(address(FIRST, SECOND, THIRD)).text


@pytest.mark.parametrize(
    ("width", "height", "dpi"),
    [(2560, 3300, 300), (3300, 2560, 300), (2480, 3508, 300), (1700, 2200, 200), (5100, 6600, 600)],
)
def test_a_sheet_of_paper_tells_its_printed_scale(width: int, height: int, dpi: int) -> None:
    assert printed_scale(width, height) == pytest.approx(dpi / 25.4)


@pytest.mark.parametrize(("width", "height"), [(1614, 1698), (800, 3300), (700, 900), (1, 1), (0, 5)])
def test_a_cut_out_tells_no_printed_scale(width: int, height: int) -> None:
    assert printed_scale(width, height) is None


def test_an_unknown_scale_is_said_on_the_page(client: TestClient) -> None:
    twin = client.get(address(FIRST, SECOND, page="/compare.json")).json()
    assert twin["same_scale"] is False
    assert twin["figures"][0]["pixels_per_mm"] is None
    assert "300 dots per inch are assumed" in client.get(address(FIRST, SECOND)).text


def test_a_figure_whose_sheet_is_lost_is_still_compared(tmp_path: Path) -> None:
    library: Library = fill(tmp_path, TinyEncoder(), patents=2)
    lost = library.figures[0]
    for path in tmp_path.rglob(lost.sheet_image):
        path.unlink()
    with TestClient(create_app(library.state)) as client:
        twin = client.get(address(lost.id, library.figures[6].id, page="/compare.json"))
        assert twin.status_code == 200
        assert twin.json()["figures"][0]["pixels_per_mm"] is None
    library.state.close()
