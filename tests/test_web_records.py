"""Search records on the web: made by searching, listed, shown, replayed, exported, deleted."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from drawn_patents import Library, fill
from ipatent.errors import RecordsProblem
from ipatent.exports import verify
from ipatent.records import searches
from ipatent.records.writing import now
from ipatent.settings import Settings
from ipatent.web import create_app, exporting, recording
from ipatent.web.replay import replayer
from ipatent.web.sweeping import sweep_records
from search_records import search_record
from tiny_encoder import TinyEncoder


def searched(client: TestClient, query: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"/search.json?{query}").json()
    return answer


def test_each_search_is_recorded_once_with_what_was_asked_and_answered(
    client: TestClient, library: Library
) -> None:
    answer = searched(client, "q=door+hinge&k=7&office=US")
    record = searches.get(library.state.records, answer["record"])
    assert len(record.ranked) == 7
    assert [hit.figure_id for hit in record.ranked] == [hit["figure"]["id"] for hit in answer["hits"]]
    assert (record.words, record.url) == ("door hinge", "/search?q=door+hinge&k=7&office=US")
    assert ("Office", "US") in record.filters
    assert record.index.generation == answer["generation"]
    assert record.encoder is not None
    assert record.encoder.name == "tiny"
    again = searched(client, "q=door+hinge&k=7&office=US&show=list")
    assert again["record"] == answer["record"], "another layout of the same answer is the same search"
    page = client.get("/search?q=door+hinge&k=7&office=US")
    assert f"/records/{answer['record']}" in page.text


def test_a_page_whose_slider_is_moved_leaves_one_record_and_a_link_can_take_none_away(
    client: TestClient, library: Library
) -> None:
    first = searched(client, "q=lamp&like=USD900003S1/2/1&k=3&w=0.1")["record"]
    moved = "/search.json?q=lamp&like=USD900003S1/2/1&k=3&w=0.2"
    untouched = client.get(f"{moved}&x-replaces-record={first}").json()["record"]
    assert searches.get(library.state.records, first)
    last = client.get(moved.replace("0.2", "0.3"), headers={"X-Replaces-Record": untouched}).json()["record"]
    assert client.get(f"/records/{untouched}").status_code == 404
    assert client.get(f"/records/{last}").status_code == 200


def test_a_report_is_another_file_in_another_language(client: TestClient) -> None:
    record = searched(client, "q=lamp&k=2")["record"]
    german, english, data = (
        client.get(f"/records/{record}.{suffix}", headers={"Accept-Language": code}).headers["etag"]
        for suffix, code in (("pdf", "de"), ("pdf", "en"), ("json", "de"))
    )
    assert len({german, english}) == 2
    assert client.get(f"/records/{record}.json").headers["etag"] == data


def test_later_pages_and_further_hits_make_no_records(client: TestClient, library: Library) -> None:
    before = client.get("/records.json").json()["total"]
    assert searched(client, "q=nozzle&k=5&offset=5")["record"] == ""
    assert client.get("/search/more?q=nozzle&k=5&offset=5").status_code == 200
    replayer(library.state)("/search?q=nozzle")
    assert client.get("/records.json").json()["total"] == before


def test_pictures_and_what_is_not_wanted_stand_in_the_record(client: TestClient, library: Library) -> None:
    answer = searched(
        client, "like=USD900003S1/2/1@10,10,200,200~r90~m&like.not=USD900001S1/1/1&less=wheel&k=3"
    )
    record = searches.get(library.state.records, answer["record"])
    first, second = record.pictures
    assert (first.figure_id, str(first.box), first.turn, first.mirrored, first.negative) == (
        "USD900003S1/2/1",
        "10,10,200,200",
        90,
        True,
        False,
    )
    assert (second.figure_id, second.negative) == ("USD900001S1/1/1", True)
    assert ("Less like", "wheel") in record.filters
    page = client.get(f"/records/{answer['record']}").text
    assert "part 10,10,200,200" in page
    assert "turned by 90°" in page
    assert "/preview?like=USD900003S1/2/1@10,10,200,200~r90~m" in page


def test_a_search_that_cannot_be_recorded_is_answered_and_says_so(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> str:
        raise RecordsProblem("The disk is full: nothing more can be written to the records.")

    monkeypatch.setattr(recording.searches, "store", full)
    page = client.get("/search?q=hinge+full")
    assert page.status_code == 200
    assert "This search could not be recorded. The disk is full" in page.text
    answer = searched(client, "q=hinge+full")
    assert answer["hits"]
    assert (answer["record"], answer["record_problem"][:16]) == ("", "The disk is full")


def test_records_are_listed_newest_first_and_found_by_words_and_filters(client: TestClient) -> None:
    first = searched(client, "q=teapot+one&office=US&k=4")["record"]
    second = searched(client, "q=teapot+two&k=4")["record"]
    listed = client.get("/records.json?q=teapot").json()
    assert [each["id"] for each in listed["records"]] == [second, first]
    assert listed["records"][1]["filters"] == [["Office", "US"]]
    assert listed["records"][1]["encoder"] == "tiny"
    page = client.get("/records?q=teapot").text
    assert page.index(second) < page.index(first)
    assert "No record holds these words" in client.get("/records?q=zzzz").text
    assert [each["id"] for each in client.get("/records.json?q=teapot&offset=1").json()["records"]] == [first]


def test_a_record_page_shows_the_ranking_as_it_was_with_its_hash(client: TestClient) -> None:
    answer = searched(client, "q=ceiling+fan&k=6")
    page = client.get(f"/records/{answer['record']}")
    document = client.get(f"/records/{answer['record']}.json").json()
    assert document["subject_sha256"] in page.text
    places = [page.text.index(f"/thumbnails/{hit['figure']['thumbnail_url'][12:]}") for hit in answer["hits"]]
    assert places == sorted(places)
    missing = client.get("/records/nosuch")
    assert missing.status_code == 404
    assert "There is no search record" in missing.text


@pytest.mark.parametrize(
    ("suffix", "begins", "kind"),
    [
        ("pdf", b"%PDF", "application/pdf"),
        ("json", b"{", "application/json"),
        ("csv", b"\xef\xbb\xbfrank", "text/csv"),
        ("ris", b"TY", "application/x-research-info-systems"),
        ("bib", b"@", "application/x-bibtex"),
        ("run", b"", "text/plain"),
    ],
)
def test_a_record_is_exported_under_a_telling_name_and_fetched_once(
    client: TestClient, suffix: str, begins: bytes, kind: str
) -> None:
    record = searched(client, "q=t%C3%BCr+hinge&k=4")["record"]
    answer = client.get(f"/records/{record}.{suffix}")
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert answer.content
    assert answer.headers["content-type"].startswith(kind)
    assert f'filename="search-tur-hinge-{record}.{suffix}"' in answer.headers["content-disposition"]
    assert f"t%C3%BCr-hinge-{record}.{suffix}" in answer.headers["content-disposition"]
    again = client.get(f"/records/{record}.{suffix}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    if suffix == "json":
        assert verify(answer.text)


def test_only_a_few_reports_wait_to_be_made(client: TestClient, library: Library) -> None:
    record = searched(client, "q=hinge&k=2")["record"]
    queue = library.state.print_queue
    held = 0
    while queue.acquire(blocking=False):
        held += 1
    try:
        refused = client.get(f"/records/{record}.pdf")
        assert refused.status_code == 503
        assert "Too many reports" in refused.text
        assert refused.headers["retry-after"] == "60"
        assert client.get(f"/records/{record}.csv").status_code == 200
    finally:
        for _ in range(held):
            queue.release()
    assert held == 6
    assert client.get(f"/records/{record}.pdf").status_code == 200


def test_one_report_is_made_at_a_time(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0
    lock = threading.Lock()

    def counted(*_: object, **__: object) -> bytes:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.02)
        with lock:
            running -= 1
        return b"%PDF"

    monkeypatch.setattr(exporting.exports, "to_pdf", counted)
    with TestClient(create_app(library.state)) as client:
        record = searched(client, "q=hinge&k=3")["record"]
        threads = [
            threading.Thread(target=client.get, args=(f"/records/{record}.pdf?top={n}",)) for n in range(1, 4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert most == 1


def test_a_replay_says_that_nothing_changed_or_what_did_and_why(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=3)
    state = library.state
    with TestClient(create_app(state), follow_redirects=False) as client:
        record = searched(client, "q=view&k=20")["record"]
        same = client.post(f"/records/{record}/replay.json").json()
        assert (same["changed"], same["reasons"]) == (False, [])
        gone = library.figures[0].patent_id
        state.index.delete(gone)
        answer = client.post(f"/records/{record}/replay")
        assert answer.status_code == 303
        page = client.get(answer.headers["location"]).text
        assert "The answer changed" in page
        assert "The index shrank from 3 to 2 patents, 15 to 10 figures." in page
        assert "5 are gone" in page
        assert "no longer in the index" in page
        newer = answer.headers["location"].partition("with=")[2]
        told = client.get(f"/records/{record}/change.json?to={newer}").json()
        assert told["reasons"] == ["index shrank"]
        assert sorted(told["gone"]) == [f.id for f in library.figures if f.patent_id == gone]
    state.close()


def test_a_record_is_deleted_only_after_a_question(client: TestClient) -> None:
    record = searched(client, "q=throw+away&k=2")["record"]
    assert "Delete this search record?" in client.get(f"/records/{record}/delete").text
    assert client.get(f"/records/{record}").status_code == 200
    assert client.post(f"/records/{record}/delete").headers["location"] == "/records"
    assert client.get(f"/records/{record}").status_code == 404
    record = searched(client, "q=throw+away&k=2")["record"]
    assert client.delete(f"/records/{record}.json").json() == {"deleted": record}
    assert client.delete(f"/records/{record}.json").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
    ],
)
def test_nothing_is_changed_from_pages_of_other_sites(client: TestClient, headers: dict[str, str]) -> None:
    record = searched(client, "q=keep+me&k=2")["record"]
    for method, url in (
        ("POST", f"/records/{record}/delete"),
        ("DELETE", f"/records/{record}.json"),
        ("POST", "/collections.json"),
        ("PATCH", "/collections/x.json"),
        ("PUT", "/collections/x/order.json"),
    ):
        refused = client.request(method, url, headers=headers, json={"name": "x"})
        assert refused.status_code == 403, url
        assert "a page of another site" in refused.text
    assert client.get(f"/records/{record}").status_code == 200


def test_own_pages_and_programs_may_change_things(client: TestClient) -> None:
    for number, headers in enumerate(
        ({}, {"origin": "http://testserver"}, {"sec-fetch-site": "same-origin", "origin": "https://proxy"})
    ):
        made = client.post("/collections.json", headers=headers, json={"name": f"Own {number}"})
        assert made.status_code == 201


def test_records_out_of_date_are_swept_and_others_stay(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=0)
    records = library.state.records
    old = searches.store(records, search_record(time=now() - timedelta(days=40)))
    new = searches.store(records, search_record(time=now() - timedelta(days=2)))
    assert sweep_records(Settings(data=str(tmp_path))) == 0, "by default they are kept for ever"
    assert sweep_records(Settings(data=str(tmp_path), keep_records_days=30)) == 1
    assert [each.id for each in searches.list_records(records).records] == [new]
    assert old != new
    library.state.close()
