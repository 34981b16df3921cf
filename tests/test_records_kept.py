"""Collections, judgements, measures and saved searches."""

import threading
from dataclasses import replace

import pytest

from ipatent.errors import NotFound, QueryError
from ipatent.records import (
    Database,
    Grade,
    collections,
    judgements,
    measures,
    parameters_of,
    query_key,
    searches,
    watching,
)
from search_records import STATE, ranked, search_record
from tiny_encoder import SPEC


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All that works on records works on both kinds of database alike."""
    if "records" in metafunc.fixturenames:
        metafunc.parametrize("records", ["SQLite", "PostgreSQL"], indirect=True)


def figures(database: Database, collection: str) -> list[str]:
    return [item.figure_id for item in collections.get(database, collection).items]


# -- the identity of a query


@pytest.mark.parametrize(
    "same",
    [
        "/search?q=folding+chair&cpc=A47G&cpc=B60",
        "/search.json?cpc=A47G&cpc=B60&q=++folding%20%20chair+",
        "/search?q=folding+chair&cpc=A47G&cpc=B60&k=20&show=list&offset=40&w=0.7&w.caption=2&same=all&img=",
    ],
)
def test_a_query_is_the_same_however_it_is_shown(same: str) -> None:
    assert query_key(parameters_of(same)) == query_key(
        [("q", "folding chair"), ("cpc", "A47G"), ("cpc", "B60")]
    )


@pytest.mark.parametrize(
    "other",
    [
        "/search?q=folding+chairs",
        "/search?q=Folding+chair",  # AND and and are different questions
        "/search?q=folding+chair&img=" + "a" * 64,
        "/search?q=folding+chair&before=2020",
        "/search?like=folding+chair",
    ],
)
def test_what_asks_for_something_else_is_another_query(other: str) -> None:
    assert query_key(parameters_of(other)) != query_key([("q", "folding chair")])


def test_composed_and_decomposed_letters_are_one_query() -> None:
    assert query_key([("q", "Stu\u0308hle")]) == query_key([("q", "St\u00fchle")])
    assert query_key([("q", "\ud800")])


def test_boxes_stay_with_their_pictures() -> None:
    one = [("img", "a"), ("box", "1,1,1,1"), ("img", "b"), ("box", "2,2,2,2")]
    swapped = [("img", "a"), ("box", "2,2,2,2"), ("img", "b"), ("box", "1,1,1,1")]
    assert query_key(one) != query_key(swapped)


# -- collections


def test_a_collection_is_made_filled_annotated_and_read_back(records: Database) -> None:
    record = searches.store(records, search_record())
    name = collections.create(records, "  Folding   chairs ", "for the file", user="ada")
    assert collections.add(records, name, "P1/1/1", note=" hinge as claimed ", record=record, rank=1)
    assert collections.add(records, name, "P2/1/1")
    collections.annotate(records, name, "P2/1/1", "other hinge")
    found = collections.get(records, name)
    assert (found.name, found.description, found.user) == ("Folding chairs", "for the file", "ada")
    assert [(item.figure_id, item.note, item.record, item.rank) for item in found.items] == [
        ("P1/1/1", "hinge as claimed", record, 1),
        ("P2/1/1", "other hinge", "", None),
    ]
    assert collections.get(records, "Folding chairs") == found
    searches.delete_record(records, record)
    assert [item.record for item in collections.get(records, name).items] == ["", ""]


def test_many_figures_are_collected_in_their_order_in_one_go_and_none_twice(records: Database) -> None:
    name = collections.create(records, "c")
    collections.add(records, name, "P2/1/1", note="mine", rank=9)
    given = [("P1/1/1", 1), ("P2/1/1", 2), ("P3/1/1", None), ("P1/1/1", 4)]
    assert collections.add_all(records, name, given) == 2
    items = [(item.figure_id, item.rank, item.note) for item in collections.get(records, name).items]
    assert items == [("P2/1/1", 9, "mine"), ("P1/1/1", 1, ""), ("P3/1/1", None, "")]
    assert collections.add_all(records, name, given) == 0


def test_of_many_figures_none_is_collected_where_one_has_no_id(records: Database) -> None:
    name = collections.create(records, "c")
    with pytest.raises(QueryError, match="without an id"):
        collections.add_all(records, name, [("P1/1/1", 1), ("", 2)])
    assert figures(records, name) == []


def test_the_same_figure_twice_changes_nothing(records: Database) -> None:
    name = collections.create(records, "c")
    collections.add(records, name, "P1/1/1", note="first")
    before = collections.get(records, name)
    assert not collections.add(records, name, "P1/1/1", note="second")
    assert collections.get(records, name) == before


def test_figures_keep_their_order_while_some_come_and_go(records: Database) -> None:
    name = collections.create(records, "c")
    for letter in "ABCDE":
        collections.add(records, name, letter)
    collections.remove(records, name, "C")
    collections.add(records, name, "C")
    assert figures(records, name) == list("ABDEC")
    collections.move(records, name, "C", 1)
    assert figures(records, name) == list("CABDE")
    collections.move(records, name, "C", 99)
    assert figures(records, name) == list("ABDEC")
    collections.reorder(records, name, ["E", "B"])
    assert figures(records, name) == list("EBADC")


def test_what_is_not_in_a_collection_cannot_be_changed_in_it(records: Database) -> None:
    name = collections.create(records, "c")
    collections.add(records, name, "A")
    for call in (
        lambda: collections.remove(records, name, "B"),
        lambda: collections.annotate(records, name, "B", ""),
        lambda: collections.move(records, name, "B", 1),
        lambda: collections.reorder(records, name, ["A", "B"]),
    ):
        with pytest.raises(NotFound, match="The figure B is not in the collection"):
            call()
    with pytest.raises(QueryError, match="named twice"):
        collections.reorder(records, name, ["A", "A"])
    assert figures(records, name) == ["A"]


def test_names_of_collections_are_unique_and_not_empty(records: Database) -> None:
    first = collections.create(records, "one")
    collections.create(records, "two")
    for name, message in (("two", "named 'two' already"), (" ", "1 to 200"), ("x" * 201, "1 to 200")):
        with pytest.raises(QueryError, match=message):
            collections.create(records, name)
        with pytest.raises(QueryError, match=message):
            collections.rename(records, first, name)
    collections.rename(records, first, "three")
    collections.describe(records, first, "drawn up for the opposition")
    assert collections.get(records, first).description == "drawn up for the opposition"
    assert {summary.name for summary in collections.list_collections(records)} == {"two", "three"}


def test_a_deleted_collection_is_gone_with_its_figures(records: Database) -> None:
    name = collections.create(records, "c")
    collections.add(records, name, "A")
    collections.delete_collection(records, name)
    for call in (collections.get, collections.delete_collection):
        with pytest.raises(NotFound, match="There is no collection"):
            call(records, name)
    assert collections.list_collections(records, "A") == ()


def test_collections_are_found_by_a_figure_or_a_patent_in_them(records: Database) -> None:
    one, two = collections.create(records, "one"), collections.create(records, "two")
    collections.add(records, one, "P_1/1/1")
    collections.add(records, two, "P_1/2/1")
    collections.add(records, two, "PX1/1/1")
    assert [found.name for found in collections.list_collections(records, "P_1/1/1")] == ["one"]
    assert {found.name for found in collections.collections_with_patent(records, "P_1")} == {"one", "two"}
    assert [found.name for found in collections.collections_with_patent(records, "PX1")] == ["two"]
    assert [found.figures for found in collections.list_collections(records)] == [2, 1]


def test_threads_that_add_the_same_figures_add_each_once(records: Database) -> None:
    name = collections.create(records, "c")
    added: list[bool] = []

    def work() -> None:
        added.extend([collections.add(records, name, f"P{n}") for n in range(20)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(added), sum(added)) == (80, 20)
    assert sorted(figures(records, name)) == sorted(f"P{n}" for n in range(20))


# -- judgements and measures

QUERY = (("q", "folding chair"), ("k", "100"))


def test_the_last_judgement_holds_and_the_earlier_ones_are_kept(records: Database) -> None:
    key = judgements.judge(records, QUERY, "P1/1/1", Grade.RELEVANT, user="ada")
    judgements.judge(records, QUERY, "P1/1/1", Grade.PARTLY, user="bob")
    judgements.judge(records, QUERY, "P1/1/1", Grade.PARTLY)
    judgements.judge(records, (("q", "folding chair"),), "P2/1/1", Grade.NOT)
    judgements.judge(records, (("q", "table"),), "P1/1/1", Grade.NOT)
    assert judgements.judgements_of(records, key) == {"P1/1/1": Grade.PARTLY, "P2/1/1": Grade.NOT}
    assert [(j.grade, j.user) for j in judgements.history_of(records, key, "P1/1/1")] == [
        (Grade.RELEVANT, "ada"),
        (Grade.PARTLY, "bob"),
    ]
    assert judgements.judged_parameters(records)[key] == (("q", "folding chair"),)


def test_a_judgement_can_be_taken_back(records: Database) -> None:
    judgements.judge(records, QUERY, "P1/1/1", None)
    key = judgements.judge(records, QUERY, "P1/1/1", Grade.RELEVANT)
    judgements.judge(records, QUERY, "P1/1/1", None)
    assert judgements.judgements_of(records, key) == {}
    assert [judged.grade for judged in judgements.history_of(records, key)] == [Grade.RELEVANT, None]


def test_a_judgement_needs_a_query_and_a_figure(records: Database) -> None:
    with pytest.raises(QueryError, match="needs a query"):
        judgements.judge(records, (("k", "5"),), "P1/1/1", Grade.NOT)
    with pytest.raises(QueryError, match="without an id"):
        judgements.judge(records, QUERY, "", Grade.NOT)


def test_measures_agree_with_a_count_by_hand() -> None:
    record = search_record("A", "B", "C", "D")
    found = measures(record, {"A": Grade.RELEVANT, "B": Grade.NOT, "D": Grade.PARTLY, "Z": Grade.RELEVANT})
    assert (found.returned, found.judged, found.relevant, found.known_relevant) == (4, 3, 2, 3)
    assert found.precision_of_judged == pytest.approx(2 / 3)
    assert found.precision == pytest.approx(2 / 4)
    assert found.recall == pytest.approx(2 / 3)
    # gains 2, 0, 0 (unjudged), 1 against 2, 2, 1; discounts 1, 1.5850, 2, 2.3219
    assert found.ndcg == pytest.approx((2 + 1 / 2.321928) / (2 + 2 / 1.584963 + 1 / 2))


def test_measures_look_at_the_first_k() -> None:
    record = search_record("A", "B", "C", "D")
    found = measures(record, {"C": Grade.RELEVANT, "A": Grade.NOT}, k=2)
    assert (found.k, found.judged, found.precision, found.recall, found.ndcg) == (2, 1, 0.0, 0.0, 0.0)
    assert measures(record, {"A": Grade.RELEVANT}, k=2).ndcg == 1.0
    assert measures(record, {"A": Grade.RELEVANT}, k=0).recall == 0.0


def test_nothing_judged_has_no_measures() -> None:
    found = measures(search_record(), {})
    assert (found.precision, found.precision_of_judged, found.recall, found.ndcg) == (None,) * 4


# -- saved searches


def found(*figure_ids: str, generation: int = 12, **others: object) -> watching.Found:
    state = replace(STATE, generation=generation)
    return replace(watching.Found(ranked(*figure_ids), state, SPEC), **others)  # type: ignore[arg-type]


def test_a_saved_search_tells_what_no_earlier_run_had_found(records: Database) -> None:
    saved = watching.save(records, "chairs", "/search?q=chair")
    assert watching.get(records, saved).last_run is None
    first = watching.take_in(records, saved, found("A", "B"))
    assert (first.first, first.new) == (True, ())
    later = found("C", "A", "D", generation=13)
    assert [hit.figure_id for hit in watching.new_since(records, saved, later).new] == ["C", "D"]
    news = watching.take_in(records, saved, later)
    assert [hit.figure_id for hit in news.new] == ["C", "D"]
    assert (news.index_changed, news.other_encoder, news.other_index) == (True, False, False)
    again = watching.take_in(records, saved, found("B", "C", generation=13))
    assert (again.new, again.index_changed) == ((), False)
    assert watching.get(records, "chairs").unread == 2
    assert set(watching.unread(records, saved)) == {"C", "D"}
    assert watching.mark_read(records, saved, ["C"]) == 1
    assert watching.unread(records, saved) == ("D",)
    assert watching.mark_read(records, saved) == 1
    assert watching.get(records, saved).unread == 0


def test_another_encoder_or_index_is_told(records: Database) -> None:
    saved = watching.save(records, "chairs", "/search?q=chair")
    watching.take_in(records, saved, found("A"))
    news = watching.new_since(records, saved, found("A", encoder=replace(SPEC, weights="x")))
    assert (news.other_encoder, news.index_changed) == (True, False)
    news = watching.new_since(records, saved, found("A", index=replace(STATE, identity="x")))
    assert (news.other_index, news.index_changed) == (True, True)


def test_saved_searches_are_listed_and_deleted(records: Database) -> None:
    saved = watching.save(records, "chairs", "/search?q=chair")
    watching.save(records, "Äxte", "/search?q=axe")
    watching.take_in(records, saved, found("A"))
    assert [search.name for search in watching.list_saved(records)] == ["chairs", "Äxte"]
    with pytest.raises(QueryError, match="named 'chairs' already"):
        watching.save(records, "chairs", "/search?q=x")
    with pytest.raises(QueryError, match="not the address of a search"):
        watching.save(records, "elsewhere", "https://example.org/search?q=x")
    watching.delete_saved(records, saved)
    for call in (watching.get, watching.delete_saved, watching.unread, watching.mark_read):
        with pytest.raises(NotFound, match="There is no saved search"):
            call(records, saved)
    with pytest.raises(NotFound):
        watching.take_in(records, saved, found("A"))


def test_an_answer_with_a_figure_twice_is_taken_in_once(records: Database) -> None:
    saved = watching.save(records, "chairs", "/search?q=chair")
    watching.take_in(records, saved, found())
    news = watching.take_in(records, saved, found("A", "B", "A"))
    assert [hit.figure_id for hit in news.new] == ["A", "B"]
