"""Search records on the web: made by searching, listed, shown, replayed, exported, deleted."""

import json

from starlette.testclient import TestClient

from drawn_patents import Library
from ipatent.records import searches


def test_each_search_is_recorded_once_with_what_was_asked_and_answered(
    client: TestClient, library: Library
) -> None:
    answer = client.get("/search.json?q=door+hinge&k=7&office=US").json()
    record = searches.get(library.state.records, answer["record"])
    assert [hit.figure_id for hit in record.ranked] == [hit["figure"]["id"] for hit in answer["hits"]]
    assert (record.words, record.url) == ("door hinge", "/search?q=door+hinge&k=7&office=US")
    assert ("Office", "US") in record.filters
    assert record.index.generation == answer["generation"]
    assert record.encoder is not None
    assert record.encoder.name == "tiny"
    again = client.get("/search.json?q=door+hinge&k=7&office=US&show=list").json()
    assert again["record"] == answer["record"], "another layout of the same answer is the same search"
    assert json.dumps(client.get("/search.json?q=door+hinge&k=7&offset=7").json()["record"]) == '""'
