"""The languages of the pages: how one is chosen, and that each says everything."""

import json
import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient
from tools.messages import LOCALE, faults, messages

from drawn_patents import Library
from ipatent.web import formats
from ipatent.web.language import ENGLISH, gettext, read_languages, speaking, translate
from ipatent.web.language_choice import preferred
from ipatent.web.message_patterns import MessagePattern, fill
from ipatent.web.rendering import template_environment

LANGUAGES = read_languages()


@pytest.fixture
def reader(library: Library, client: TestClient) -> TestClient:
    """A visitor who has chosen nothing yet."""
    client.cookies.clear()
    return client


def language_of(html: str) -> str:
    found = re.search(r'<html lang="(\w+)">', html)
    assert found
    return found[1]


@pytest.mark.parametrize("code", ["de", "fr"])
def test_every_sentence_of_the_pages_is_translated(code: str) -> None:
    assert faults(LOCALE / f"{code}.po", messages()) == []


def test_a_page_is_english_when_nothing_is_said(reader: TestClient) -> None:
    response = reader.get("/")
    assert language_of(response.text) == "en"
    assert "Find patent drawings" in response.text
    assert response.headers["content-language"] == "en"


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("en;q=0.3, fr-CH;q=0.8", "fr"),
        ("ja, fr;q=0.2", "fr"),
        ("ja", "en"),
        ("de;q=0", "en"),
        ("de;q=nan,fr;q=7,en;q=0.1", "en"),
        ("", "en"),
        (";;,q=,=,;q", "en"),
        ("x" * 100_000, "en"),
    ],
)
def test_the_browsers_preferred_language_is_taken(accepted: str, code: str) -> None:
    assert preferred(accepted) == code


def test_a_chosen_language_is_kept_for_the_next_pages(reader: TestClient) -> None:
    chosen = reader.get("/status?lang=fr", headers={"Accept-Language": "de"})
    assert language_of(chosen.text) == "fr"
    cookie = chosen.headers["set-cookie"]
    assert "lang=fr" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    after = reader.get("/", headers={"Accept-Language": "de"})
    assert language_of(after.text) == "fr"
    assert "set-cookie" not in after.headers
    reader.cookies.clear()
    assert language_of(reader.get("/", headers={"Accept-Language": "de"}).text) == "de"


@pytest.mark.parametrize("lang", ["xx", "de%0d%0aSet-Cookie:x", "../de", ""])
def test_an_unknown_language_is_ignored_and_not_kept(reader: TestClient, lang: str) -> None:
    response = reader.get(f"/?lang={lang}")
    assert response.status_code == 200
    assert language_of(response.text) == "en"
    assert "set-cookie" not in response.headers
    reader.cookies.set("lang", "xx")
    assert language_of(reader.get("/").text) == "en"


@pytest.mark.parametrize("path", ["/", "/search?q=lamp", "/nowhere"])
def test_no_cache_may_hand_one_readers_language_to_another(reader: TestClient, path: str) -> None:
    varies = reader.get(path).headers["vary"]
    assert "Accept-Language" in varies
    assert "Cookie" in varies


def test_pictures_are_cached_for_all_languages_together(reader: TestClient, library: Library) -> None:
    figure = reader.get("/index.json").json()["examples"][0]["figure"]
    assert "Cookie" not in reader.get(figure["thumbnail_url"]).headers.get("vary", "")
    assert "set-cookie" not in reader.get(f"{figure['thumbnail_url']}?lang=de").headers


def test_pages_asked_for_in_turn_do_not_mix_their_languages(reader: TestClient) -> None:
    for _ in range(2):
        for code, heading in (("de", "Patentzeichnungen finden"), ("en", "Find patent drawings")):
            html = reader.get("/", headers={"Accept-Language": code}).text
            assert heading in html
            assert language_of(html) == code


