"""Proving in a real Chromium: judging and collecting by key, a record replayed, a collection put in order."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


def judged(page: Page, rank: int, grade: int) -> None:
    button = page.locator(f"#hit-{rank} [data-grade='{grade}']")
    expect(button).to_have_attribute("aria-pressed", "true")


def test_hits_are_judged_by_key_and_the_page_measures_at_once(page: Page) -> None:
    page.goto("/search?q=judged+by+key&k=20")
    page.keyboard.press("j")
    page.keyboard.press("1")
    judged(page, 1, 2)
    expect(page.locator("#measured")).to_contain_text("1 of 20 figures judged")
    page.keyboard.press("j")
    page.keyboard.press("2")
    judged(page, 2, 1)
    page.keyboard.press("j")
    page.keyboard.press("3")
    judged(page, 3, 0)
    expect(page.locator("#measured")).to_contain_text("precision of the judged 67 %")
    page.keyboard.press("0")
    expect(page.locator("#hit-3 [aria-pressed='true']")).to_have_count(0)
    expect(page.locator("#measured")).to_contain_text("2 of 20 figures judged")
    page.locator("#hit-4").get_by_role("button", name="Not relevant").click()
    judged(page, 4, 0)
    page.reload()
    judged(page, 1, 2)
    judged(page, 4, 0)
    page.goto("/search?q=judged+by+key&k=20&show=list")
    judged(page, 2, 1)


def test_digits_typed_into_the_field_judge_nothing(page: Page) -> None:
    page.goto("/search?q=digits&k=20")
    page.locator("#q").fill("")
    page.keyboard.type("123a")
    assert page.input_value("#q") == "123a"
    expect(page.locator(".marks [aria-pressed='true']")).to_have_count(0)


def test_a_server_that_does_not_answer_is_told_and_the_mark_goes_back(page: Page) -> None:
    page.goto("/search?q=offline&k=20")
    page.route("**/judgements.json", lambda route: route.abort())
    page.keyboard.press("j")
    page.keyboard.press("1")
    expect(page.locator("#notice")).to_contain_text("The server does not answer. Nothing was stored.")
    expect(page.locator("#hit-1 [aria-pressed='true']")).to_have_count(0)


def test_the_first_figure_collected_asks_where_to_and_the_next_does_not(page: Page) -> None:
    page.goto("/search?q=collected+by+key&k=20")
    page.keyboard.press("j")
    page.keyboard.press("a")
    dialog = page.locator("#collect-into")
    expect(dialog).to_be_visible()
    dialog.locator("input[name=name]").fill("Found by key")
    page.keyboard.press("Enter")
    expect(page.locator("#hit-1 .star")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#into option:checked")).to_have_text("Found by key (1)")
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("#hit-2 .star")).to_have_attribute("aria-pressed", "true")
    page.locator("#hit-3 .star").click()
    expect(page.locator("#into option:checked")).to_have_text("Found by key (3)")
    page.keyboard.press("a")
    expect(page.locator("#into option:checked")).to_have_text("Found by key (2)")

    page.locator(".into").get_by_role("link", name="Open").click()
    page.wait_for_url(re.compile("/collections/"))
    items = page.locator(".item")
    expect(items).to_have_count(2)
    first, second = (items.nth(n).get_attribute("data-figure") for n in (0, 1))
    page.locator("#note-1").fill("the closest one")
    page.locator("#note-1").blur()
    expect(page.locator("#notice")).to_have_text("The note is stored.")
    with page.expect_event("load"):  # the server numbers the places anew
        items.nth(1).locator(".grip").drag_to(items.nth(0), target_position={"x": 60, "y": 5})
    expect(items.nth(0)).to_have_attribute("data-figure", str(second))
    expect(items.nth(1)).to_have_attribute("data-figure", str(first))
    expect(page.locator("#note-2")).to_have_value("the closest one")
    page.get_by_role("link", name="Search with these figures").click()
    page.wait_for_url(re.compile(r"/search\?like=.*&like="))


def test_a_search_is_recorded_replayed_and_exported(page: Page) -> None:
    page.goto("/search?q=recorded+and+replayed&k=20")
    page.locator("#recorded code").click()
    page.wait_for_url(re.compile("/records/"))
    expect(page.locator(".ranked tbody tr")).to_have_count(20)
    page.get_by_role("button", name="Replay").click()
    expect(page.locator("#change-title")).to_have_text("The answer is the same")
    with page.expect_download() as coming:
        page.get_by_role("link", name="PDF", exact=True).click()
    assert coming.value.suggested_filename.startswith("search-recorded-and-replayed-")
    page.get_by_role("link", name="Records", exact=True).click()
    page.locator("#find").fill("replayed")
    page.keyboard.press("Enter")
    expect(page.locator(".kept-table tbody tr")).to_have_count(1)


def test_a_search_is_saved_and_run(page: Page) -> None:
    page.goto("/search?q=saved+from+the+page&k=20")
    page.locator(".save summary").click()
    page.locator(".save input[name=name]").fill("From the page")
    page.locator(".save button").click()
    page.wait_for_url(re.compile("/saved"))
    page.get_by_role("button", name="Run all now").click()
    expect(page.get_by_role("status").first).to_contain_text("All were asked again: 0 new figures.")
    page.get_by_role("link", name="Delete From the page").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("main")).not_to_contain_text("From the page")


def test_all_of_it_works_without_scripts(chromium: Browser, site: str) -> None:
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/search?q=without+scripts&k=20")
    page.locator("#hit-2").get_by_role("button", name="Relevant", exact=True).click()
    page.wait_for_url(re.compile("#hit-2$"))
    judged(page, 2, 2)
    page.locator("#hit-2 .star").click()
    page.wait_for_url(re.compile("/collections/collect"))
    page.locator("input[name=name]").fill("Without scripts")
    page.get_by_role("button", name="Collect", exact=True).click()
    page.wait_for_url(re.compile("/search.*#hit-2$"))
    expect(page.locator("#hit-2 .star")).to_have_attribute("aria-pressed", "true")
    page.goto("/figures/USD900003S1/2/1")
    page.get_by_role("button", name="Collect FIG. 2").click()
    expect(page.locator(".in-collection", has_text="Without scripts")).to_have_count(1)
    context.close()


def check(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
    page.set_viewport_size({"width": 1280, "height": 720})


def test_the_pages_pass_the_accessibility_check_and_fit_narrow_screens(themed: Page) -> None:
    request = themed.request
    answer = request.get("/search.json?q=accessible&like=USD900003S1/2/1&k=20&office=US").json()
    record, hits = answer["record"], [hit["figure"]["id"] for hit in answer["hits"]]
    for figure, grade in zip(hits, (2, 1, 0), strict=False):
        request.post("/judgements.json", data={"figure": figure, "grade": grade, "record": record})
    name = f"Accessible {record}"
    collection = request.post("/collections.json", data={"name": name}).json()["id"]
    for figure in hits[:3]:
        request.post(f"/collections/{collection}/figures.json", data={"figure": figure})
    saved = request.post("/saved.json", data={"name": name, "record": record}).json()["id"]
    newer = request.post(f"/records/{record}/replay.json").json()["newer"]
    for url in (
        "/search?q=accessible&like=USD900003S1/2/1&k=20&office=US",
        "/search?q=accessible&like=USD900003S1/2/1&k=20&office=US&show=list",
        "/search?q=accessible&like=USD900003S1/2/1&k=20&office=US&show=patents",
        "/records",
        f"/records/{record}?with={newer}",
        f"/records/{record}/delete",
        "/collections",
        f"/collections/{collection}",
        f"/collections/collect?figure={hits[0]}",
        "/saved",
        f"/saved/{saved}",
    ):
        themed.goto(url)
        check(themed)
    request.delete(f"/collections/{collection}.json")
    request.delete(f"/saved/{saved}.json")
