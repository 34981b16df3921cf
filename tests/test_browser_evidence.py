"""Corresponding regions and explanations in a real Chromium, with and without scripts."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

PATIENCE = 30_000
"""Milliseconds: the first comparison of regions loads the image model."""

SEARCH = "/search?like=USD900003S1/1/1&q=housing&k=20"


def test_from_a_hit_to_its_explanation_to_the_regions_and_back(page: Page) -> None:
    page.goto(SEARCH)
    link = page.locator("a.why").nth(1)
    link.click()
    panel = page.get_by_role("dialog", name="Why this result")
    expect(panel.get_by_text(re.compile("Rank 2 of"))).to_be_visible(timeout=PATIENCE)
    panel.get_by_role("link", name="Which regions correspond").click()
    expect(panel.locator(".evidence")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(link).to_be_focused()
    assert SEARCH in page.url


def test_a_figure_opened_from_a_picture_search_shows_the_regions_and_their_heat(page: Page) -> None:
    page.goto("/search?like=USD900003S1/1/1@20,10,220,210&k=20")
    page.locator('.hit a.paper[href="/figures/USD900003S1/1/1"]').click()
    regions = page.locator(".evidence-here .evidence")
    expect(regions).to_be_visible(timeout=PATIENCE)
    boxes = regions.locator(".boxes").first
    expect(boxes).to_be_visible()
    regions.get_by_label("Boxes").uncheck()
    expect(boxes).to_be_hidden()
    heat = regions.locator(".heat").first
    expect(heat).to_be_hidden()
    regions.get_by_label("Heat map of likeness").check()
    expect(heat).to_be_visible()


def test_a_comparison_shows_regions_when_asked(page: Page) -> None:
    page.goto("/compare?figure=USD900003S1/1/1&figure=USD900003S1/2/1")
    page.get_by_role("link", name="Which regions of").click()
    expect(page.locator(".evidence-pair svg").first).to_be_visible(timeout=PATIENCE)


@pytest.fixture(params=["light", "dark"])
def narrow(request: pytest.FixtureRequest, chromium: Browser, site: str) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=site,
        viewport={"width": 390, "height": 844},
        color_scheme=request.param,
        java_script_enabled=True,
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "address",
    [
        "/evidence?like=USD900003S1/1/1&hit=USD900003S1/1/1",
        "/explain?q=housing&like=USD900003S1/1/1&hit=USD900003S1/2/1",
    ],
)
def test_the_pages_have_no_barriers_and_fit_a_narrow_window(narrow: Page, address: str) -> None:
    narrow.goto(address)
    found = Axe().run(narrow)
    assert found.violations_count == 0, found.generate_report()
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_scripts_the_same_is_reached_over_pages(chromium: Browser, site: str) -> None:
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto(SEARCH)
    page.locator("a.why").first.click()
    expect(page.get_by_role("heading", name="Why this result")).to_be_visible()
    page.get_by_role("link", name="Which regions correspond").click()
    expect(page.get_by_role("heading", name="Corresponding regions")).to_be_visible()
    page.get_by_label("Boxes").uncheck()
    expect(page.locator(".evidence .boxes").first).to_be_hidden()
    context.close()
