"""RIS and BibTeX exports: one entry for each patent, with its figures and notes."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ipatent.exports.listing import ListedFigure, Listing
from ipatent.patents import Patent

_BLANKS = re.compile(r"[\s\0-\x1f\x7f-\x9f\ud800-\udfff]+")
_BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "^": r"\textasciicircum{}",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "%": r"\%",
    }
)


@dataclass(frozen=True, slots=True)
class Cited:
    """A patent with what is said of its figures; `patent` is None where the index lost it."""

    id: str
    number: str
    url: str
    patent: Patent | None
    note: str


def cited(listing: Listing) -> tuple[Cited, ...]:
    """The patents of the listing in order of their best figure."""
    groups: dict[str, list[ListedFigure]] = {}
    for listed in listing.figures:
        key = listed.patent.id if listed.patent else listed.figure_id.rsplit("/", 2)[0]
        groups.setdefault(key, []).append(listed)
    return tuple(
        Cited(
            key,
            group[0].patent.display if group[0].patent else key,
            group[0].url,
            next((listed.patent for listed in group if listed.patent), None),
            "; ".join(_of_figure(listed) for listed in group),
        )
        for key, group in groups.items()
    )


def to_ris(listing: Listing) -> str:
    """RIS entries of type PAT, as reference managers read them; UTF-8, lines end in CR LF."""
    return "".join(_ris(entry) for entry in cited(listing))


def to_bibtex(listing: Listing) -> str:
    """BibTeX entries of type patent (as biblatex knows it); UTF-8."""
    used: set[str] = set()
    return "\n".join(_bibtex(entry, used) for entry in cited(listing))


def _of_figure(listed: ListedFigure) -> str:
    name = listed.figure.display_label if listed.figure else f"{listed.figure_id} (no longer in the index)"
    caption = f": {listed.figure.caption}" if listed.figure and listed.figure.caption else ""
    note = f" [{listed.note}]" if listed.note else ""
    return f"{name}{caption}{note}"


def _ris(entry: Cited) -> str:
    patent = entry.patent
    tags: list[tuple[str, str]] = [("TY", "PAT")]
    if patent:
        tags += [("AU", name) for name in patent.inventors]
        tags += [("TI", patent.title), ("PB", "; ".join(patent.applicants))]
        if patent.published:
            tags += [("PY", f"{patent.published:%Y}"), ("DA", f"{patent.published:%Y/%m/%d}/")]
        if patent.number:
            tags.append(("CY", patent.number.office))
        tags += [("KW", f"{c.scheme} {c.symbol}") for c in patent.classifications]
        tags.append(("AB", patent.abstract))
    tags += [("SN", entry.number), ("UR", entry.url), ("N1", entry.note), ("ID", entry.id)]
    lines = [f"{tag}  - {value}" for tag, text in tags if (value := _one_line(text))]
    return "\r\n".join([*lines, "ER  - ", "", ""])


def _bibtex(entry: Cited, used: set[str]) -> str:
    patent = entry.patent
    fields: list[tuple[str, str]]
    if patent:
        fields = [
            ("author", " and ".join(_person(name) for name in patent.inventors) or _names(patent.applicants)),
            ("title", "{" + _escaped(patent.title) + "}" if patent.title else ""),
            ("number", _escaped(entry.number)),
            ("holder", _names(patent.applicants)),
            ("date", patent.published.isoformat() if patent.published else ""),
            ("year", f"{patent.published:%Y}" if patent.published else ""),
            ("location", _escaped(patent.number.office) if patent.number else ""),
            ("keywords", _escaped(", ".join(f"{c.scheme} {c.symbol}" for c in patent.classifications))),
        ]
    else:
        fields = [("number", _escaped(entry.number))]
    # Inside \url and url fields only what is no part of any address would need an escape.
    fields += [("url", entry.url), ("note", _escaped(entry.note))]
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields if value)
    return f"@patent{{{_key(entry.id, used)},\n{body}}}\n"


def _names(names: Iterable[str]) -> str:
    """Names in braces each, so that `and` and commas inside a company's name divide nothing."""
    return " and ".join("{" + _escaped(name) + "}" for name in names)


def _person(name: str) -> str:
    escaped = _escaped(name)
    return "{" + escaped + "}" if re.search(r"\band\b", escaped, re.IGNORECASE) else escaped


def _key(name: str, used: set[str]) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    key = base = re.sub(r"[^A-Za-z0-9:.+-]", "", ascii_only) or "patent"
    number = 1
    while key.lower() in used:
        number += 1
        key = f"{base}-{number}"
    used.add(key.lower())
    return key


def _escaped(text: str) -> str:
    return _one_line(text).translate(_BIBTEX)


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
