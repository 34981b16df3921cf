"""The figure page: numerals as links to their components, and the figure's place on its sheet."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from drawn_patents import fill
from ipatent.patents import Box, Figure, Pixels
from ipatent.web import create_app
from ipatent.web.figure import box_on_sheet
from numbered_patents import with_numerals
from tiny_encoder import TinyEncoder


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    library = with_numerals(tmp_path_factory.mktemp("numbered"))
    with TestClient(create_app(library.state)) as client:
        yield client
    library.state.close()


PAGE = "/figures/USD900000S1/2/1"


def test_the_twin_tells_each_numeral_with_its_box_and_term(numbered: TestClient) -> None:
    twin = numbered.get(f"{PAGE}.json").json()
    assert [(n["text"], n["box"], n["term"], n["component"]) for n in twin["numerals"]] == [
        ("12", "40,60,40,28", "housing", 0),
        ("99", "200,100,40,28", "", None),
        ("14", "300,220,40,28", "handle", 1),
        ("12", "30,300,40,28", "housing", 0),
    ]
    assert twin["components"][1]["numeral"] == "14"
    assert (twin["type"], twin["turn"], twin["whole_sheet"]) == ("drawing", 0, None)


def test_each_known_numeral_is_a_link_to_its_component_in_the_list(numbered: TestClient) -> None:
    text = numbered.get(PAGE).text
    links = re.findall(r'<a class="spot"[^>]* href="#([^"]+)"', text)
    assert links == ["component-12", "component-14", "component-12"]
    for target in links:
        assert f'id="{target}"' in text
    assert "12: housing" in text


def test_each_component_links_to_its_first_numeral_in_the_drawing(numbered: TestClient) -> None:
    text = numbered.get(PAGE).text
    targets = re.findall(r'class="to-spot" href="#([^"]+)"', text)
    assert targets == ["numeral-1", "numeral-3"]
    for target in targets:
        assert f'<a class="spot" id="{target}"' in text
    assert "Show in the drawing (2 places)" in text


def test_a_numeral_that_the_description_does_not_name_is_marked_but_no_link(numbered: TestClient) -> None:
    text = numbered.get(PAGE).text
    assert "99: not named in the description" in text
    assert 'data-numeral="99"' not in text


def test_hot_spots_lie_over_the_drawing_in_its_own_pixels(numbered: TestClient) -> None:
    twin, text = numbered.get(f"{PAGE}.json").json(), numbered.get(PAGE).text
    size = twin["figure"]["width"], twin["figure"]["height"]
    assert f'viewBox="0 0 {size[0]} {size[1]}"' in text
    assert (
        f'<img id="drawing" src="{twin["figure"]["image_url"]}" width="{size[0]}" height="{size[1]}"' in text
    )


def test_a_drawing_without_numerals_has_no_overlay_and_no_switch_for_it(numbered: TestClient) -> None:
    text = numbered.get("/figures/USD900000S1/1/1").text
    assert 'class="spots"' not in text
    assert 'id="spots"' not in text


def test_the_whole_sheet_outlines_the_figure_and_moves_its_numerals(numbered: TestClient) -> None:
    twin = numbered.get(f"{PAGE}.json?view=sheet").json()
    sheet = twin["whole_sheet"]
    assert (sheet["width"], sheet["height"]) == (800, 900)
    assert [(one["id"], one["box"]) for one in sheet["figures"]] == [("USD900000S1/2/1", twin["box"])]
    assert sheet["numerals"][0]["box"] == "90,210,40,28"
    text = numbered.get(f"{PAGE}?view=sheet").text
    assert 'viewBox="0 0 800 900"' in text
    assert 'class="outline this"' in text
    assert f'href="{PAGE}" title="The figure alone' in text


def test_leafing_through_sheets_stays_with_sheets(numbered: TestClient) -> None:
    text = numbered.get(f"{PAGE}?view=sheet").text
    assert 'href="/figures/USD900000S1/3/1?view=sheet"' in text
    assert 'href="/figures/USD900000S1/1/1?view=sheet"' in text


def test_an_unknown_view_shows_the_figure_and_is_refused_by_the_twin(numbered: TestClient) -> None:
    assert numbered.get(f"{PAGE}?view=upside").status_code == 200
    assert numbered.get(f"{PAGE}.json?view=upside").status_code in (400, 422)


def test_a_lost_sheet_is_reported_with_what_to_do(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=1)
    for path in tmp_path.rglob(library.figures[0].sheet_image):
        path.unlink()
    with TestClient(create_app(library.state)) as client:
        figure = library.figures[0].id
        lost = client.get(f"/figures/{figure}?view=sheet")
        assert lost.status_code == 404
        assert "Ingest the patent" in lost.text
        assert client.get(f"/figures/{figure}").status_code == 200
    library.state.close()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_box_of_a_turned_drawing_covers_the_same_ink_on_its_sheet(turn: int) -> None:
    sheet: Pixels = np.full((90, 120), 255, np.uint8)
    cut = Box(20, 30, 70, 40)
    sheet[33:38, 25:45] = 0
    image = np.rot90(cut.cut(sheet), k=-turn // 90)
    rows, columns = np.nonzero(image == 0)
    inked = Box(int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    figure = Figure(
        id="A/1/1",
        patent_id="A",
        sheet=1,
        box=cut,
        image="",
        sheet_image="",
        thumbnail="",
        width=image.shape[1],
        height=image.shape[0],
        turn=turn,
    )
    assert box_on_sheet(figure, inked) == Box(25, 33, 20, 5)
