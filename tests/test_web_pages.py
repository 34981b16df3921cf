"""Every page answers in HTML and in JSON, says the same in both, and sends nothing unsafe."""

import gzip
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

import ipatent.web
from drawn_patents import TITLES, Library, fill
from ipatent.index import Entry
from ipatent.settings import Settings
from ipatent.web import create_app
from ipatent.web.guard import hosts_of
from tiny_encoder import TinyEncoder

PAGES = {
    "/": "/index.json",
    "/search?q=folding+chair&k=20": "/search.json?q=folding+chair&k=20",
    "/search?like=USD900003S1/2/1": "/search.json?like=USD900003S1/2/1",
    "/figures/USD900003S1/2/1": "/figures/USD900003S1/2/1.json",
    "/patents/USD900003S1": "/patents/USD900003S1.json",
    "/status": "/status.json",
}


class Tags(HTMLParser):
    """All start tags of a page with their attributes, but for those of templates, which scripts complete."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._templates = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._templates += tag == "template"
        if not self._templates:
            self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self._templates -= tag == "template"

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.mark.parametrize(("page", "twin"), PAGES.items())
def test_every_page_has_a_twin_in_json(client: TestClient, page: str, twin: str) -> None:
    html, data = client.get(page), client.get(twin)
    assert html.status_code == data.status_code == 200
    assert html.headers["content-type"] == "text/html; charset=utf-8"
    assert data.headers["content-type"] == "application/json"
    assert data.json()


@pytest.mark.parametrize("page", [*PAGES, "/nowhere", "/search?q=a&k=0", "/search"])
def test_pages_load_nothing_from_elsewhere_and_hold_no_inline_code(client: TestClient, page: str) -> None:
    response = client.get(page)
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    tags = Tags(response.text)
    for tag, attributes in tags.found:
        assert not any(name == "style" or name.startswith("on") for name in attributes), (tag, attributes)
        loaded = attributes.get("src") or (attributes.get("href") if tag in ("link", "image") else None)
        assert not loaded or loaded.startswith("/"), (tag, attributes)
    assert not tags.all("style")
    assert all("src" in script for script in tags.all("script"))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_and_picture_of_a_page_leads_somewhere(client: TestClient, page: str) -> None:
    tags = Tags(client.get(page).text)
    local = {a.get("href", "") for a in (*tags.all("a"), *tags.all("link"), *tags.all("image"))}
    local |= {a["src"] for a in (*tags.all("img"), *tags.all("script"))}
    local = {url.partition("#")[0] for url in local if url.startswith("/")}
    assert len(local) > 5
    for url in sorted(local)[:60]:
        assert client.get(url).status_code == 200, url


def test_the_schema_describes_every_twin_with_a_model(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    for path in ("/index.json", "/search.json", "/figures/{figure_id}.json", "/patents/{patent_id}.json"):
        answer = schema["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert answer["$ref"].startswith("#/components/schemas/"), path
    search = schema["paths"]["/search.json"]["get"]
    assert {p["name"] for p in search["parameters"]} >= {"q", "img", "img.not", "like", "less", "w", "k"}
    assert "Problem" in str(search["responses"]["400"])
    assert "/upload.json" in schema["paths"]


def test_a_figure_page_tells_all_that_is_known(client: TestClient, library: Library) -> None:
    page = client.get("/figures/USD900003S1/2/1")
    for said in (
        "FIG. 2",
        "US D900,003 S1",
        "Bottle with a threaded cap",
        "7 Apr 2020",
        "7 Apr 2018",
        "Example 3 &amp; Sons &lt;Ltd&gt;",
        "Ada Example; Grace Sample",
        "07-06",
        "D7/631",
        "FIG. 2 is a front view",
        "outer rim",
        "The ornamental design",
        "https://worldwide.espacenet.com/patent/search?q=pn%3DUSD900003S1",
        "https://patents.google.com/patent/USD900003S1/en",
    ):
        assert said in page.text, said
    figure = library.state.index.figure("USD900003S1/2/1")
    assert f"/images/{figure.image}" in page.text
    assert f"/images/{figure.sheet_image}" in page.text
    data = client.get("/figures/USD900003S1/2/1.json").json()
    assert data["previous_url"] == "/figures/USD900003S1/1/1"
    assert data["next_url"] == "/figures/USD900003S1/3/1"
    assert [f["label"] for f in data["patent"]["figures"]] == [f"FIG. {n}" for n in range(1, 6)]
    assert data["patent"]["source"] == "USD900003S1.pdf"


def test_the_first_and_last_figure_have_one_neighbour(client: TestClient) -> None:
    first = client.get("/figures/USD900003S1/1/1.json").json()
    last = client.get("/figures/USD900003S1/5/1.json").json()
    assert (first["previous_url"], last["next_url"]) == ("", "")
    assert first["next_url"]
    assert last["previous_url"]


def test_the_first_page_teaches_with_titles_of_the_index(client: TestClient) -> None:
    page = client.get("/").text
    assert sum(title in page for title in TITLES) >= 8
    examples = client.get("/index.json").json()["examples"]
    for example in examples:
        found = client.get(example["words_url"].replace("/search?", "/search.json?")).json()
        assert found["hits"][0]["patent"]["title"] == example["words"]


def test_an_empty_index_says_how_to_fill_it(tmp_path: Path) -> None:
    state = fill(tmp_path, TinyEncoder(), patents=0).state
    with TestClient(create_app(state)) as client:
        home = client.get("/")
        assert home.status_code == 200
        assert "ipatent ingest PATH" in home.text
        refused = client.get("/search?q=chair")
        assert refused.status_code == 409
        assert "ipatent ingest PATH" in refused.text
        assert "ipatent ingest PATH" in client.get("/search.json?q=chair").json()["advice"]
        assert client.get("/status.json").json()["figures"] == 0
    state.close()


def test_the_status_tells_counts_and_encoder(client: TestClient) -> None:
    data = client.get("/status.json").json()
    assert (data["patents"], data["figures"]) == (12, 60)
    assert data["encoder"]["name"] == "tiny"
    assert data["encoders_agree"] is True
    assert "tiny" in client.get("/status").text


def test_another_encoder_than_that_of_the_index_is_explained(tmp_path: Path) -> None:
    state = fill(tmp_path, TinyEncoder(), patents=1).state
    other = type(state)(
        state.settings, state.index, TinyEncoder(text_tower=True), state.objects, state.uploads, state.records
    )
    with TestClient(create_app(other)) as client:
        refused = client.get("/search.json?q=chair")
        assert refused.status_code == 409
        assert "tiny" in refused.json()["error"]
        assert "tiny-clip" in refused.json()["error"]
        assert refused.json()["advice"]
        assert "another encoder" in client.get("/status").text
    state.close()


def test_names_with_odd_characters_reach_their_pages(tmp_path: Path) -> None:
    odd = 'my "own" #1 100% <folder> ü?'
    state = fill(tmp_path, TinyEncoder(), patents=1, rename=odd).state
    with TestClient(create_app(state)) as client:
        data = client.get("/search.json?q=mitten").json()
        hit = data["hits"][0]
        assert hit["patent"]["id"] == odd
        assert "<folder>" not in client.get("/search?q=mitten").text
        for url in (hit["figure"]["url"], hit["patent"]["url"]):
            assert client.get(url).status_code == 200
            assert client.get(url + ".json").status_code == 200
        assert client.get(hit["figure"]["more_like_this_url"]).status_code == 200
    state.close()


def test_words_of_a_user_are_shown_as_typed_and_never_as_markup(client: TestClient) -> None:
    attack = '"><script>alert(1)</script>'
    for page in ("/search", "/search.json", "/nowhere"):
        response = client.get(page, params={"q": attack, "k": "5"})
        assert "<script>alert" not in response.text or response.headers["content-type"] == "application/json"
    assert "&lt;script&gt;" in client.get("/search", params={"q": attack}).text


def test_a_host_name_made_up_by_the_client_comes_back_nowhere(client: TestClient) -> None:
    for path in ("/", "/figures/USD900003S1/2/1/", "/status/", "/search?q=chair"):
        response = client.get(path, headers={"host": "evil.example"})
        assert "evil.example" not in response.text
        assert "evil.example" not in str(response.headers)


@pytest.mark.parametrize(
    "path",
    [
        "/static/x/../app.py",
        "/static/x/%2e%2e%2fapp.py",
        "/static/x/nothing.js",
        "/thumbnails/..%2f..%2fetc",
        "/docs",
    ],
)
def test_only_known_files_are_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_head_request_tells_the_same_without_a_body(client: TestClient) -> None:
    response = client.head("/search?q=chair")
    assert response.status_code == 200
    assert response.content == b""
    assert response.headers["content-type"].startswith("text/html")


def test_static_files_are_kept_by_browsers_until_they_change(client: TestClient) -> None:
    page = client.get("/").text
    url = re.search(r"/static/[0-9a-f]{12}/app\.css", page)
    assert url
    kept = client.get(url.group())
    assert "immutable" in kept.headers["cache-control"]
    assert kept.headers["content-type"].startswith("text/css")
    old = client.get("/static/000000000000/app.css")
    assert old.status_code == 200
    assert "immutable" not in old.headers["cache-control"]


def test_no_program_text_builds_markup() -> None:
    for module in Path(ipatent.web.__file__).parent.glob("*.py"):
        assert not re.search(r"</\w|<(?:div|p|a|span|img|script)\b", module.read_text()), module.name


def test_a_hundred_results_are_a_small_page(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=20, settings=Settings(data=str(tmp_path)))
    with TestClient(create_app(library.state)) as client:
        page = client.get("/search?q=handle&k=100", headers={"accept-encoding": "gzip"})
        assert page.headers["content-encoding"] == "gzip"
        hits = Tags(page.text).all("img")
        assert len(hits) == 100
        packed = int(page.headers["content-length"])
        assert packed == pytest.approx(len(gzip.compress(page.content, 6)), rel=0.1)
        pictures = sum(len(client.get(img["src"]).content) for img in hits)
        assert packed <= 60_000
        assert packed + pictures <= 1_000_000
    library.state.close()


def test_components_open_to_the_passages_with_their_words_marked(client: TestClient) -> None:
    page = client.get("/figures/USD900003S1/2/1")
    assert "<summary><b>14</b> handle</summary>" in page.text
    assert "<p>A <mark>handle 14</mark> is fixed to the housing 12.</p>" in page.text
    assert "closed by &lt;b&gt;two&lt;/b&gt; screws" in page.text
    twin = client.get("/figures/USD900003S1/2/1.json").json()
    assert twin["components_are_of_figure"] is True
    assert [one["numeral"] for one in twin["components"]] == ["12", "14"]
    assert (twin["figure"]["view"], twin["figure"]["depicts"]) == ("front", "bottle with a threaded cap")


def test_a_figure_that_the_text_never_speaks_of_has_the_components_of_the_patent(client: TestClient) -> None:
    twin = client.get("/figures/USD900003S1/4/1.json").json()
    assert twin["components_are_of_figure"] is False
    assert len(twin["components"]) == 2
    assert "Components of the patent" in client.get("/figures/USD900003S1/4/1").text


def test_a_patent_page_lists_all_components(client: TestClient) -> None:
    page, twin = client.get("/patents/USD900003S1"), client.get("/patents/USD900003S1.json").json()
    listed = page.text.partition('<ul class="components">')[2].partition("</ul>")[0]
    assert listed.count("<summary>") == len(twin["components"]) == 2


def test_an_untitled_patent_shows_its_name_once_on_a_card(tmp_path: Path) -> None:
    state = fill(tmp_path, TinyEncoder(), patents=1).state
    patent = state.index.patent("USD900000S1")
    figures = state.index.figures_of(patent.id)
    images = np.concatenate([state.index.image_vector(figure.id) for figure in figures])
    captions = state.encoder.encode_captions([figure.caption for figure in figures])
    state.index.put(Entry(replace(patent, title=""), figures, images, captions, "untitled", len(figures)))
    with TestClient(create_app(state)) as client:
        page = client.get("/search?q=mitten&k=1").text
        card = page[page.index('<li class="card hit"') : page.index("</ol>")]
        shown = re.sub(r"<[^>]+>", " ", card)
        assert shown.count("US D900,000 S1") == 1
    state.close()


@pytest.mark.parametrize("name", ["evil.example", "evil.example:8000", "localhost.evil.example", "[bad", ""])
def test_a_server_answers_only_to_its_own_names(library: Library, name: str) -> None:
    app = create_app(library.state, hosts_of("192.0.2.7"))
    with TestClient(app) as client:
        refused = client.get("/search?q=hinge", headers={"host": name})
        assert refused.status_code == 400
        assert "not known by the name" in refused.text
        assert 'id="search-form"' in refused.text
        assert "evil" not in refused.text
        assert "not known" in client.get("/status.json", headers={"host": name}).json()["error"]


@pytest.mark.parametrize(
    "name", ["192.0.2.7:8000", "localhost:9000", "LOCALHOST", "127.0.0.1", "[::1]:8000", "localhost."]
)
def test_a_server_answers_to_its_address_and_to_localhost(library: Library, name: str) -> None:
    with TestClient(create_app(library.state, hosts_of("192.0.2.7"))) as client:
        assert client.get("/status.json", headers={"host": name}).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_on_all_addresses_answers_to_any_name(library: Library, host: str) -> None:
    with TestClient(create_app(library.state, hosts_of(host))) as client:
        assert client.get("/status.json", headers={"host": "patents.office"}).status_code == 200
