"""CSV exports that a spreadsheet opens without running anything that a title may hold."""

import csv
import re
from io import StringIO

from ipatent.exports.listing import GRADES, NOT_IN_INDEX, ListedFigure, Listing

COLUMNS = (
    "rank",
    "score",
    "figure",
    "label",
    "publication",
    "title",
    "applicants",
    "inventors",
    "published",
    "filed",
    "priority",
    "classes",
    "caption",
    "view",
    "judgement",
    "note",
    "found",
    "url",
    "state",
)

_STARTS_A_FORMULA = re.compile(r"[\s\0]*[=+\-@＝＋－＠]|[\t\r\n]")
_CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def to_csv(listing: Listing) -> bytes:
    """One line for each figure; UTF-8 with a byte order mark, so that Excel reads umlauts rightly.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for listed in listing.figures:
        writer.writerow([guarded(value) for value in _values(listed)])
    return text.getvalue().encode("utf-8-sig")


def guarded(value: str) -> str:
    """`value` as a cell that is shown and never run; without control characters."""
    value = _CONTROL.sub("", value)
    return f"'{value}" if _STARTS_A_FORMULA.match(value) else value


def _values(listed: ListedFigure) -> tuple[str, ...]:
    figure, patent = listed.figure, listed.patent
    return (
        str(listed.rank),
        "" if listed.score is None else f"{listed.score:.6f}",
        listed.figure_id,
        figure.display_label if figure else "",
        listed.publication,
        patent.title if patent else "",
        "; ".join(patent.applicants) if patent else "",
        "; ".join(patent.inventors) if patent else "",
        patent.published.isoformat() if patent and patent.published else "",
        patent.filed.isoformat() if patent and patent.filed else "",
        patent.priority.isoformat() if patent and patent.priority else "",
        "; ".join(f"{c.scheme} {c.symbol}" for c in patent.classifications) if patent else "",
        figure.caption if figure else "",
        figure.view if figure else "",
        "" if listed.grade is None else GRADES[listed.grade],
        listed.note,
        listed.found,
        listed.url,
        "" if figure else NOT_IN_INDEX,
    )
