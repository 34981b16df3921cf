"""Asking in a real Chromium: parts of pictures, several pictures, pages, sliders, expressions."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from drawn_patents import draw
from ipatent.pictures import encode_png

pytestmark = pytest.mark.browser

LIKE = "/search?like=USD900003S1/2/1"
SEARCH_PART = "Search this part"


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two drawings as PNG and the same two as pages of a TIFF and of a PDF."""
    folder = tmp_path_factory.mktemp("asking")
    drawings = [draw(5, 1), draw(8, 0)]
    for place, drawing in enumerate(drawings):
        (folder / f"{place}.png").write_bytes(encode_png(drawing))
    for name in ("pages.tiff", "pages.pdf"):
        first, second = map(Image.fromarray, drawings)
        packed = {"compression": "tiff_deflate"} if name.endswith("tiff") else {}
        first.save(folder / name, save_all=True, append_images=[second], **packed)
    return folder


def first_hit(page: Page) -> str:
    link = page.locator(".hit a.paper").first.get_attribute("href") or ""
    return link.removeprefix("/figures/")


def numbers(page: Page) -> list[int]:
    return [int(page.input_value(f"dialog.draw [name={name}]")) for name in ("x", "y", "width", "height")]


def on_canvas(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where on the screen a pixel of the original is."""
    place = page.evaluate(
        """([x, y]) => {
          const svg = document.querySelector("dialog.draw .canvas");
          const at = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
          return [at.x, at.y];
        }""",
        [x, y],
    )
    return place[0], place[1]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*on_canvas(page, *start))
    page.mouse.down()
    page.mouse.move(*on_canvas(page, *end), steps=4)
    page.mouse.up()


def test_a_box_is_drawn_moved_and_resized_with_the_mouse_and_cut_from_the_original(
    page: Page, pictures: Path
) -> None:
    page.goto("/")
    page.set_input_files("#file", pictures / "0.png")
    page.wait_for_url(re.compile(r"/search\?img="))
    page.click(".draw-box")
    drag(page, (100, 80), (400, 300))
    assert numbers(page) == pytest.approx([100, 80, 300, 220], abs=3)
    drag(page, (250, 190), (270, 200))
    assert numbers(page) == pytest.approx([120, 90, 300, 220], abs=5)
    x, y, wide, high = numbers(page)
    drag(page, (x + wide, y + high), (x + wide + 60, y + high + 40))
    assert numbers(page) == pytest.approx([x, y, wide + 60, high + 40], abs=4)
    drag(page, (x, y + 60), (x - 50, y + 60))
    assert numbers(page)[0] < x
    shown = page.locator("dialog.draw .preview").get_attribute("viewBox")
    assert shown == " ".join(map(str, numbers(page)))
    wanted = ",".join(map(str, numbers(page)))
    page.get_by_role("button", name=SEARCH_PART).click()
    page.wait_for_url(re.compile(rf"@{wanted}(&|$)"))
    size = page.locator(".asked img").evaluate("i => [i.naturalWidth, i.naturalHeight]")
    assert size[0] / size[1] == pytest.approx(int(wanted.split(",")[2]) / int(wanted.split(",")[3]), rel=0.02)
    page.get_by_role("link", name="Whole picture").click()
    page.wait_for_url(lambda url: "@" not in url)


def test_the_box_is_moved_and_resized_with_the_arrows_and_enter_searches(page: Page) -> None:
    page.goto(f"{LIKE}@100,100,200,150")
    page.locator(".draw-box").focus()
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "Shift+ArrowDown", "Control+ArrowRight", "Alt+Shift+ArrowUp"):
        page.keyboard.press(key)
    assert numbers(page) == [101, 110, 201, 140]
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"@101,110,201,140"))


def test_numbers_are_typed_and_kept_inside_the_picture(page: Page) -> None:
    page.goto(LIKE)
    page.click(".draw-box")
    page.fill("dialog.draw [name=x]", "100000")
    page.locator("dialog.draw [name=x]").blur()
    width = int(page.locator(".asked").get_attribute("data-width") or 0)
    assert numbers(page)[0] + numbers(page)[2] == width
    page.fill("dialog.draw [name=x]", "20")
    page.fill("dialog.draw [name=y]", "30")
    page.fill("dialog.draw [name=width]", "200")
    page.fill("dialog.draw [name=height]", "180")
    page.press("dialog.draw [name=height]", "Enter")
    page.wait_for_url(re.compile(r"@20,30,200,180"))


@pytest.mark.parametrize("leaving", ["Cancel", "Escape"])
def test_a_box_that_is_given_up_is_not_searched_with(page: Page, leaving: str) -> None:
    page.goto("/figures/USD900003S1/2/1")
    page.get_by_role("link", name="Search with a part of it").click()
    expect(page.locator("dialog.draw")).to_be_visible()
    drag(page, (100, 100), (300, 300))
    before = page.url
    if leaving == "Cancel":
        page.get_by_role("button", name="Cancel").click()
    else:
        page.keyboard.press("Escape")
    expect(page.locator("dialog.draw")).to_have_count(0)
    assert page.url == before
    page.click(".draw-box")
    assert numbers(page)[:2] == [0, 0]


@pytest.fixture
def touched(chromium: Browser, site: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=site, viewport={"width": 390, "height": 780}, has_touch=True)
    yield context.new_page()
    context.close()


def test_a_box_is_drawn_with_a_finger_on_a_narrow_screen(touched: Page) -> None:
    page = touched
    page.goto(LIKE)
    page.locator(".draw-box").tap()
    start, end = on_canvas(page, 100, 100), on_canvas(page, 300, 280)
    session = page.context.new_cdp_session(page)
    for kind, at in (("touchStart", start), ("touchMove", end)):
        points = [{"x": at[0], "y": at[1]}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert numbers(page) == pytest.approx([100, 100, 200, 180], abs=6)
    page.get_by_role("button", name=SEARCH_PART).click()
    page.wait_for_url(re.compile(r"like=USD900003S1/2/1@"))


def test_several_files_become_views_of_one_thing_and_one_becomes_negative(page: Page, pictures: Path) -> None:
    page.goto("/")
    page.set_input_files("#file", [pictures / "0.png", pictures / "1.png"])
    page.wait_for_url(re.compile(r"img=\w+&img=\w+"))
    expect(page.locator(".asked")).to_have_count(2)
    page.get_by_role("link", name="all of them do").click()
    page.wait_for_url(re.compile(r"combine=all"))
    page.locator(".asked").nth(1).get_by_role("link", name="Keep away from").click()
    page.wait_for_url(re.compile(r"img\.not="))
    expect(page.locator(".asked.against")).to_have_count(1)
    assert first_hit(page) == "USD900005S1/2/1"
    page.locator(".asked.against").get_by_role("link", name="Remove the picture").click()
    page.wait_for_url(lambda url: "img.not" not in url)


def test_turning_and_mirroring_change_what_is_searched(page: Page) -> None:
    page.goto(LIKE)
    size = "i => [i.naturalWidth, i.naturalHeight]"
    wide = page.locator(".asked img").evaluate(size)
    page.get_by_role("link", name="Turn by 90°").click()
    page.wait_for_url(re.compile(r"~r90"))
    assert page.locator(".asked img").evaluate(size) == pytest.approx(wide[::-1], abs=2)
    page.get_by_role("link", name="Mirror").click()
    page.wait_for_url(re.compile(r"~r90~m"))
    page.get_by_role("link", name="Turn by 90°").click()
    page.wait_for_url(re.compile(r"1~m"))


@pytest.mark.parametrize("name", ["pages.tiff", "pages.pdf"])
def test_a_page_of_a_document_is_chosen(page: Page, pictures: Path, name: str) -> None:
    page.goto("/search?q=hinge")
    page.set_input_files("#file", pictures / name)
    page.wait_for_url(re.compile(r"/pages\?"))
    expect(page.locator(".page-choice li")).to_have_count(2)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_label("Page 1").uncheck()
    page.get_by_label("Page 2").check()
    page.get_by_role("button", name="Search with the chosen pages").click()
    page.wait_for_url(re.compile(r"/search\?q=hinge&img="))
    assert first_hit(page).startswith("USD900008S1/1/")


def test_a_figure_is_added_by_its_number_and_label(page: Page) -> None:
    page.goto("/search?q=lamp")
    page.locator("#more-asking > summary").click()
    page.fill("#figure", "US D900,003 S1 FIG. 2")
    page.press("#figure", "Enter")
    expect(page).to_have_url(re.compile(r"q=lamp&like=USD900003S1/2/1"))
    page.goto("/")
    page.fill("#q", "USD900003 fig 2")
    page.press("#q", "Enter")
    expect(page).to_have_url(re.compile(r"/search\?like=USD900003S1/2/1"))
    expect(page.locator("#q")).to_have_value("")


def test_a_wrong_expression_is_marked_under_the_field_and_keeps_what_was_typed(page: Page) -> None:
    page.goto("/search?less=wheel&like=USD900003S1/2/1")
    page.fill("#q", "chair AND (leg")
    page.press("#q", "Enter")
    expect(page.locator("#q-wrong mark")).to_have_text("(")
    expect(page.locator("#q")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#q")).to_have_value("chair AND (leg")
    expect(page.locator("#less")).to_have_value("wheel")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.fill("#q", "chair")
    page.press("#q", "Enter")
    page.wait_for_url(re.compile(r"q=chair.*like=USD900003S1"))


def test_each_part_can_be_weighed_by_itself(page: Page) -> None:
    page.goto(f"{LIKE}&q=table+lamp")
    page.get_by_role("link", name="Weigh each part by itself").first.click()
    page.wait_for_url(re.compile(r"w\.image="))
    page.locator("#w-image").fill("0")
    page.wait_for_url(re.compile(r"w\.image=0(&|$)"))
    expect(page.locator(".hit").first).to_contain_text("Table lamp")
    for part in ("words", "caption", "tower"):
        if page.locator(f"#w-{part}").count():
            page.locator(f"#w-{part}").fill("0.05")
    page.locator("#w-image").fill("1")
    page.wait_for_url(re.compile(r"w\.image=1(&|$)"))
    expect(page.locator(".hit").first).to_contain_text("FIG. 2")
    page.get_by_role("link", name="Usual weights").click()
    page.wait_for_url(lambda url: "w." not in url)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_query_pictures_and_the_editor_pass_the_accessibility_check(
    chromium: Browser, site: str, scheme: str
) -> None:
    context = chromium.new_context(base_url=site, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{LIKE}&like=USD900005S1/1/1&like.not=USD900004S1/1/1~m&q=lamp&less=wheel&w.image=0.5")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.locator(".draw-box").first.click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()


@pytest.mark.parametrize("width", [360, 768])
def test_the_query_pictures_fit_on_narrow_screens(chromium: Browser, site: str, width: int) -> None:
    context = chromium.new_context(base_url=site, viewport={"width": width, "height": 740})
    page = context.new_page()
    page.goto(f"{LIKE}&like=USD900005S1/1/1&like.not=USD900004S1/1/1&q=lamp&less=wheel&w.image=0.5")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".draw-box").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_a_clean_photo_finds_its_figure(page: Page, tmp_path: Path) -> None:
    paper = np.full((900, 700), 255, np.uint8)
    paper[170:730] = draw(5, 1)
    photo = np.full((1200, 1000), 60, np.uint8)
    photo[150:1050, 150:850] = paper
    slope = np.linspace(0.55, 0.95, 1000)
    stream = io.BytesIO()
    Image.fromarray((photo * slope).astype(np.uint8)).save(stream, "JPEG", quality=70)
    (tmp_path / "photo.jpg").write_bytes(stream.getvalue())
    page.goto("/")
    page.set_input_files("#file", tmp_path / "photo.jpg")
    page.wait_for_url(re.compile(r"/search\?img="))
    page.get_by_role("link", name="Clean up a photo").click()
    page.wait_for_url(re.compile(r"~c"))
    assert first_hit(page) == "USD900005S1/2/1"