def test_the_menu_leads_to_the_same_page_in_the_other_languages(reader: TestClient) -> None:
    html = reader.get("/search?q=a+%22%3Cb%3E%22&k=20&lang=de").text
    links = re.findall(r'<a href="([^"]+)" lang="(\w+)"[^>]*>', html)
    assert [code for _, code in links] == ["en", "de", "fr"]
    assert unescape(links[2][0]) == "?q=a+%22%3Cb%3E%22&k=20&lang=fr"
    assert re.search(r'lang="de" hreflang="de" rel="nofollow" aria-current="true">Deutsch<', html)


def test_the_menu_never_leads_to_another_host(reader: TestClient) -> None:
    html = reader.get("http://testserver//elsewhere.example/").text
    assert all(link.startswith("?") for link in re.findall(r'<a href="([^"]+)" lang=', html))


def test_the_menu_of_a_refused_upload_leads_to_the_start(reader: TestClient) -> None:
    html = reader.post("/upload", files={"file": ("x.png", b"no picture")}).text
    assert 'href="/?lang=de"' in html


def test_errors_come_in_the_language_of_the_reader(reader: TestClient) -> None:
    german = {"Accept-Language": "de"}
    page = reader.get("/search?q=lamp&k=100000", headers=german)
    assert page.status_code == 400
    assert "k ist 100000, aber die Anzahl der Treffer muss zwischen 1 und" in page.text
    assert "Fehlerhafte Anfrage" in page.text
    answer = reader.get("/search.json?q=lamp&k=abc", headers=german).json()
    assert answer["error"] == "'abc' ist kein gültiger Wert für die Anzahl der Treffer."
    refused = reader.post("/upload.json", files={"file": ("x.zip", b"PK\x03\x04")}, headers=german)
    assert refused.json()["error"] == "Dies ist ein ZIP-Archiv, kein lesbares Bild."
    assert "Cette page n’existe pas." in reader.get("/nowhere", headers={"Accept-Language": "fr"}).text


def test_what_a_reader_typed_is_never_taken_for_markup_or_a_placeholder(reader: TestClient) -> None:
    typed = "%(number)s <b>{box}</b> 100%"
    for code in LANGUAGES:
        html = reader.get("/search", params={"q": typed}, headers={"Accept-Language": code}).text
        assert "<b>{box}" not in html
        assert "%(number)s &lt;b&gt;{box}&lt;/b&gt; 100%" in html
    html = reader.get("/search", params={"q": "a", "box": "<i>{error}</i>"}).text
    assert "<i>{error}" not in html


def test_values_in_a_translated_sentence_are_escaped() -> None:
    template = template_environment().from_string('{{ _("encoder %(name)s", name=value) }}')
    with speaking(LANGUAGES["de"]):
        assert template.render(value="<script>") == "Encoder &lt;script&gt;"


def test_values_of_an_error_are_kept_and_its_numbers_rewritten() -> None:
    said = "The text has 12,345 characters; the limit is 1,000."
    with speaking(LANGUAGES["de"]):
        assert translate(said) == "Der Text hat 12.345 Zeichen; die Grenze ist 1.000."
        assert translate("The index holds no figure {x} {figure_id}.").endswith(
            "keine Figur {x} {figure_id}."
        )
        assert translate("A sentence that nobody translated.") == "A sentence that nobody translated."
    assert translate(said) == said


def test_a_value_that_reads_like_a_label_of_a_page_is_kept() -> None:
    with speaking(LANGUAGES["de"]):
        assert gettext("of") == "aus"
        assert translate("of is 9000; it must lie between 1 and 2,000.").startswith("of ist 9000;")
        assert (
            translate("There is a collection named Map already.") == "Es gibt schon eine Sammlung namens Map."
        )
        assert translate("This is a ZIP archive, not a picture that can be read.").startswith(
            "Dies ist ein ZIP-"
        )


def test_a_long_hostile_error_is_translated_at_once() -> None:
    with speaking(LANGUAGES["fr"]):
        assert translate("The box " + " reaches outside the picture, which is × " * 20_000)


