"""Filters: addresses mean what they say, and every filter keeps exactly what it should, also at the edges."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index_entries import figure, random_entry
from ipatent.classification import Classification
from ipatent.errors import QueryError
from ipatent.facets import FACETS, Facets
from ipatent.filters import NO_FILTERS, PARAMETERS, Choice, Filters, applicant_key
from ipatent.index import Entry, Within
from ipatent.index.embedded import EmbeddedIndex
from ipatent.index.schema import STEPS, connect, ensure_version
from ipatent.patents import Figure, Patent
from ipatent.publication import PublicationNumber
from ipatent.wording import read_wording
from tiny_encoder import SPEC

DAYS = (date(2010, 5, 1), date(2012, 12, 31), date(2015, 6, 1), None)
SYMBOLS = ("A47C 1/02", "A47C 10/00", "A47B 3/06", "B65D 1/00", "H04N 7/18")
TYPES = ("drawing", "table", "photograph", "")
VIEWS = ("perspective", "front", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cpc=A47C&cpc=B65D",
        "cpc=A47C&cpc=B65D&cpc.mode=all&cpc.not=A47C1%2F02",
        "type=drawing&type.not=table",
        "office=US&kind=S1&locarno=07-06&view=front&applicant=acme",
        "year=2010..2015",
        "year=2012",
        "year=..2012",
        "after=2010-01-01&before=2015-06-01&priority_before=2012-03-31",
        "captioned=no&in=USD744296S1&in=raw+name",
        "among=USD744296S1%2F2%2F1%2C3%2F1&among=raw%2Fname%2F1%2F2",
    ],
)
def test_an_address_is_read_and_written_back_unchanged(text: str) -> None:
    from urllib.parse import parse_qsl, urlencode

    filters = Filters.parse(parse_qsl(text))
    assert urlencode(filters.parameters()) == text
    assert bool(filters) == bool(text)
    assert {name for name, _ in filters.parameters()} <= set(PARAMETERS)


def test_values_are_put_in_one_form() -> None:
    pairs = [("cpc", "a47c 1/02"), ("locarno", "7-6"), ("office", "us"), ("applicant", "ACME Tools, Inc."),
             ("in", "US D744,296 S"), ("type", "Drawing"), ("q", "chair")]  # fmt: skip
    assert Filters.parse(pairs).parameters() == (
        ("office", "US"), ("cpc", "A47C1/02"), ("locarno", "07-06"), ("type", "drawing"),
        ("applicant", "acme tools"), ("in", "USD744296S1"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("cpc", "Z99", "cpc must be a CPC symbol of any level"),
        ("cpc.not", "A4", "cpc.not must be a CPC symbol"),
        ("cpc.mode", "both", "cpc.mode must be any or all"),
        ("cpc.mod", "all", "Write cpc="),
        ("locarno", "x", "Locarno class"),
        ("office", "USA", "two-letter"),
        ("year", "abcd", "2010..2015"),
        ("year", "..", "2010..2015"),
        ("year", "2015..2010", "earlier year first"),
        ("before", "01.06.2015", "before=YYYY-MM-DD"),
        ("priority_before", "2015-02-30", "priority_before=YYYY-MM-DD"),
        ("captioned", "maybe", "yes or no"),
        ("applicant", "!!", "at least one letter"),
    ],
)
def test_a_wrong_value_is_named_with_the_form_it_must_have(name: str, value: str, says: str) -> None:
    with pytest.raises(QueryError) as error:
        Filters.parse([(name, value)])
    assert says in str(error.value)
    assert name in str(error.value)


def test_a_day_given_twice_with_different_values_is_refused() -> None:
    with pytest.raises(QueryError, match="before is given 2 times"):
        Filters.parse([("before", "2015-06-01"), ("before", "2016-06-01")])


def test_applicants_differ_only_in_case_accents_and_legal_form_are_one() -> None:
    assert applicant_key("ACME Corp.") == applicant_key("Acme Corporation") == "acme"
    assert applicant_key("Müller GmbH & Co. KG") == "muller"
    assert applicant_key("Co.") == "co"


def entries() -> list[Entry]:
    rng = np.random.default_rng(3)
    made = []
    for number in range(60):
        patent_id = f"US{7000000 + number}B2" if number % 3 else f"EP{1000000 + number}A1"
        entry = random_entry(rng, patent_id, figures=int(rng.integers(1, 4)))
        symbols = rng.choice(SYMBOLS, int(rng.integers(0, 4)), replace=False)
        patent = replace(
            entry.patent,
            number=PublicationNumber.parse(patent_id),
            published=DAYS[int(rng.integers(4))],
            filed=date(2009, 1, 1) if rng.random() < 0.3 else None,
            priority=date(2008, 1, 1) if rng.random() < 0.3 else None,
            applicants=tuple(
                rng.choice(["Acme Inc.", "ACME Corp", "Bolt Ltd", "Müller AG"], 2)[: number % 3]
            ),
            classifications=(
                *(Classification.parse("CPC" if rng.random() < 0.7 else "IPC", text) for text in symbols),
                *((Classification.parse("LOC", "07-06"),) if number % 4 == 0 else ()),
                *((Classification.parse("LOC", "21-01"),) if number % 6 == 0 else ()),
            ),
        )
        figures = tuple(
            replace(each, type=str(rng.choice(TYPES)), view=str(rng.choice(VIEWS))) for each in entry.figures
        )
        made.append(replace(entry, patent=patent, figures=figures))
    return made


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmbeddedIndex, list[Entry]]]:
    path = tmp_path_factory.mktemp("filters") / "index.sqlite"
    stored = entries()
    with EmbeddedIndex.open(path, SPEC, create=True) as index:
        for entry in stored[:40]:
            index.put(entry)
        index.size(Within())
        # What comes later, is replaced or goes must be counted as if it had been there from the start.
        for entry in stored[40:]:
            index.put(entry)
        index.put(replace(stored[5], fingerprint="2"))
        index.delete(stored[7].patent.id)
        yield index, stored[:7] + stored[8:]


def satisfies(filters: Filters, patent: Patent, each: Figure) -> bool:
    """The filters read literally, one figure at a time."""

    def chosen(choice: Choice, has: set[str]) -> bool:
        wanted = [value in has for value in choice.values]
        fits = not wanted or (all(wanted) if choice.mode == "all" else any(wanted))
        return fits and not any(value in has for value in choice.without)

    cpc: set[str] = set()
    locarno: set[str] = set()
    for found in patent.classifications:
        symbol = found.symbol.replace(" ", "")
        if found.scheme == "LOC":
            locarno |= {symbol, symbol[:2]}
        else:
            cpc |= {symbol[:1], symbol[:3], symbol[:4], symbol.split("/")[0], symbol}
    known = [day for day in (patent.priority, patent.filed, patent.published) if day]
    number = patent.number
    first, last = filters.years
    year = patent.published.year if patent.published else 0
    return all(
        (
            chosen(filters.office, {number.office} if number else set()),
            chosen(filters.kind, {number.kind} if number else set()),
            chosen(filters.cpc, cpc),
            chosen(filters.locarno, locarno),
            chosen(filters.applicant, {applicant_key(name) for name in patent.applicants}),
            chosen(filters.type, {each.type}),
            chosen(filters.view, {each.view}),
            filters.captioned is None or filters.captioned == bool(each.caption),
            not filters.publications or patent.id in filters.publications,
            not filters.figures or each.id in filters.figures,
            (first is None and last is None) or (year and (first or 0) <= year <= (last or 9999)),
            filters.after is None or (patent.published is not None and patent.published >= filters.after),
            filters.before is None or (patent.published is not None and patent.published <= filters.before),
            filters.priority_before is None or (known and min(known) <= filters.priority_before),
        )
    )


FILTERS = [
    NO_FILTERS,
    Filters(office=Choice(("US",))),
    Filters(kind=Choice(without=("A1",))),
    Filters(cpc=Choice(("A",))),
    Filters(cpc=Choice(("A47", "B65D"))),
    Filters(cpc=Choice(("A47C", "B65D"), mode="all")),
    Filters(cpc=Choice(("A47C1",))),
    Filters(cpc=Choice(("A47C1/02",), without=("H",))),
    Filters(cpc=Choice(without=("A", "B"))),
    Filters(cpc=Choice(("D01B",))),
    Filters(locarno=Choice(("07", "21"), mode="all")),
    Filters(locarno=Choice(("21-01",))),
    Filters(type=Choice(("drawing", "photograph"))),
    Filters(type=Choice(without=("table",)), view=Choice(("front",))),
    Filters(applicant=Choice(("acme", "bolt"), mode="all")),
    Filters(applicant=Choice(("acme",), without=("muller",))),
    Filters(years=(2012, 2015)),
    Filters(years=(None, 2010)),
    Filters(after=date(2012, 12, 31), before=date(2012, 12, 31)),
    Filters(priority_before=date(2009, 1, 1)),
    Filters(priority_before=date(2012, 12, 31), captioned=True, office=Choice(("EP",))),
    Filters(captioned=False),
    Filters(publications=("US7000001B2", "EP1000000A1", "nowhere")),
    Filters(figures=("US7000001B2/1/1", "EP1000000A1/1/1", "nowhere/1/1"), captioned=True),
    Filters(figures=("nowhere/1/1",)),
]


@pytest.mark.parametrize("filters", FILTERS, ids=lambda each: str(each.parameters()))
def test_exactly_the_figures_that_satisfy_a_filter_are_found_by_every_part(
    filled: tuple[EmbeddedIndex, list[Entry]], filters: Filters
) -> None:
    index, stored = filled
    expected = {
        each.id for entry in stored for each in entry.figures if satisfies(filters, entry.patent, each)
    }
    within = Within(filters)
    assert index.size(within).figures == len(expected)

    def ids(rows: np.ndarray) -> list[str]:
        return [each.id for each, _ in index.figures_at(rows)]

    everything = index.nearest_images(np.ones((1, SPEC.image_dim), np.float32), 1000)
    found = index.nearest_images(np.ones((1, SPEC.image_dim), np.float32), 1000, within)
    assert set(ids(found.rows)) == expected
    # The filtered list is the whole list without the rest, scores included.
    kept = [n for n, name in enumerate(ids(everything.rows)) if name in expected]
    assert found.rows.tolist() == everything.rows[kept].tolist()
    assert found.scores.tolist() == everything.scores[kept].tolist()
    captions = index.nearest_captions(np.ones((1, SPEC.caption_dim), np.float32), 1000, within)
    captioned = {each.id for entry in stored for each in entry.figures if each.caption}
    assert set(ids(captions.rows)) == expected & captioned
    view = index.matching_words(read_wording("view"), 1000, within)
    assert set(ids(view.rows)) == expected & captioned
    newest = index.newest(1000, within)
    assert set(ids(newest.rows)) == expected
    days = [patent.published or date.min for _, patent in index.figures_at(newest.rows)]
    assert all(after <= before for before, after in itertools.pairwise(days))
    assert index.newest(5, within).rows.tolist() == newest.rows[:5].tolist()


def test_figures_of_unknown_date_are_left_out_and_counted(filled: tuple[EmbeddedIndex, list[Entry]]) -> None:
    index, stored = filled
    unknown = [entry for entry in stored if entry.patent.published is None]
    filters = Filters(before=date(2015, 6, 1), type=Choice(("drawing",)))
    expected = sum(each.type == "drawing" for entry in unknown for each in entry.figures)
    assert index.size(Within(filters)).undated == expected > 0
    undatable = [entry for entry in unknown if not (entry.patent.filed or entry.patent.priority)]
    size = index.size(Within(Filters(priority_before=date(2030, 1, 1))))
    assert size.undated == sum(len(entry.figures) for entry in undatable) > 0


def counted(stored: list[Entry], filters: Filters, name: str) -> dict[str, int]:
    """The counts of a facet, one figure at a time."""
    counts: dict[str, int] = {}
    for entry in stored:
        patent = entry.patent
        number = patent.number
        assert number is not None
        for each in entry.figures:
            if not satisfies(filters, patent, each):
                continue
            symbols = {c.symbol.replace(" ", "") for c in patent.classifications if c.scheme != "LOC"}
            locarno = {c.symbol for c in patent.classifications if c.scheme == "LOC"}
            values = {
                "type": {each.type} - {""},
                "view": {each.view} - {""},
                "office": {number.office},
                "kind": {number.kind},
                "cpc": {symbol[:size] for symbol in symbols for size in (1, 3, 4)},
                "locarno": locarno | {symbol[:2] for symbol in locarno},
                "applicant": {applicant_key(who) for who in patent.applicants},
                "year": {str(patent.published.year)} if patent.published else set(),
            }[name]
            for value in values or {""}:
                counts[value] = counts.get(value, 0) + 1
    return counts


@pytest.mark.parametrize("filters", FILTERS, ids=lambda each: str(each.parameters()))
def test_counts_are_exact_and_disregard_what_is_chosen_any_of_in_the_same_facet(
    filled: tuple[EmbeddedIndex, list[Entry]], filters: Filters
) -> None:
    index, stored = filled
    best = index.nearest_images(np.ones((1, SPEC.image_dim), np.float32), 9, Within(filters)).rows
    found: Facets = index.facets(Within(filters), best, FACETS)
    assert found.figures == index.size(Within(filters)).figures
    assert found.best == len(best)
    for name in FACETS:
        if name == "year":
            wider = replace(filters, years=(None, None))
        else:
            choice = filters.choice(name)
            own = choice if choice.mode == "all" else replace(choice, values=())
            wider = replace(filters, **{name: own})
        expected = counted(stored, wider, name)
        facet = found[name]
        assert facet.unknown == expected.pop("", 0)
        assert {value.value: value.count for value in facet.values if value.count} == expected
        among = counted(stored, Filters(), name)
        assert all(value.best <= min(len(best), among[value.value]) for value in facet.values)
    if not filters:
        pairs = index.figures_at(best)
        assert {value.value: value.best for value in found["office"].values if value.best} == {
            office: sum(patent.number is not None and patent.number.office == office for _, patent in pairs)
            for office in {patent.number.office for _, patent in pairs if patent.number}
        }


def test_the_class_tree_has_parents_and_titles(filled: tuple[EmbeddedIndex, list[Entry]]) -> None:
    index, _ = filled
    found = index.facets(Within(), np.empty(0, np.int64), ("cpc", "locarno"))
    cpc = {value.value: value for value in found["cpc"].values}
    assert cpc["A47C"].parent == "A47"
    assert cpc["A47"].parent == "A"
    assert (cpc["A"].parent, cpc["A"].label) == ("", "A Human necessities")
    assert {value.value: value.parent for value in found["locarno"].values}["07-06"] == "07"


def test_values_of_a_long_facet_are_found_by_the_beginnings_of_their_words(
    filled: tuple[EmbeddedIndex, list[Entry]],
) -> None:
    index, stored = filled
    (found,) = index.facet_values(Within(), "applicant", "mül")
    assert (found.value, found.label) == ("muller", "Müller AG")
    assert found.count == counted(stored, NO_FILTERS, "applicant")["muller"]
    assert index.facet_values(Within(), "applicant", "ller") == ()


def test_an_index_of_the_first_version_is_filtered_without_ingesting_again(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    rng = np.random.default_rng(0)
    entry = random_entry(rng, "USD1S1", figures=2)
    figures = (figure("USD1S1", 1, caption="a view", type="table", view="front"), figure("USD1S1", 2))
    patent = replace(entry.patent, priority=date(1999, 1, 1))
    with EmbeddedIndex.open(path, SPEC, create=True) as index:
        index.put(replace(entry, patent=patent, figures=figures))
    connection = connect(path)
    for table, column in (
        ("patents", "priority"),
        ("figures", "type"),
        ("figures", "view"),
        ("figures", "captioned"),
    ):
        connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    with EmbeddedIndex.open(path) as index:
        assert index.size(Within(Filters(type=Choice(("table",)), view=Choice(("front",))))).figures == 1
        assert index.size(Within(Filters(captioned=False))).figures == 1
        assert index.size(Within(Filters(priority_before=date(1999, 1, 1)))).figures == 2
    assert len(STEPS) >= 2
    connection = connect(path)
    ensure_version(connection, path)
    connection.close()
