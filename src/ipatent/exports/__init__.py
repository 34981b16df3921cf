"""Exports of search records, collections and judgements: PDF, JSON, CSV, RIS, BibTeX, TREC."""

from ipatent.exports.citations import to_bibtex, to_ris
from ipatent.exports.document import check, to_json, verify
from ipatent.exports.listing import Listing, list_collection, list_record, look_up_in
from ipatent.exports.report import Sight, to_pdf
from ipatent.exports.spreadsheet import to_csv
from ipatent.exports.trec import to_qrels, to_run

__all__ = [
    "Listing",
    "Sight",
    "check",
    "list_collection",
    "list_record",
    "look_up_in",
    "to_bibtex",
    "to_csv",
    "to_json",
    "to_pdf",
    "to_qrels",
    "to_ris",
    "to_run",
    "verify",
]
