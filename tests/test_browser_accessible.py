"""Every page that there is passes the accessibility check, in light and dark, also in its rarer states."""

import io
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import APIRoute
from PIL import Image
from playwright.sync_api import APIRequestContext, Browser, Page
from starlette.testclient import TestClient

from drawn_patents import draw

pytestmark = pytest.mark.browser

FIGURE = "USD900003S1/2/1"
OTHER = "USD900004S1/1/1"
NO_MODEL = "http://127.0.0.1:9/v1"
"""An endpoint where nobody answers: pages then say what they do without it."""
SEARCH = f"/search?q=table+lamp&like={FIGURE}"

PAGES = {
    "start": "/",
    "grid": f"{SEARCH}&k=8",
    "small tiles": f"{SEARCH}&k=8&tiles=small",
    "list": f"{SEARCH}&k=8&show=list",
    "patents": f"{SEARCH}&k=8&show=patents",
    "clusters": f"{SEARCH}&show=clusters&of=50",
    "map": f"{SEARCH}&show=map&of=50",
    "re-ranking": f"{SEARCH}&k=12&reasons=1",
    "weights": f"{SEARCH}&w.words=0.3&w.image=0.7&k=5",
    "several pictures": f"{SEARCH}&like={OTHER}&like.not=USD900005S1/1/1~r90~m&less=wheel&combine=all&k=5",
    "part": f"{SEARCH}@20,10,120,110&k=5",
    "filters": "/search?view=front&office=US&kind.not=B2&year=2000..&applicant.mode=all&k=5",
    "applicants found": "/search?q=lamp&find=example&k=5",
    "nothing found": "/search?q=zzzz&office=DE",
    "unknown number": "/search?q=US+D123,456+S1&k=5",
    "second page": "/search?q=lamp&offset=5&k=5",
    "past the end": "/search?q=lamp&offset=450&k=5",
    "nothing asked": "/search?q=",
    "expression that cannot be read": "/search?q=lamp+AND+%28table",
    "wrong parameter": "/search?q=lamp&k=0",
    "not there": "/nowhere",
    "figure": f"/figures/{FIGURE}",
    "figure on its sheet": f"/figures/{FIGURE}?view=sheet",
    "figure that is not there": "/figures/USD1S1/1/1",
    "patent": "/patents/USD900003S1",
    "compare": f"/compare?figure={FIGURE}&figure={OTHER}",
    "compare nothing": "/compare",
    "evidence": f"/evidence?like={FIGURE}&hit={OTHER}",
    "explanation": f"/explain?q=table+lamp&like={FIGURE}&hit={FIGURE}",
    "explanation of no rank": f"/explain?office=US&hit={FIGURE}",
    "pages of a document": "/pages?PAGES",
    "records": "/records?q=lamp",
    "no records": "/records?q=zzzz",
    "record": "/records/RECORD",
    "replayed": "/records/RECORD?with=NEWER",
    "record to be deleted": "/records/RECORD/delete",
    "collections": "/collections",
    "collection": "/collections/COLLECTION",
    "collection to be deleted": "/collections/COLLECTION/delete",
    "collect": f"/collections/collect?figure={FIGURE}",
    "saved searches": "/saved",
    "saved search": "/saved/SAVED",
    "saved search to be deleted": "/saved/SAVED/delete",
    "status": "/status",
}
REFUSED = {
    "nothing asked",
    "expression that cannot be read",
    "wrong parameter",
    "not there",
    "figure that is not there",
    "compare nothing",
}
PIECES = {"/search/more", "/explain/part", "/evidence/part", "/saved/run", "/saved/{saved_id}/run"}
"""Parts of the pages above, and what forms are sent to, which answers with such a page."""


@contextmanager
def desk(folder: Path) -> Iterator[str]:
    script = Path(__file__).with_name("serve_drawn.py")
    command = [sys.executable, str(script), str(folder), "12", NO_MODEL]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield next(line.split()[1] for line in process.stdout or () if line.startswith("READY "))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def window(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with desk(tmp_path_factory.mktemp("desk")) as url:
        context = chromium.new_context(
            base_url=url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
        )
        yield context.new_page()
        context.close()


@pytest.fixture(scope="module")
def names(window: Page) -> dict[str, str]:
    """What was kept, by the names that stand for it in the addresses above."""
    request = window.request
    record = request.get(f"{SEARCH.replace('/search', '/search.json')}&k=5").json()
    for hit, grade in zip(record["hits"], (2, 1, 0), strict=False):
        judged = {"figure": hit["figure"]["id"], "grade": grade, "record": record["record"]}
        request.post("/judgements.json", data=judged)
    collection = request.post("/collections.json", data={"name": "Lamps"}).json()["id"]
    for hit in record["hits"][:3]:
        request.post(f"/collections/{collection}/figures.json", data={"figure": hit["figure"]["id"]})
    return {
        "RECORD": record["record"],
        "NEWER": request.post(f"/records/{record['record']}/replay.json").json()["newer"],
        "COLLECTION": collection,
        "SAVED": request.post("/saved.json", data={"name": "Lamps", "record": record["record"]}).json()["id"],
        "PAGES": pages_sent(request),
    }


def pages_sent(request: APIRequestContext) -> str:
    """The query string of the page that lets a page of a document be chosen."""
    file = io.BytesIO()
    first, second = (Image.fromarray(draw(5, view)) for view in (1, 2))
    first.save(file, "TIFF", compression="tiff_deflate", save_all=True, append_images=[second])
    sent = {"name": "sheets.tif", "mimeType": "image/tiff", "buffer": file.getvalue()}
    return request.post("/upload", multipart={"file": sent}).url.partition("?")[2]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_passes_the_accessibility_check(window: Page, names: dict[str, str], name: str) -> None:
    address = PAGES[name]
    for word, own in names.items():
        address = address.replace(word, own)
    window.emulate_media(color_scheme="light")
    answer = window.goto(address)
    assert answer
    assert answer.ok != (name in REFUSED)
    found = Axe().run(window)
    assert found.violations_count == 0, found.generate_report()
    window.emulate_media(color_scheme="dark")
    found = Axe().run(window, options={"runOnly": ["color-contrast"]})
    assert found.violations_count == 0, found.generate_report()


def test_no_page_is_forgotten_by_the_accessibility_check(client: TestClient) -> None:
    shown = [address.partition("?")[0].split("/") for address in PAGES.values()]
    for route in client.app.routes:  # type: ignore[attr-defined]
        if not isinstance(route, APIRoute) or "text/html" not in str(route.response_class.media_type):
            continue
        if route.path not in PIECES:
            form = route.path.replace("{figure_id:path}", "*").replace("{patent_id:path}", "*").split("/")
            assert any(_fits(form, address) for address in shown), route.path


def _fits(form: list[str], address: list[str]) -> bool:
    if form[-1] == "*":
        return form[:-1] == address[: len(form) - 1]
    return len(form) == len(address) and all(
        each == own or (each.startswith("{") and own.isupper())
        for each, own in zip(form, address, strict=True)
    )
