"""How the pages look in a real Chromium: accessible, no sideways scrolling, drawings undistorted, fast."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from conftest import served
from drawn_patents import draw, fill
from ipatent.pictures import encode_png
from tiny_encoder import TinyEncoder

pytestmark = pytest.mark.browser

PAGES = {
    "start": "/",
    "results": "/search?q=door+hinge&k=20",
    "like": "/search?like=USD900003S1/2/1&q=lamp&k=20",
    "figure": "/figures/USD900003S1/2/1",
    "patent": "/patents/USD900003S1",
    "status": "/status",
    "error": "/search?q=door&k=0",
    "nothing asked": "/search?q=",
}


def test_results_for_a_picture_and_the_dialogs_pass_the_accessibility_check(
    themed: Page, tmp_path: Path
) -> None:
    themed.goto("/")
    (tmp_path / "q.png").write_bytes(encode_png(draw(5, 1)))
    themed.set_input_files("#file", tmp_path / "q.png")
    themed.wait_for_url(re.compile(r"/search\?img="))
    found = Axe().run(themed)
    assert found.violations_count == 0, found.generate_report()
    for opener, dialog in ((".draw-box", "dialog.draw"), ("#show-help", "#help")):
        themed.click(opener)
        expect(themed.locator(dialog)).to_be_visible()
        found = Axe().run(themed)
        assert found.violations_count == 0, found.generate_report()
        themed.keyboard.press("Escape")


@pytest.mark.parametrize("width", [360, 390, 768])
@pytest.mark.parametrize("scripts", [True, False])
def test_narrow_screens_never_scroll_sideways(
    chromium: Browser, site: str, width: int, scripts: bool
) -> None:
    context = chromium.new_context(
        base_url=site, viewport={"width": width, "height": 740}, java_script_enabled=scripts
    )
    page = context.new_page()
    for url in PAGES.values():
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
    context.close()


def test_thumbnails_keep_their_proportions_on_white(page: Page) -> None:
    page.goto("/search?q=hinge")
    image = page.locator(".hit img").first
    assert image.evaluate("i => getComputedStyle(i).objectFit") == "contain"
    figure = page.request.get("/search.json?q=hinge&k=1").json()["hits"][0]["figure"]
    assert image.evaluate("i => i.naturalWidth / i.naturalHeight") == pytest.approx(
        figure["width"] / figure["height"], rel=0.02
    )
    assert image.evaluate("i => getComputedStyle(i.parentElement).backgroundColor") == "rgb(255, 255, 255)"


def test_far_thumbnails_are_loaded_only_when_scrolled_to(page: Page) -> None:
    page.goto("/search?q=hinge")
    assert page.locator('.hit img[loading="lazy"]').count() == 88


def test_a_missing_thumbnail_leaves_its_place_in_the_grid(chromium: Browser, tmp_path: Path) -> None:
    library = fill(tmp_path / "probe", TinyEncoder(), patents=2)
    library.state.close()
    gone = library.figures[0]
    with served(tmp_path / "site", patents=2) as url:
        for kept in (tmp_path / "site").rglob(gone.thumbnail):
            kept.unlink()
        page = chromium.new_page()
        page.goto(f"{url}/search?like={gone.id}")
        images = page.locator(".hit img")
        expect(images).to_have_count(10)
        expect(images.first).to_have_js_property("complete", True)
        sizes = images.evaluate_all("all => all.map((i) => [i.clientWidth, i.clientHeight].join())")
        assert len(set(sizes)) == 1
        assert images.first.evaluate("i => i.naturalWidth") == 160, "the placeholder is shown"
        page.close()
