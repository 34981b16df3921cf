"""Clusters in a real Chromium: keys, menus, folding, narrow screens, titles that stream in and break off."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from hits_on_screen import focused
from stand_in_model import GOOD, StandIn, completion
from stand_in_model import served as model

pytestmark = pytest.mark.browser

ASKED = "/search?q=hinge&show=clusters"
LOOKS = {
    "kmeans": ASKED,
    "rest": ASKED + "&method=agglomerative",
    "nothing": ASKED + "&type=photograph",
}


@contextmanager
def served(folder: Path, endpoint: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The address of a real server that asks `endpoint` for titles, and its process."""
    script = Path(__file__).with_name("serve_drawn.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder), "8", endpoint], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        line = next(line for line in process.stdout if line.startswith("READY "))
        yield line.split()[1], process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@pytest.fixture
def own(chromium: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens a window at another server."""
    opened = []

    def window(url: str) -> Page:
        opened.append(chromium.new_context(base_url=url, viewport={"width": 1440, "height": 900}))
        return opened[-1].new_page()

    yield window
    for context in opened:
        context.close()


def hits_of(page: Page, number: int) -> list[str]:
    found: list[str] = page.locator(f"#cluster-{number} .hit").evaluate_all("all => all.map((hit) => hit.id)")
    return found


@pytest.mark.parametrize("name", LOOKS)
def test_clusters_pass_the_accessibility_check(themed: Page, name: str) -> None:
    themed.goto(LOOKS[name])
    themed.evaluate("document.querySelectorAll('.keyword').forEach((one, n) => (one.open = n === 2))")
    found = Axe().run(themed)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [360, 390, 820])
@pytest.mark.parametrize("scripts", [True, False])
def test_only_rows_scroll_sideways_on_narrow_screens(
    chromium: Browser, site: str, width: int, scripts: bool
) -> None:
    context = chromium.new_context(
        base_url=site, viewport={"width": width, "height": 740}, java_script_enabled=scripts
    )
    page = context.new_page()
    for url in LOOKS.values():
        page.goto(url)
        for menu in page.locator(".keyword > summary").all()[:3]:
            menu.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, url
    page.goto(ASKED)
    row = page.locator("#cluster-1 .row")
    assert row.evaluate("row => row.scrollWidth > row.clientWidth")
    context.close()


def test_the_layout_is_chosen_by_keys_and_arrows_move_inside_a_row_and_between_rows(page: Page) -> None:
    page.goto("/search?q=hinge&k=20")
    page.keyboard.press("v")
    page.keyboard.press("c")
    page.wait_for_url(re.compile(r"show=clusters"))
    first, second = hits_of(page, 1), hits_of(page, 2)
    page.locator("#cluster-1 .row").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert focused(page) == first[1]
    page.keyboard.press("End")
    assert focused(page) == first[-1]
    expect(page.locator(f"#{first[-1]}")).to_be_in_viewport()
    page.keyboard.press("ArrowRight")
    assert focused(page) == first[-1]
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert focused(page) == first[0]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert focused(page) == second[min(1, len(second) - 1)]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/figures/"))
    page.get_by_role("link", name="Back to results").click()
    page.wait_for_url(re.compile(r"show=clusters.*#hit-\d+"))


def test_rows_fold_one_by_one_or_all_at_once_and_lie_open_as_a_grid(page: Page) -> None:
    page.goto(ASKED)
    row = page.locator("#cluster-1 .row")
    page.locator("#cluster-1 > summary").click()
    expect(row).to_be_hidden()
    page.locator("#fold-all").click()
    expect(page.locator(".cluster[open]")).to_have_count(0)
    page.locator("#fold-all").click()
    expect(page.locator(".cluster[open]")).to_have_count(5)
    page.locator("#cluster-1 .as-grid").click()
    assert row.evaluate("row => row.scrollWidth <= row.clientWidth")
    for hit in page.locator("#cluster-1 .hit").all():
        expect(hit).to_be_visible()


def test_a_keyword_opens_a_menu_that_leads_on_and_closes_by_escape(page: Page) -> None:
    page.goto(ASKED)
    keyword = page.locator("#cluster-1 .keyword").first
    keyword.locator("summary").click()
    expect(keyword.get_by_role("link", name="See where it occurs")).to_be_visible()
    page.keyboard.press("Escape")
    expect(keyword.get_by_role("link", name="See where it occurs")).to_be_hidden()
    page.keyboard.press("Enter")
    keyword.get_by_role("link", name="Exclude it").click()
    page.wait_for_url(re.compile(r"NOT"))
    expect(page.locator("#q")).to_have_value(re.compile(r"^hinge NOT "))


def test_without_scripts_a_cluster_is_opened_searched_within_and_collected(
    chromium: Browser, site: str
) -> None:
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto(ASKED)
    page.locator("select[name=method]").select_option("auto")
    page.get_by_role("button", name="Group", exact=True).click()
    page.wait_for_url(re.compile(r"method=auto"))
    page.locator("#cluster-1 .as-grid").click()
    count = int(page.locator("#cluster-1 .cluster-told").inner_text().split()[0])
    page.locator("#cluster-1 .whole > summary").click()
    page.locator("#cluster-1 input[name=name]").fill("Whole cluster")
    page.locator("#cluster-1 .whole button").click()
    page.wait_for_url(re.compile(r"/search\?.*show=clusters"))
    expect(page.locator("#into")).to_contain_text("Whole cluster")
    page.locator("#cluster-1").get_by_role("link", name="Search within").click()
    page.wait_for_url(re.compile(r"among="))
    expect(page.locator(".hit")).to_have_count(min(count, 100))
    context.close()


def test_titles_come_in_while_the_page_is_used_and_say_who_wrote_them(
    tmp_path: Path, own: Callable[[str], Page]
) -> None:
    gate = threading.Event()

    def answer(request: dict[str, Any], number: int) -> tuple[int, Any]:
        if number > 2:
            gate.wait(20)
        return 200, completion(GOOD)

    with model(answer) as stand_in, served(tmp_path, stand_in.url) as (url, _):
        page = own(url)
        page.goto(ASKED)
        expect(page.locator("#cluster-2 .cluster-title")).to_have_text(GOOD["title"])
        expect(page.locator("#titles-said")).to_have_text("Titles by eye: 2 of 5.")
        expect(page.locator("#cluster-3 .made")).to_have_text("extracted")
        page.locator("#cluster-1 .as-grid").click()  # the page answers meanwhile
        gate.set()
        expect(page.locator("#cluster-5 .made")).to_contain_text("written by eye · support")
        expect(page.locator("#cluster-1 .cluster-description")).to_have_text(GOOD["description"])
        expect(page.locator("#titles-said")).to_be_hidden()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_a_title_of_low_support_leaves_the_extracted_one_beside_it(
    tmp_path: Path, own: Callable[[str], Page]
) -> None:
    odd = {"title": "Steam locomotive with whistle", "description": "A locomotive with a funnel."}
    with (
        model(lambda request, number: (200, completion(odd))) as stand_in,
        served(tmp_path, stand_in.url) as (url, _),
    ):
        page = own(url)
        page.goto(ASKED + "&clusters=1")
        told = page.locator("#cluster-1 .cluster-support.low")
        expect(told).to_contain_text("Low support. 0 % of its nouns", timeout=15_000)
        expect(told).to_contain_text("“locomotive”")
        expect(told).to_contain_text(re.compile(r"Extracted: [A-Z]\w+"))


def test_when_the_model_is_killed_in_the_middle_titles_stay_and_the_page_says_why(
    tmp_path: Path, own: Callable[[str], Page]
) -> None:
    alive = threading.Event()
    alive.set()

    def answer(request: dict[str, Any], number: int) -> tuple[int, Any]:
        if number > 2 and alive.is_set():
            return 200, b'{"choices": [{"mess'  # as when the process dies while it writes
        return 200, completion(GOOD)

    with model(answer) as stand_in, served(tmp_path, stand_in.url) as (url, _):
        page = own(url)
        page.goto(ASKED)
        expect(page.locator("#titles-said")).to_contain_text("Some titles are extracted", timeout=30_000)
        expect(page.locator("#cluster-1 .made")).to_contain_text("written by eye")
        expect(page.locator("#cluster-5 .made")).to_have_text("extracted")
        alive.clear()
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#cluster-5 .made")).to_contain_text("written by eye")


def test_when_the_stream_itself_breaks_the_page_says_so_and_goes_on(
    tmp_path: Path, own: Callable[[str], Page]
) -> None:
    def answer(request: dict[str, Any], number: int) -> tuple[int, Any]:
        time.sleep(0.1 if number < 3 else 20)
        return 200, completion(GOOD)

    with model(answer) as stand_in, served(tmp_path, stand_in.url) as (url, process):
        page = own(url)
        page.goto(ASKED)
        expect(page.locator("#cluster-2 .made")).to_contain_text("written by eye")
        process.kill()
        expect(page.locator("#titles-said")).to_contain_text("broke off after 2 of 5")
        expect(page.locator("#cluster-2 .cluster-title")).to_have_text(GOOD["title"])
        page.locator("#cluster-4 > summary").click()
        expect(page.locator("#cluster-4 .row")).to_be_hidden()


def test_who_leaves_the_page_ends_the_asking(tmp_path: Path, own: Callable[[str], Page]) -> None:
    def answer(request: dict[str, Any], number: int) -> tuple[int, Any]:
        time.sleep(0.4)
        return 200, completion(GOOD)

    with model(answer) as stand_in, served(tmp_path, stand_in.url) as (url, _):
        page = own(url)
        page.goto(ASKED + "&clusters=30")
        expect(page.locator("#cluster-1 .made")).to_contain_text("written by eye")
        page.goto("/status")
        asked = settled(stand_in)
        assert asked < 10
        time.sleep(1.0)
        assert len(stand_in.asked) == asked


def settled(stand_in: StandIn) -> int:
    """How many titles were asked for once no more are under way."""
    for _ in range(100):
        count = len(stand_in.asked)
        time.sleep(0.6)
        if len(stand_in.asked) == count and not stand_in.busy:
            return count
    raise AssertionError("the asking never ends")
