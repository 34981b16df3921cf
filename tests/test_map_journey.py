"""The map in a real Chromium: hovering, picking, opening, turning, and without scripts or WebGL."""

import io
import os
import re
import shutil
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, FloatRect, Page, expect

pytestmark = pytest.mark.browser

MAP = "/search?browse=all&show=map&of=100"


def opened(page: Page, address: str = MAP) -> Page:
    """The page with its points drawn where they stay."""
    page.set_default_timeout(60_000)  # software draws it on whatever is left of a busy machine
    page.goto(address)
    page.wait_for_selector("#map-said:empty", state="attached")
    page.wait_for_selector("#map-plot .point, #map-plot canvas", state="attached")
    return page


def points(page: Page) -> list[tuple[float, float]]:
    """Where the drawn points are, in pixels of the window."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("#map-plot .point")].map((point) => {
          const box = point.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        })"""
    )
    return [(x, y) for x, y in found]


def frame(page: Page) -> FloatRect:
    box = page.locator("#map-plot").bounding_box()
    assert box
    return box


def lasso(page: Page, *corners: tuple[float, float]) -> None:
    """Draw around a part of the map, given in shares of its width and height."""
    box = frame(page)
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in (*places[1:], places[0]):
        page.mouse.move(*place, steps=5)
    page.mouse.up()


