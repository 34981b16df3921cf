"""The figure page and the comparison in a real Chromium: hot spots, deep zoom, compare tray, overlay."""

import io
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

FIGURE = "/figures/USD900003S1/2/1"
COMPARISON = "/compare?figure=USD900003S1/2/1&figure=USD900004S1/2/1"
PAGES = {
    "pinned": f"{FIGURE}#component-12",
    "sheet": f"{FIGURE}?view=sheet",
    "inverted": f"{FIGURE}?invert=1&turn=90",
    "compared": COMPARISON,
    "overlaid": f"{COMPARISON}&mode=overlay",
    "blinking": f"{COMPARISON}&mode=blink",
}


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over six patents with reference numerals."""
    script = Path(__file__).with_name("numbered_patents.py")
    folder = tmp_path_factory.mktemp("numbered")
    process = subprocess.Popen([sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    lines = iter(process.stdout)
    yield next(line.split()[1] for line in lines if line.startswith("READY "))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)


def opened(chromium: Browser, url: str, **options: object) -> Iterator[Page]:
    """A window that fails the test on any script error or breach of the content policy."""
    context = chromium.new_context(base_url=url, **options)  # type: ignore[arg-type]
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert not troubles


@pytest.fixture
def desk(chromium: Browser, numbered: str) -> Iterator[Page]:
    yield from opened(chromium, numbered, viewport={"width": 1440, "height": 900})


@pytest.fixture
def phone(chromium: Browser, numbered: str) -> Iterator[Page]:
    yield from opened(chromium, numbered, viewport={"width": 390, "height": 844}, has_touch=True)


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, chromium: Browser, numbered: str) -> Iterator[Page]:
    yield from opened(chromium, numbered, color_scheme=request.param, reduced_motion="reduce")


def spot(page: Page, place: int) -> tuple[float, float]:
    """The middle of a hot spot on the screen."""
    box = page.locator("a.spot rect").nth(place).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def width_of(page: Page, selector: str, place: int = 0) -> float:
    box = page.locator(selector).nth(place).bounding_box()
    assert box
    return box["width"]


def wait_for_width(page: Page, wanted: Callable[[float], bool], selector: str = "#drawing") -> None:
    """Wheels turn after the fact: waits until the drawing is as wide as wanted."""
    for _ in range(50):
        if wanted(width_of(page, selector)):
            return
        page.wait_for_timeout(40)
    raise AssertionError(f"{selector} is {width_of(page, selector)} wide")


def test_pointing_at_a_numeral_shows_its_term_and_passage_and_its_place_in_the_list(desk: Page) -> None:
    desk.goto(FIGURE)
    card = desk.locator("#spot-card")
    expect(card).to_be_hidden()
    desk.mouse.move(*spot(desk, 1))
    expect(card).to_be_visible()
    expect(card.locator(".card-name")).to_have_text("14 handle")
    expect(card.locator("mark")).to_have_text("handle 14")
    expect(desk.locator(".component.lit")).to_have_attribute("data-numeral", "14")
    desk.mouse.move(5, 500)
    expect(card).to_be_hidden()
    expect(desk.locator(".lit")).to_have_count(0)


def test_the_card_stays_while_the_pointer_is_on_it_and_never_covers_its_numeral(desk: Page) -> None:
    desk.goto(FIGURE)
    desk.mouse.move(*spot(desk, 0))
    card = desk.locator("#spot-card").bounding_box()
    numeral = desk.locator("a.spot rect").first.bounding_box()
    assert card
    assert numeral
    apart = (
        card["x"] >= numeral["x"] + numeral["width"]
        or card["x"] + card["width"] <= numeral["x"]
        or card["y"] >= numeral["y"] + numeral["height"]
        or card["y"] + card["height"] <= numeral["y"]
    )
    assert apart
    desk.mouse.move(card["x"] + 20, card["y"] + 20)
    desk.wait_for_timeout(400)
    expect(desk.locator("#spot-card")).to_be_visible()


def test_pointing_at_a_component_marks_all_its_numerals(desk: Page) -> None:
    desk.goto(FIGURE)
    desk.locator('.component[data-numeral="12"]').hover()
    expect(desk.locator("a.spot.lit")).to_have_count(2)
    desk.locator('.component[data-numeral="14"] summary').focus()
    expect(desk.locator("a.spot.lit")).to_have_count(1)


def test_a_click_pins_a_numeral_also_over_a_reload_and_escape_lets_it_go(desk: Page) -> None:
    desk.goto(FIGURE)
    desk.mouse.click(*spot(desk, 1))
    expect(desk).to_have_url(re.compile(r"#component-14$"))
    desk.mouse.move(5, 500)
    desk.wait_for_timeout(400)
    expect(desk.locator("#spot-card")).to_be_visible()
    expect(desk.locator('.component[data-numeral="14"] details')).to_have_attribute("open", "")
    desk.reload()
    expect(desk.locator("#spot-card .card-name")).to_have_text("14 handle")
    desk.keyboard.press("Escape")
    expect(desk.locator("#spot-card")).to_be_hidden()
    expect(desk).to_have_url(re.compile(r"/2/1$"))


def test_numerals_are_reached_and_pinned_by_keyboard(desk: Page) -> None:
    desk.goto(FIGURE)
    desk.locator("#viewer").focus()
    desk.keyboard.press("Tab")
    expect(desk.locator("a.spot").first).to_be_focused()
    expect(desk.locator("#spot-card")).to_contain_text("housing")
    assert desk.locator("a.spot").first.get_attribute("aria-label") == "12: housing"
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(re.compile(r"#component-14$"))
    desk.keyboard.press("Escape")
    expect(desk.locator("#spot-card")).to_be_hidden()


def test_the_list_leads_to_the_numeral_in_the_drawing(desk: Page) -> None:
    desk.goto(FIGURE)
    desk.locator('.component[data-numeral="12"] summary').click()
    for _ in range(5):
        desk.keyboard.press("+")
    before = spot(desk, 0)
    desk.get_by_role("link", name="Show in the drawing (2 places)").click()
    frame = desk.locator("#viewer").bounding_box()
    assert frame
    x, y = spot(desk, 0)
    assert (x, y) != before
    assert frame["x"] < x < frame["x"] + frame["width"]
    assert frame["y"] < y < frame["y"] + frame["height"]
    expect(desk.locator("a.spot[aria-current]")).to_have_count(2)


def test_on_a_phone_a_tap_shows_the_term_and_nothing_scrolls_sideways(phone: Page) -> None:
    phone.goto(FIGURE)
    phone.touchscreen.tap(*spot(phone, 1))
    expect(phone.locator("#spot-card")).to_contain_text("handle")
    for url in PAGES.values():
        phone.goto(url)
        phone.wait_for_timeout(100)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, url


def test_without_scripts_numerals_lie_on_the_drawing_and_lead_to_the_list(
    chromium: Browser, numbered: str
) -> None:
    for page in opened(chromium, numbered, java_script_enabled=False):
        page.goto(FIGURE)
        without = spot(page, 1)
        page.locator("a.spot").nth(1).click()
        expect(page).to_have_url(re.compile(r"#component-14$"))
        target = page.locator(".component:target")
        expect(target).to_be_in_viewport()
        assert target.get_attribute("data-numeral") == "14"
        page.goto(COMPARISON)
        assert page.locator(".pane img").count() == 2
        expect(page.locator(".pane img").first).to_be_visible()
    for page in opened(chromium, numbered):
        page.goto(FIGURE)
        assert spot(page, 1) == pytest.approx(without, abs=1.5), "scripts move nothing"


def test_nothing_shifts_while_the_figure_page_loads(desk: Page) -> None:
    desk.add_init_script(
        "window.shift = 0; new PerformanceObserver((all) => {"
        "for (const one of all.getEntries()) window.shift += one.value;"
        "}).observe({ type: 'layout-shift', buffered: true });"
    )
    desk.goto(FIGURE)
    desk.wait_for_timeout(500)
    assert desk.evaluate("window.shift") < 0.005


def test_the_wheel_enlarges_at_the_pointer_and_turning_back_lets_the_page_scroll(desk: Page) -> None:
    desk.goto(FIGURE)
    at = spot(desk, 0)
    fitted = width_of(desk, "#drawing")
    desk.mouse.move(*at)
    for _ in range(4):
        desk.mouse.wheel(0, -200)
    wait_for_width(desk, lambda width: width > 2.5 * fitted)
    assert spot(desk, 0) == pytest.approx(at, abs=6), "what is under the pointer stays there"
    for _ in range(8):
        desk.mouse.wheel(0, 300)
    wait_for_width(desk, lambda width: width == pytest.approx(fitted, abs=1))
    desk.mouse.wheel(0, 200)
    desk.wait_for_function("scrollY > 0")


def test_dragging_moves_the_drawing_and_pins_nothing(desk: Page) -> None:
    desk.goto(FIGURE)
    fitted = width_of(desk, "#drawing")
    desk.mouse.move(*spot(desk, 1))
    desk.mouse.wheel(0, -400)
    wait_for_width(desk, lambda width: width > 2 * fitted)
    x, y = spot(desk, 1)
    desk.mouse.move(x, y)
    desk.mouse.down()
    desk.mouse.move(x - 60, y - 40, steps=5)
    desk.mouse.up()
    assert spot(desk, 1) == pytest.approx((x - 60, y - 40), abs=5)
    expect(desk).to_have_url(re.compile(r"/2/1$"))


def test_two_fingers_enlarge_the_drawing(phone: Page) -> None:
    phone.goto(FIGURE)
    frame = phone.locator("#viewer").bounding_box()
    assert frame
    fitted = width_of(phone, "#drawing")
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    session = phone.context.new_cdp_session(phone)

    def fingers(kind: str, apart: float) -> None:
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if kind == "touchEnd" else points}
        )

    fingers("touchStart", 30)
    for apart in (40, 50, 60, 75, 90):
        fingers("touchMove", apart)
    fingers("touchEnd", 90)
    assert width_of(phone, "#drawing") == pytest.approx(3 * fitted, rel=0.15)


def test_double_click_enlarges_and_fits_again(desk: Page) -> None:
    desk.goto(FIGURE)
    fitted = width_of(desk, "#drawing")
    frame = desk.locator("#viewer").bounding_box()
    assert frame
    desk.mouse.dblclick(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    assert width_of(desk, "#drawing") >= 2 * fitted
    desk.mouse.dblclick(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    assert width_of(desk, "#drawing") == pytest.approx(fitted, abs=1)


def test_far_enlarged_lines_are_shown_with_sharp_edges(desk: Page) -> None:
    desk.goto(FIGURE)
    rendering = "getComputedStyle(document.getElementById('drawing')).imageRendering"
    assert desk.evaluate(rendering) == "auto"
    for _ in range(4):
        desk.keyboard.press("+")
    assert desk.evaluate(rendering) == "pixelated"


def test_turn_inversion_and_hidden_numerals_are_kept_by_a_reload(desk: Page) -> None:
    desk.goto(FIGURE)
    x, y = spot(desk, 0)
    drawing = desk.locator("#drawing").bounding_box()
    assert drawing
    across, down = (x - drawing["x"]) / drawing["width"], (y - drawing["y"]) / drawing["height"]
    desk.keyboard.press("r")
    desk.keyboard.press("i")
    turned = desk.locator("#drawing").bounding_box()
    assert turned
    assert turned["height"] > turned["width"]
    x, y = spot(desk, 0)
    assert (x - turned["x"]) / turned["width"] == pytest.approx(1 - down, abs=0.01)
    assert (y - turned["y"]) / turned["height"] == pytest.approx(across, abs=0.01)
    desk.keyboard.press("h")
    expect(desk.locator("a.spot").first).to_be_hidden()
    expect(desk).to_have_url(re.compile(r"turn=90.*invert=1.*spots=0|invert=1.*spots=0.*turn=90"))
    desk.reload()
    again = desk.locator("#drawing").bounding_box()
    assert again == pytest.approx(turned, abs=1)
    expect(desk.locator("#viewer")).to_have_class(re.compile("inverted"))
    expect(desk.locator("a.spot").first).to_be_hidden()
    expect(desk.locator("#invert")).to_have_attribute("aria-pressed", "true")
    desk.keyboard.press("ArrowRight")
    desk.wait_for_url(re.compile(r"/3/1\?.*invert=1"))
    assert "turn=" not in desk.url, "the next drawing stands upright"


def test_a_figure_is_found_on_its_sheet(desk: Page) -> None:
    desk.goto(FIGURE)
    desk.get_by_role("link", name="Whole sheet 2").click()
    desk.wait_for_url(re.compile(r"view=sheet"))
    outline = desk.locator(".outline.this rect")
    before = outline.bounding_box()
    assert before
    desk.keyboard.press("f")
    after = outline.bounding_box()
    assert after
    assert after["width"] > before["width"]
    desk.keyboard.press("s")
    desk.wait_for_url(lambda url: "view=" not in url)


def test_figures_are_gathered_in_the_tray_and_compared(desk: Page) -> None:
    tray = desk.locator("#tray")
    for number in (3, 4, 5, 2):
        desk.goto(f"/figures/USD90000{number}S1/2/1")
        button = desk.locator("[data-compare]")
        expect(button).to_have_attribute("aria-pressed", "false")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
    expect(tray.locator("img")).to_have_count(4)
    assert tray.locator("img").first.evaluate("i => i.decode().then(() => i.naturalWidth)") > 0
    found = Axe().run(desk)
    assert found.violations_count == 0, found.generate_report()
    desk.goto("/figures/USD900001S1/2/1")
    desk.locator("[data-compare]").click()
    expect(desk.locator("#notice")).to_contain_text("Four figures")
    tray.get_by_role("button", name="Take out of the comparison: FIG. 2, US D900,004 S1").click()
    tray.get_by_role("link", name="Compare 3").click()
    desk.wait_for_url(re.compile(r"/compare\?figure=USD900003S1"))
    expect(desk.locator(".pane")).to_have_count(3)
    desk.get_by_role("link", name=re.compile("Leave out FIG. 2 of US D900,005 S1")).click()
    expect(desk.locator(".pane")).to_have_count(2)


def test_a_tray_with_one_figure_leads_nowhere_yet_and_can_be_cleared(desk: Page) -> None:
    desk.goto(FIGURE)
    desk.locator("[data-compare]").click()
    expect(desk.locator("#tray a.primary")).to_have_attribute("aria-disabled", "true")
    expect(desk.locator("#notice")).to_contain_text("a second figure is needed")
    desk.get_by_role("button", name="Clear").click()
    expect(desk.locator("#tray")).to_be_hidden()
    expect(desk.locator("[data-compare]")).to_have_attribute("aria-pressed", "false")


def scales(page: Page) -> list[float]:
    """Screen pixels per picture pixel of each compared figure."""
    return page.locator(".pane .stage").evaluate_all(
        "all => all.map((o) => parseFloat(o.style.width) / o.querySelector('img').getAttribute('width'))"
    )


def test_figures_are_compared_at_one_scale_or_each_fitted(desk: Page) -> None:
    desk.goto(COMPARISON)
    same = scales(desk)
    assert same[0] == pytest.approx(same[1], rel=1e-4)
    desk.get_by_role("button", name="Fit each").click()
    each = scales(desk)
    assert abs(each[0] - each[1]) > 0.005 * same[0]
    desk.reload()
    expect(desk.get_by_role("button", name="Fit each")).to_have_attribute("aria-pressed", "true")


def test_compared_figures_zoom_and_move_together_until_they_are_parted(desk: Page) -> None:
    desk.goto(COMPARISON)
    fitted, before = scales(desk), width_of(desk, ".pane img")
    frame = desk.locator(".pane .viewer").first
    frame.hover()
    desk.mouse.wheel(0, -400)
    wait_for_width(desk, lambda width: width > 2 * before, ".pane img")
    both = scales(desk)
    assert both[0] == pytest.approx(both[1], rel=1e-4)
    assert both[0] > 2 * fitted[0]
    desk.keyboard.press("l")
    alone = width_of(desk, ".pane img")
    desk.mouse.wheel(0, -200)
    wait_for_width(desk, lambda width: width > 1.2 * alone, ".pane img")
    apart = scales(desk)
    assert apart[0] > apart[1]
    assert apart[1] == pytest.approx(both[1], rel=1e-4)
    desk.keyboard.press("0")
    assert scales(desk) == pytest.approx(fitted)
    desk.locator(".pane .rotate").nth(1).click()
    desk.locator(".pane .invert").first.click()
    expect(desk).to_have_url(re.compile(r"linked=0.*turn=0%2C90.*invert=1%2C0"))


def colours(page: Page) -> tuple[int, int, int]:
    """How many pixels of the overlay are red, blue, and black."""
    page.wait_for_function(
        "[...document.querySelectorAll('.layer img')].every((i) => i.complete && i.naturalWidth)"
    )
    shot = np.asarray(Image.open(io.BytesIO(page.locator("#over-frame").screenshot())).convert("RGB"))
    red, green, blue = (shot[10:-10, 10:-10, channel].astype(int) for channel in range(3))
    return (
        int(np.count_nonzero((red > 180) & (green < 60) & (blue < 60))),
        int(np.count_nonzero((blue > 180) & (red < 60))),
        int(np.count_nonzero((red < 40) & (green < 40) & (blue < 60))),
    )


def test_two_figures_lie_over_each_other_in_red_and_blue_and_black_where_they_agree(desk: Page) -> None:
    desk.goto(COMPARISON)
    desk.get_by_role("button", name="Overlay").click()
    red, blue, _ = colours(desk)
    assert red > 300
    assert blue > 300
    desk.locator("#mix").fill("0")
    red_alone, blue_gone, _ = colours(desk)
    assert red_alone > red * 0.9
    assert blue_gone == 0
    desk.goto("/compare?figure=USD900003S1/2/1&figure=USD900003S1/3/1&mode=overlay")
    expect(desk.locator("#over")).to_be_visible()


def test_the_second_figure_of_an_overlay_is_moved_by_buttons_and_keys(desk: Page) -> None:
    desk.goto(f"{COMPARISON}&mode=overlay")
    first, second = desk.locator(".layer.a"), desk.locator(".layer.b")
    stood, was = first.bounding_box(), second.bounding_box()
    assert was
    for _ in range(5):
        desk.get_by_role("button", name="To the right").click()
    desk.locator("#over-frame").focus()
    desk.keyboard.press("Shift+ArrowDown")
    now = second.bounding_box()
    assert now
    assert (now["x"] - was["x"], now["y"] - was["y"]) == pytest.approx((10, 2), abs=0.1)
    assert first.bounding_box() == stood


def test_blinking_shows_one_figure_after_the_other_and_can_be_paused(desk: Page) -> None:
    desk.goto(COMPARISON)
    desk.keyboard.press("b")
    gone = desk.locator(".layer.off")
    expect(gone).to_have_class(re.compile(r"\bb\b"))
    expect(gone).to_have_class(re.compile(r"\ba\b"))
    desk.get_by_role("button", name="Pause").click()
    kept = gone.get_attribute("class")
    desk.wait_for_timeout(900)
    assert gone.get_attribute("class") == kept
    desk.get_by_role("button", name="Show the other").click()
    assert gone.get_attribute("class") != kept
    desk.keyboard.press("Escape")
    expect(desk.locator("#over")).to_be_hidden()


@pytest.mark.parametrize("name", PAGES)
def test_figure_and_comparison_pass_the_accessibility_check(themed: Page, name: str) -> None:
    themed.goto(PAGES[name])
    found = Axe().run(themed)
    assert found.violations_count == 0, found.generate_report()


def test_blinking_waits_for_those_who_want_little_motion(themed: Page) -> None:
    themed.goto(PAGES["blinking"])
    expect(themed.locator("#blinking")).to_have_attribute("aria-pressed", "false")
