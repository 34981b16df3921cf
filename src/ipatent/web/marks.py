"""What was said of the figures on a page of results: judgements, collections, measures so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from fastapi import Request

from ipatent.errors import NotFound, QueryError, RecordsProblem
from ipatent.records import Grade, Measures, SearchRecord, measures, query_key, searches
from ipatent.records import collections as kept_collections
from ipatent.records import judgements as kept_judgements
from ipatent.records.collections import Collection, CollectionSummary
from ipatent.records.query_key import Parameters, identifying
from ipatent.web.asked import Asked
from ipatent.web.formats import count, decimal
from ipatent.web.language import gettext, ngettext
from ipatent.web.recording import Recorded
from ipatent.web.state import AppState

CURRENT = "collection"
"""Name of the cookie that holds the id of the collection that figures are collected into."""
MOST_QUERY = 20_000


@dataclass(frozen=True, slots=True)
class Marks:
    """What the views of hits and the line below the results show of the user's own work."""

    recorded: Recorded
    query: str = ""
    """The query string that judgements are filed under; empty where there is nothing to judge for."""
    back: str = "/"
    judged: Mapping[str, Grade] = field(default_factory=dict)
    measured: str = ""
    """What the judgements say of this search, in a sentence; empty where none was made."""
    collections: tuple[CollectionSummary, ...] = ()
    current: Collection | None = None
    collected: frozenset[str] = frozenset()


def marks_of(request: Request, asked: Asked, state: AppState, recorded: Recorded) -> Marks:
    """The marks for a page of results. Where the records cannot be read, that is told instead of them."""
    parameters = identifying(asked.parameters)
    try:
        current = current_collection(request, state)
        judged = kept_judgements.judgements_of(state.records, query_key(parameters)) if parameters else {}
        return Marks(
            recorded=recorded,
            query=urlencode(parameters) if parameters and not asked.browses_all else "",
            back=asked.url(),
            judged=judged,
            measured=_measured(parameters, recorded, judged, state),
            collections=kept_collections.list_collections(state.records),
            current=current,
            collected=frozenset(item.figure_id for item in current.items) if current else frozenset(),
        )
    except RecordsProblem as problem:
        return Marks(Recorded(problem=recorded.problem or problem.message))


def current_collection(request: Request, state: AppState) -> Collection | None:
    """The collection that figures are collected into, if one was chosen and is still there."""
    chosen = request.cookies.get(CURRENT, "")
    if not chosen:
        return None
    try:
        return kept_collections.get(state.records, chosen)
    except NotFound:
        return None


def read_parameters(query: str) -> Parameters:
    """The parameters of a query string or an address that say what is looked for.

    Raises QueryError where there are none.
    """
    if len(query) > MOST_QUERY:
        raise QueryError(
            f"The query has {len(query):,} characters; the limit is {MOST_QUERY:,}.", "Shorten it."
        )
    found = identifying(parse_qsl(query.rpartition("?")[2], max_num_fields=1000))
    if not found:
        raise QueryError("The query is empty.", "Give the query string of a search, e.g. q=folding+chair.")
    return found


def measured_for(parameters: Parameters, state: AppState, record: str = "") -> Measures | None:
    """The measures of a record, or of the newest record of the query; None where there is none."""
    key = query_key(parameters)
    found: SearchRecord | None = None
    if record:
        found = searches.get(state.records, record)
        if found.query_key != key:
            raise QueryError(
                f"The record {record[:40]} is of another query.", "Give the record of this query, or none."
            )
    else:
        found = searches.latest_of(state.records, key)
    return measures(found, kept_judgements.judgements_of(state.records, key)) if found else None


def said(found: Measures | None) -> str:
    """The measures in a sentence; empty where nothing was judged."""
    if found is None or not (found.judged or found.known_relevant):
        return ""
    parts = [
        ngettext(
            "%(judged)s of %(number)s figure judged",
            "%(judged)s of %(number)s figures judged",
            found.returned,
        )
        % {"judged": count(found.judged), "number": count(found.returned)}
    ]
    if found.precision_of_judged is not None:
        parts.append(
            gettext("precision of the judged %(percent)s %%")
            % {"percent": decimal(100 * found.precision_of_judged, 0)}
        )
    if found.recall is not None:
        parts.append(
            ngettext(
                "recall %(percent)s %% of %(number)s known relevant figure",
                "recall %(percent)s %% of %(number)s known relevant figures",
                found.known_relevant,
            )
            % {"percent": decimal(100 * found.recall, 0), "number": count(found.known_relevant)}
        )
    return " · ".join(parts)


def way_back(to: str) -> str:
    """A path on this server to go back to: `to` where it is one, else the start."""
    if not to.startswith("/") or to[1:2] in ("/", "\\") or len(to) > MOST_QUERY:
        return "/"
    return to


def _measured(
    parameters: Parameters, recorded: Recorded, judged: Mapping[str, Grade], state: AppState
) -> str:
    return said(measured_for(parameters, state, recorded.id)) if judged else ""
