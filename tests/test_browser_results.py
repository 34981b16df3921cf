"""Results in a real Chromium: layouts, filters, further hits while scrolling, tools, keys, looks."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from hits_on_screen import focused

pytestmark = pytest.mark.browser

LOOKS = {
    "grid": "/search?q=door+hinge&view=front&office.not=EP&k=20",
    "list": "/search?q=door+hinge&like=USD900003S1/2/1&show=list&k=20",
    "patents": "/search?q=door+hinge&show=patents&k=40",
    "browsing": "/search?browse=all&tiles=small&k=20",
    "nothing": "/search?q=hinge&view=front&type=photograph",
}


@pytest.mark.parametrize("name", LOOKS)
def test_every_layout_passes_the_accessibility_check(themed: Page, name: str) -> None:
    themed.goto(LOOKS[name])
    themed.evaluate(
        "document.querySelectorAll('.facet').forEach((one, n) => (one.open = n < 30));"
        "document.querySelectorAll('.acts > a').forEach((one, n) => n === 2 && one.click())"
    )
    found = Axe().run(themed)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [360, 390, 820])
@pytest.mark.parametrize("scripts", [True, False])
def test_narrow_screens_never_scroll_sideways(
    chromium: Browser, site: str, width: int, scripts: bool
) -> None:
    context = chromium.new_context(
        base_url=site, viewport={"width": width, "height": 740}, java_script_enabled=scripts
    )
    page = context.new_page()
    for url in LOOKS.values():
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
    context.close()


def test_filters_are_a_sidebar_on_a_wide_screen_and_a_disclosure_on_a_narrow_one(
    chromium: Browser, site: str
) -> None:
    for scripts in (True, False):
        context = chromium.new_context(
            base_url=site, viewport={"width": 1440, "height": 900}, java_script_enabled=scripts
        )
        page = context.new_page()
        page.goto("/search?q=hinge")
        expect(page.locator("#facet-view a.value").first).to_be_visible()
        page.set_viewport_size({"width": 390, "height": 800})
        expect(page.locator("#facet-view a.value").first).to_be_hidden()
        page.locator("#facets > summary").click()
        page.locator("#facet-view a.value", has_text="front").click()
        page.wait_for_url(re.compile(r"view=front"))
        expect(page.locator(".chips")).to_contain_text("View front")
        context.close()


def test_further_hits_are_added_while_scrolling_and_are_there_again_after_going_back(page: Page) -> None:
    page.goto("/search?q=hinge&k=20")
    for _ in range(20):
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(120)
    expect(page.locator(".hit")).to_have_count(100)
    ids = page.locator(".hit").evaluate_all("all => all.map((hit) => hit.id)")
    assert ids == [f"hit-{rank}" for rank in range(1, 101)]
    expect(page.locator("#ways-on")).to_contain_text("That is all.")
    assert "shown=100" in page.url
    page.locator("#hit-90 a.paper").click()
    page.wait_for_url(re.compile(r"/figures/"))
    page.get_by_role("link", name="Back to results").click()
    page.wait_for_url(re.compile(r"shown=100#hit-90"))
    expect(page.locator("#hit-90")).to_be_in_viewport()
    page.goto("/status")
    page.go_back()
    expect(page.locator(".hit")).to_have_count(100)


def test_tools_of_added_hits_work_like_those_of_the_first(page: Page) -> None:
    page.goto("/search?q=hinge&k=20")
    page.locator("#hit-20").scroll_into_view_if_needed()
    expect(page.locator("#hit-25")).to_be_attached()
    page.locator("#hit-25 a.paper").focus()
    page.keyboard.press("c")
    expect(page.locator("#tray .tray-count")).to_have_text("1")
    expect(page.locator("#hit-25 [data-compare]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("j")
    assert focused(page) == "hit-26"


def test_when_further_hits_cannot_be_fetched_the_page_says_so_and_the_link_stays(page: Page) -> None:
    page.route(re.compile("/search/more"), lambda route: route.abort())
    page.goto("/search?q=hinge&k=20")
    page.locator("#hit-20").scroll_into_view_if_needed()
    expect(page.locator("#more-results")).to_have_text("More results ↓")
    expect(page.locator("#notice")).to_contain_text("could not be fetched", timeout=15_000)
    page.unroute_all()
    page.locator("#more-results").click()
    expect(page.locator("#hit-25")).to_be_attached()


def test_without_scripts_further_hits_are_a_page_of_their_own(chromium: Browser, site: str) -> None:
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/search?q=hinge&k=20")
    page.get_by_role("link", name="More results").click()
    page.wait_for_url(re.compile(r"offset=20"))
    expect(page.locator("#hit-21")).to_be_visible()
    page.locator("#hit-21 .acts > a").click()
    page.get_by_role("link", name="More like this: add it to the query").click()
    page.wait_for_url(re.compile(r"q=hinge&like="))
    page.fill("#year-from", "2019")
    page.locator(".dates button").click()
    page.wait_for_url(re.compile(r"year=2019\.\."))
    context.close()


def test_a_hit_is_added_for_and_against_by_key_and_the_ranking_follows(page: Page) -> None:
    page.goto("/search?q=hinge&k=20")
    page.keyboard.press("j")
    page.keyboard.press("j")
    figure = page.locator("#hit-2 a.paper").get_attribute("href")
    page.keyboard.press("+")
    page.wait_for_url(re.compile(r"like=USD"))
    assert figure
    assert figure.removeprefix("/figures/") in page.url
    expect(page.locator("#hit-1 .plus")).to_have_attribute("aria-current", "true")
    page.keyboard.press("j")
    page.keyboard.press("-")
    page.wait_for_url(re.compile(r"like\.not=USD"))


def test_layouts_are_changed_by_keys(page: Page) -> None:
    page.goto("/search?q=hinge&k=20")
    page.keyboard.press("v")
    page.keyboard.press("l")
    page.wait_for_url(re.compile(r"show=list"))
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert focused(page) == "hit-1"
    page.keyboard.press("w")
    expect(page.locator("#explanation .numbers")).to_be_visible()
    page.keyboard.press("Escape")
    assert focused(page) == "hit-1"
    page.keyboard.press("v")
    page.keyboard.press("p")
    page.wait_for_url(re.compile(r"show=patents"))
    page.keyboard.press("j")
    assert focused(page) == "hit-1"
    page.keyboard.press("v")
    page.keyboard.press("g")
    page.wait_for_url(lambda url: "show=" not in url)


def test_the_tools_appear_under_the_pointer_and_open_by_key_and_close_by_escape(page: Page) -> None:
    page.goto("/search?q=hinge&k=20")
    tool = page.locator("#hit-3 .plus")
    expect(tool).to_be_hidden()
    page.hover("#hit-3")
    expect(tool).to_be_visible()
    page.mouse.move(2, 2)
    page.locator("#hit-4 a.paper").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#hit-4 .plus")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "tool plus"
    page.keyboard.press("Escape")
    expect(page.locator("#hit-4 .plus")).to_be_hidden()
    assert page.evaluate("document.activeElement.parentElement.className") == "acts"


def test_drawings_can_be_shown_smaller_and_larger(page: Page) -> None:
    widths = {}
    for tiles in ("small", "medium", "large"):
        page.goto(f"/search?q=hinge&tiles={tiles}")
        box = page.locator("#hit-1 a.paper").bounding_box()
        assert box
        widths[tiles] = box["width"]
    assert widths["small"] < 0.75 * widths["medium"] < 0.6 * widths["large"]