def test_a_pattern_finds_its_values_only_in_its_own_sentence() -> None:
    pattern = MessagePattern.parse("{a} has {b} values.")
    assert pattern.values_in("year has 3 values.") == {"a": "year", "b": "3"}
    assert pattern.values_in("year has 3 values") is None
    assert pattern.values_in("has values.") is None
    assert fill("{b}: {a}", {"a": "{b}", "b": "x"}) == "x: {b}"


@pytest.mark.parametrize(
    ("code", "count", "day", "size", "decimal"),
    [
        ("en", "1,234,567", "1 Mar 2024", "1.2 GB", "0.50"),
        ("de", "1.234.567", "1. März 2024", "1,2 GB", "0,50"),
        ("fr", "1\u202f234\u202f567", "1er mars 2024", "1,2 Go", "0,50"),
    ],
)
def test_numbers_and_dates_are_written_as_readers_expect(
    code: str, count: str, day: str, size: str, decimal: str
) -> None:
    with speaking(LANGUAGES[code]):
        assert formats.count(1_234_567) == count
        assert formats.day(date(2024, 3, 1)) == day
        assert formats.size(1_234_000_000) == size
        assert formats.decimal(0.5) == decimal
        assert formats.day(None) == ""


@pytest.mark.parametrize(
    ("code", "none"), [("en", "0 figures of"), ("de", "0 Figuren aus"), ("fr", "0 figure est")]
)
def test_things_counted_stand_in_the_form_of_the_language(code: str, none: str) -> None:
    one, many = "%(figures)s figure is ready.", "%(figures)s figures of %(patents)s patents are ready."
    template = template_environment().from_string("{{ ngettext(one, many, 0, figures=0, patents=0) }}")
    with speaking(LANGUAGES[code]):
        assert template.render(one=one, many=many).startswith(none)


def test_a_constant_in_a_template_is_not_kept_in_the_first_language() -> None:
    template = template_environment().from_string('{{ "words" | part }} {{ 1000 | count }}')
    for code, text in (("de", "Wörter 1.000"), ("en", "words 1,000"), ("fr", "mots 1\u202f000")):
        with speaking(LANGUAGES[code]):
            assert template.render() == text


def test_outside_of_a_request_all_is_english() -> None:
    assert gettext("Search") == "Search"
    with speaking(LANGUAGES["de"]):
        assert gettext("Search") == "Suchen"
    assert LANGUAGES["en"] is ENGLISH


def test_a_faulty_translation_is_found(tmp_path: Path) -> None:
    good = (LOCALE / "de.po").read_text("utf-8")
    for old, new, fault in (
        ('msgstr "Encoder %(name)s"', 'msgstr "Encoder %(nam)s"', "other placeholders"),
        ('msgstr "Suchen"', 'msgstr ""', "not translated: Search"),
        ('msgstr "Suchen"', 'msgstr "<b>Suchen"', "other tags"),
        ('msgstr "Suchen"', 'msgstr "\\\\"Suchen\\\\""', "escaped"),
        ('msgid "Search"', '#, fuzzy\nmsgid "Search"', "not sure: Search"),
    ):
        assert old in good
        path = tmp_path / "de.po"
        path.write_text(good.replace(old, new), "utf-8")
        assert any(fault in line for line in faults(path, messages())), fault


@pytest.mark.browser
def test_scripts_speak_the_language_of_the_page(page: Page) -> None:
    page.goto("/?lang=de")
    page.set_input_files("#file", {"name": "x.png", "mimeType": "image/png", "buffer": b"x" * 31_000_000})
    page.wait_for_function("document.getElementById('notice').textContent.includes('die Grenze ist')")
    assert "31,0 MB" in page.locator("#notice").inner_text()
    given = page.locator("#notice").get_attribute("data-messages")
    assert given
    assert json.loads(given)["Sending the picture…"][0] == "Das Bild wird gesendet…"


@pytest.mark.browser
def test_the_language_is_chosen_from_the_menu_without_scripts(chromium: Browser, site: str) -> None:
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/status")
    page.get_by_role("link", name="Français").click()
    assert page.locator("h1").inner_text() == "État"
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == "fr"
    context.close()
