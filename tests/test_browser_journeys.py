"""Journeys in a real Chromium against a real server: what an examiner does all day."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from drawn_patents import draw
from ipatent.pictures import encode_png

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def wrench_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture file with the front view of the adjustable wrench."""
    path = tmp_path_factory.mktemp("pictures") / "wrench.png"
    path.write_bytes(encode_png(draw(5, 1)))
    return path


def shown_ids(page: Page) -> list[str]:
    links = page.locator(".hit > a.paper").all()
    return [(link.get_attribute("href") or "").removeprefix("/figures/") for link in links]


def focused_hit(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('.hit')?.id ?? ''"))


def test_upload_a_picture_open_a_figure_go_back_and_the_results_are_still_there(
    page: Page, wrench_file: Path
) -> None:
    page.goto("/")
    page.set_input_files("#file", wrench_file)
    page.wait_for_url(re.compile(r"/search\?img=[0-9a-f]{64}"))
    expect(page.locator(".hit").first).to_contain_text("Adjustable wrench")
    before, address = shown_ids(page), page.url
    assert before[0] == "USD900005S1/2/1"
    assert len(before) == 100

    page.locator(".hit > a.paper").nth(40).click()
    page.wait_for_url(re.compile(r"/figures/"))
    expect(page.locator("#drawing")).to_be_visible()
    drawing = page.locator("#drawing")
    assert drawing.evaluate("i => i.naturalWidth") == int(drawing.get_attribute("width") or 0) > 300

    page.go_back()
    page.wait_for_url(address)
    assert shown_ids(page) == before
    expect(page.locator(".asked img")).to_be_visible()
    assert page.evaluate("scrollY") > 200, "the results are where they were left"


def test_words_are_added_to_a_picture_and_the_slider_moves_the_ranking(page: Page, wrench_file: Path) -> None:
    page.goto("/")
    page.set_input_files("#file", wrench_file)
    page.wait_for_url(re.compile(r"/search\?img="))
    page.fill("#q", "table lamp")
    page.press("#q", "Enter")
    page.wait_for_url(re.compile(r"q=table\+lamp.*img="))
    page.locator("#w").fill("1")
    page.wait_for_url(re.compile(r"w=1\b"))
    expect(page.locator(".hit").first).to_contain_text("Table lamp")
    expect(page.locator("#w-shown")).to_have_text("100 %")
    page.get_by_role("link", name="Remove the picture").click()
    page.wait_for_url(lambda url: "img=" not in url and "table" in url)
    expect(page.locator("#w")).to_have_count(0)


def test_the_address_stays_short_and_can_be_shared(page: Page, chromium: Browser, site: str) -> None:
    page.goto("/")
    page.fill("#q", "hinge")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url(re.compile(r"/search\?q=hinge&k=100$"))
    other = chromium.new_context(base_url=site)
    window = other.new_page()
    window.goto(page.url)
    assert shown_ids(window) == shown_ids(page)
    other.close()


def test_the_whole_search_can_be_done_with_the_keyboard(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("door hinge")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search"))
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    assert focused_hit(page) == "hit-1"
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    assert focused_hit(page) == "hit-3"
    page.keyboard.press("k")
    assert focused_hit(page) == "hit-2"
    page.keyboard.press("ArrowDown")
    below = int(focused_hit(page).removeprefix("hit-"))
    assert below > 4
    page.keyboard.press("ArrowUp")
    assert focused_hit(page) == "hit-2"

    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()

    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/figures/"))
    first = page.url
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: url != first and "/figures/" in url)
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(first)
    page.keyboard.press("m")
    page.wait_for_url(re.compile(r"/search\?like="))
    page.go_back()
    page.wait_for_url(first)


def test_typing_j_and_k_into_the_field_types_them(page: Page) -> None:
    page.goto("/search?q=hinge")
    page.fill("#q", "")
    page.press_sequentially("#q", "jk/?m") if hasattr(page, "press_sequentially") else page.type(
        "#q", "jk/?m"
    )
    assert page.input_value("#q") == "jk/?m"
    expect(page.locator("#help")).to_be_hidden()


GIVE = """([kind, data, name, type]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}"""


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_picture_can_be_pasted_or_dropped_and_keeps_the_words(
    page: Page, wrench_file: Path, kind: str
) -> None:
    page.goto("/")
    page.fill("#q", "wrench")
    data = base64.b64encode(wrench_file.read_bytes()).decode()
    if kind == "drop":
        page.evaluate(GIVE, ["dragenter", data, "a.png", "image/png"])
        expect(page.locator("#drop")).to_be_visible()
    page.evaluate(GIVE, [kind, data, "a.png", "image/png"])
    page.wait_for_url(re.compile(r"/search\?q=wrench&img=[0-9a-f]{64}"))
    assert shown_ids(page)[0] == "USD900005S1/2/1"
    page.go_back()
    expect(page).to_have_url(re.compile(r"/$"))


def test_a_picture_over_the_limit_is_refused_before_it_is_sent(page: Page) -> None:
    page.goto("/")
    page.set_input_files("#file", {"name": "big.png", "mimeType": "image/png", "buffer": b"x" * 500_000})
    expect(page.locator("#notice")).to_contain_text("the limit is 0.4 MB")
    expect(page).to_have_url(re.compile(r"/$"))


def test_a_file_that_is_no_picture_gets_an_error_page_and_back_works(page: Page) -> None:
    page.goto("/")
    page.set_input_files("#file", {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.locator("h1")).to_contain_text("not a picture")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("Find patent drawings")


def test_a_part_of_an_indexed_drawing_is_chosen_on_the_figure_page(page: Page) -> None:
    page.goto("/figures/USD900003S1/2/1")
    page.get_by_role("link", name="Search with a part of it").click()
    expect(page.locator("dialog.draw")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("dialog.draw")).to_be_hidden()
    assert shown_ids(page)[0] == "USD900003S1/2/1"


def test_more_like_this_stands_on_every_hit(page: Page) -> None:
    page.goto("/search?q=hinge")
    expect(page.locator(".hit .acts > a")).to_have_count(100)
    for place in (97, 2):
        page.hover(f".hit >> nth={place}")
        expect(page.locator(".hit").nth(place).locator(".more")).to_be_visible()
    page.locator(".hit").nth(2).locator(".more").click()
    page.wait_for_url(re.compile(r"/search\?like="))
    expect(page.locator(".asked img")).to_be_visible()


def test_the_drawing_can_be_enlarged_and_fitted_again(page: Page) -> None:
    page.goto("/figures/USD900003S1/2/1")
    drawing = page.locator("#drawing")
    fitted = drawing.bounding_box()
    page.click("#zoom-in")
    page.click("#zoom-in")
    larger = drawing.bounding_box()
    assert fitted
    assert larger
    assert larger["width"] > fitted["width"] * 1.5
    assert larger["width"] / larger["height"] == pytest.approx(fitted["width"] / fitted["height"], rel=0.03)
    page.keyboard.press("0")
    again = drawing.bounding_box()
    assert again
    assert again["width"] == pytest.approx(fitted["width"], abs=2)


def test_the_colours_can_be_switched_and_are_remembered(page: Page) -> None:
    page.goto("/search?q=hinge")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.click("#theme")
    dark = page.evaluate(ground)
    assert dark != light
    page.goto("/status")
    assert page.evaluate(ground) == dark
    page.goto("/search?q=hinge")
    paper = page.evaluate("getComputedStyle(document.querySelector('.hit .paper')).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    assert page.context.cookies() == []


def test_everything_works_without_scripts(chromium: Browser, site: str, wrench_file: Path) -> None:
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/search?q=wrench")
    page.set_input_files("#file", wrench_file)
    page.get_by_role("button", name="Search with this picture").click()
    page.wait_for_url(re.compile(r"/search\?q=wrench&img=[0-9a-f]{64}"))
    assert shown_ids(page)[0].startswith("USD900005S1")
    page.locator(".asked summary").click()
    for name, value in (("x", 100), ("y", 100), ("width", 400), ("height", 300)):
        page.fill(f".asked input[name={name}]", str(value))
    page.get_by_role("button", name="Search this part").click()
    page.wait_for_url(re.compile(r"@100,100,400,300"))
    page.locator(".hit > a.paper").first.click()
    page.wait_for_url(re.compile(r"/figures/"))
    page.go_back()
    page.fill("#q", "lamp")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url(re.compile(r"q=lamp.*img="))
    expect(page.get_by_role("button", name="Keyboard help")).to_have_count(0)
    main = page.locator("#search-form")
    expect(main.locator("#file")).to_have_count(0)
    expect(main.get_by_role("button", name="Search", exact=True)).to_have_count(1)
    context.close()


def test_the_results_follow_the_slider_without_leaving_the_page(page: Page) -> None:
    page.goto("/search?q=lamp&like=USD900003S1/2/1")
    page.evaluate("window.stayed = true")
    page.locator("#w").focus()
    for part in (0.6, 0.7):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.wait_for_url(re.compile(rf"w={part}\b"))
    passed = page.locator("#recorded code").inner_text()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"w=1\b"))
    assert page.request.get(f"/records/{passed}").status == 404, (
        "a value that was only passed leaves no record"
    )
    assert page.request.get(f"/records/{page.locator('#recorded code').inner_text()}").ok
    expect(page.locator(".hit").first).to_contain_text("Table lamp")
    expect(page.locator("#w")).to_be_focused()
    assert page.evaluate("window.stayed")


def test_from_a_figure_one_link_leads_back_to_the_results_also_after_leafing(page: Page) -> None:
    page.goto("/search?q=hinge&k=50")
    page.locator(".hit > a.paper").nth(30).click()
    page.wait_for_url(re.compile(r"/figures/"))
    found = page.url
    page.locator("#next, #previous").first.click()
    page.wait_for_url(lambda url: url != found)
    page.get_by_role("link", name="Back to results").click()
    page.wait_for_url(re.compile(r"/search\?q=hinge&k=50(&shown=\d+)?#hit-31"))
    expect(page.locator("#hit-31")).to_be_in_viewport()
    page.goto("about:blank")
    page.goto("/figures/USD900003S1/2/1")
    expect(page.locator("#back")).to_be_hidden()