def box(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a box over a part of the map, given in shares of its width and height."""
    whole = frame(page)
    page.mouse.move(whole["x"] + start[0] * whole["width"], whole["y"] + start[1] * whole["height"])
    page.mouse.down()
    page.mouse.move(whole["x"] + end[0] * whole["width"], whole["y"] + end[1] * whole["height"], steps=6)
    page.mouse.up()


LEFT_HALF = ((0.02, 0.1), (0.5, 0.1), (0.5, 0.98), (0.02, 0.98))


@pytest.fixture
def still(chromium: Browser, site: str) -> Iterator[Page]:
    """A page on which nothing moves by itself, and that fails on any script error."""
    context = chromium.new_context(
        base_url=site, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console", lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None
    )
    page.on("request", lambda request: troubles.append(request.url) if site not in request.url else None)
    yield page
    context.close()
    assert not troubles


def test_all_figures_are_drawn_and_then_move_to_their_neighbours(page: Page) -> None:
    opened(page, f"{MAP}&project=pca")
    assert len(points(page)) == 100
    before = points(page)
    page.get_by_role("link", name="Neighbours").click()
    page.wait_for_selector("#map-said:empty", state="attached")
    expect(page).not_to_have_url(re.compile("project=pca"))
    page.wait_for_timeout(1500)
    assert len(points(page)) == 100
    assert points(page) != before


def test_hovering_a_point_shows_its_drawing_number_and_title(still: Page) -> None:
    opened(still)
    still.mouse.move(*points(still)[40])
    card = still.locator("#map-card")
    expect(card).to_be_visible()
    expect(card).to_contain_text(re.compile(r"FIG\. \d US D90\d,\d{3} S1"))
    assert card.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 50
    expect(card.locator(".map-card-title")).not_to_be_empty()
    box = frame(still)
    still.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] + 60)
    expect(card).to_be_hidden()


def test_a_click_opens_the_figure(still: Page) -> None:
    opened(still)
    place = points(still)[7]
    still.mouse.move(*place)
    number = still.locator("#map-card .map-card-number").text_content()
    still.mouse.click(*place)
    still.wait_for_url(re.compile(r"/figures/USD"))
    expect(still.locator("body")).to_contain_text(number or "?")


def test_a_lasso_picks_figures_and_they_are_searched_within(still: Page) -> None:
    opened(still)
    box = frame(still)
    inside = sum(x < box["x"] + box["width"] / 2 for x, _ in points(still))
    still.get_by_role("button", name="Lasso").click()
    lasso(still, *LEFT_HALF)
    told = still.locator("#map-count")
    expect(told).to_be_visible()
    count = int(re.findall(r"\d+", told.text_content() or "")[0])
    assert count == pytest.approx(inside, abs=2)
    assert 0 < count < 100
    assert still.locator("#map-table input:checked").count() == count
    # Plotly's outline is taken away again; what is picked is told by the strength of the points.
    assert still.locator("#map-plot .selectionlayer path").count() == 0
    still.get_by_role("button", name="Search within").click()
    still.wait_for_url(re.compile("among="))
    expect(still.locator(".result-line")).to_contain_text(f"{count} of {count} figures")


def test_a_second_outline_with_shift_adds_and_clear_takes_all_back(still: Page) -> None:
    opened(still)
    still.get_by_role("button", name="Box").click()
    box(still, (0.02, 0.12), (0.45, 0.98))
    expect(still.locator("#map-count")).to_be_visible()
    first = still.locator("#map-table input:checked").count()
    still.keyboard.down("Shift")
    box(still, (0.45, 0.12), (0.98, 0.98))
    still.keyboard.up("Shift")
    expect(still.locator("#map-table input:checked")).not_to_have_count(first)
    assert still.locator("#map-table input:checked").count() > first
    still.get_by_role("button", name="Clear").click()
    assert still.locator("#map-table input:checked").count() == 0
    expect(still.locator("#map-count")).to_be_hidden()


def test_picked_figures_become_examples_and_are_collected(still: Page) -> None:
    opened(still)
    still.get_by_role("button", name="Lasso").click()
    lasso(still, *LEFT_HALF)
    still.locator(".map-picked-bar [name=name]").fill("From the lasso")
    still.get_by_role("button", name="★ Collect").click()
    still.wait_for_url(re.compile("show=map"))
    still.goto("/collections")
    expect(still.locator("main")).to_contain_text("From the lasso")
    opened(still)
    still.get_by_role("button", name="Lasso").click()
    lasso(still, *LEFT_HALF)
    still.get_by_role("button", name="+ More like these").click()
    still.wait_for_url(re.compile("like=USD"))
    assert still.url.count("like=") == 7


def test_the_legend_chooses_what_is_shown_on_map_and_in_table(still: Page) -> None:
    opened(still)
    legend = still.get_by_role("group", name="Cluster")
    first = legend.get_by_role("checkbox").first
    count = int(legend.locator(".count").first.text_content() or 0)
    first.uncheck()
    expect(still.locator("#map-plot .point")).to_have_count(100 - count)
    still.locator("#map-table summary").click()
    expect(still.locator("#map-table tbody tr:visible")).to_have_count(100 - count)
    legend.get_by_role("button", name=re.compile("^Only 1")).click()
    expect(still.locator("#map-plot .point")).to_have_count(count)
    legend.get_by_role("button", name="All").click()
    expect(still.locator("#map-plot .point")).to_have_count(100)


def test_colours_change_at_once_and_stay_in_the_address(still: Page) -> None:
    opened(still)
    still.get_by_role("group", name="Colours").get_by_role("link", name="Year").click()
    expect(still).to_have_url(re.compile("by=year"))
    expect(still.get_by_role("group", name="Year")).to_be_visible()
    expect(still.get_by_role("group", name="Cluster")).to_be_hidden()
    opened(still, still.url)
    expect(still.get_by_role("group", name="Year")).to_be_visible()


def test_zooming_in_lays_drawings_on_the_points(still: Page) -> None:
    opened(still)
    laid = still.locator(".map-thumbnails img")
    assert laid.count() == 0
    for _ in range(3):
        still.get_by_role("button", name="Larger").click()
    expect(laid.nth(2)).to_be_visible()
    boxes = [each.bounding_box() for each in laid.all()]
    places = [(box["x"], box["y"], box["width"]) for box in boxes if box]
    assert len(places) >= 3
    for number, (x, y, side) in enumerate(places):
        for other_x, other_y, _ in places[number + 1 :]:
            assert abs(x - other_x) > side * 0.85 or abs(y - other_y) > side * 0.85
    still.get_by_role("button", name="Fit").click()
    expect(laid).to_have_count(0)


def test_a_tick_in_the_table_picks_the_point(still: Page) -> None:
    opened(still)
    still.locator("#map-table summary").click()
    still.get_by_role("checkbox", name="Pick 3", exact=True).check()
    expect(still.locator("#map-count")).to_have_text("1 figure picked")
    faint = still.locator("#map-plot .point").evaluate_all(
        "all => all.filter((point) => Number(point.style.opacity) < 1).length"
    )
    assert faint == 99


def test_the_table_stands_in_for_the_map_without_scripts(chromium: Browser, site: str) -> None:
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{MAP}&of=20")
    expect(page.locator("#map-table tbody tr")).to_have_count(20)
    expect(page.locator("#map")).to_contain_text("The map is drawn by a script")
    # Seen through its style, but to the browser's tools a closed element is hidden.
    assert page.locator("#map-table tbody").bounding_box()
    page.locator("#map-table summary").click()
    page.get_by_role("checkbox", name="Pick 2", exact=True).check()
    page.get_by_role("checkbox", name="Pick 5", exact=True).check()
    page.get_by_role("button", name="Search within").click()
    expect(page.locator(".result-line")).to_contain_text("2 of 2 figures")
    context.close()


@pytest.fixture(scope="module")
def another(chromium: Browser) -> Iterator[Callable[[str], Browser]]:
    """Another Chromium with flags of its own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    launched: list[Browser] = []

    def launch(flags: str) -> Browser:
        args = ["--headless", "--no-sandbox", *flags.split()]
        launched.append(chromium.browser_type.launch(executable_path=found, args=args))
        return launched[-1]

    yield launch
    for browser in launched:
        browser.close()


def test_without_webgl_a_map_in_three_dimensions_is_drawn_flat_and_says_so(
    another: Callable[[str], Browser], site: str
) -> None:
    page = opened(another("--disable-3d-apis").new_page(base_url=site), f"{MAP}&dims=3&project=pca")
    expect(page.locator("#map-plot .point")).to_have_count(100)
    expect(page.locator("#map-lacks")).to_be_visible()
    expect(page.get_by_role("link", name="2-D")).to_have_attribute("aria-current", "true")


def inked(page: Page) -> int:
    """Pixels of the map that are coloured."""
    picture = Image.open(io.BytesIO(page.locator("#map-plot").screenshot())).convert("RGB")
    pixels = np.asarray(picture, np.int16)
    return int(((pixels.max(axis=2) - pixels.min(axis=2)) > 60).sum())


def test_in_three_dimensions_points_are_drawn_and_turned(
    another: Callable[[str], Browser], site: str
) -> None:
    software = "--use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader"
    deep = another(software).new_page(base_url=site, viewport={"width": 1200, "height": 800})
    troubles: list[str] = []
    deep.on("pageerror", lambda error: troubles.append(str(error)))
    deep.on("console", lambda said: troubles.append(said.text) if "Security" in said.text else None)
    opened(deep, f"{MAP}&dims=3&project=pca")
    deep.wait_for_timeout(1500)
    assert inked(deep) > 500
    before = deep.locator("#map-plot").screenshot()
    box = frame(deep)
    deep.mouse.move(box["x"] + 300, box["y"] + 300)
    deep.mouse.down()
    deep.mouse.move(box["x"] + 420, box["y"] + 330, steps=6)
    deep.mouse.up()
    deep.wait_for_timeout(500)
    assert deep.locator("#map-plot").screenshot() != before
    deep.get_by_role("link", name="2-D").click()
    expect(deep.locator("#map-plot .point")).to_have_count(100)
    assert not troubles


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_and_its_picks_pass_the_accessibility_check(
    chromium: Browser, site: str, scheme: str
) -> None:
    context = chromium.new_context(base_url=site, color_scheme=scheme, reduced_motion="reduce")
    page = opened(context.new_page())
    page.locator("#map-table summary").click()
    page.get_by_role("checkbox", name="Pick 3", exact=True).check()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_narrow_screen_never_scrolls_sideways(chromium: Browser, site: str, scripts: bool) -> None:
    context = chromium.new_context(
        base_url=site, viewport={"width": 390, "height": 780}, java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto(MAP)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
