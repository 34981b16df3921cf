"""What is kept of the work: search records, collections, judgements, saved searches.

Knows nothing of engines or the web: whoever searches hands over what was asked and answered.
"""

from ipatent.records.changes import Change, compare
from ipatent.records.database import Database, open_records
from ipatent.records.judgements import Grade
from ipatent.records.measures import Measures, measures
from ipatent.records.query_key import parameters_of, query_key
from ipatent.records.search_record import (
    IndexState,
    QueryImage,
    RankedFigure,
    SearchRecord,
    record_hash,
)

__all__ = [
    "Change",
    "Database",
    "Grade",
    "IndexState",
    "Measures",
    "QueryImage",
    "RankedFigure",
    "SearchRecord",
    "compare",
    "measures",
    "open_records",
    "parameters_of",
    "query_key",
    "record_hash",
]
