"""What tables and samples say of a figure: columns known by many names, a record for each figure."""

import ast
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from typing import Any

_ALIASES = {
    "part": "subfigure_file subfigure segmented_file crop_file",
    "file": (
        "file figure_file file_name image image_file image_path image_name picture path img filepath fname"
        " figure_path file_names image_files image_names images fig_file_names files"
    ),
    "name": "name key __key__",
    "patent": (
        "publication publication_number publication_no pub_number pub_no patent patent_number patent_id"
        " patent_no number doc_number document_number document_id"
    ),
    "title": "title object_title invention_title patent_title",
    "caption": (
        "caption figure_caption fig_caption captions description figure_description fig_desc fig_description"
        " desc short_description text txt"
    ),
    "label": "label figure_label figure fig figid fig_id figure_number fig_no figure_no figs figs_norm",
    "terms": "terms labels keywords components relevant_terms parts tags",
    "view": "view aspect viewpoint viewpoints perspective",
    "depicts": "object object_name depicts item article",
    "classes": "class classes classification classifications cpc cpc_class cpc_classes cls",
    "locarno": "locarno locarno_class locarno_classification loc",
    "ipc": "ipc ipc_class ipcr",
    "uspc": "uspc us_class uspc_class",
    "applicants": "applicant applicants assignee assignees owner",
    "inventors": "inventor inventors designer designers",
    "published": "published publication_date pub_date date_published patent_date grant_date issue_date date",
    "filed": "filed filing_date application_date date_filed",
    "priority": "priority priority_date",
    "abstract": "abstract",
    "body": "full_text long_description detailed_description claim",
    "family": "family family_id",
    "x": "x_figure x left bbox_x",
    "y": "y_figure y top bbox_y",
    "width": "w_figure width w bbox_w bbox_width",
    "height": "h_figure height h bbox_h bbox_height",
}
COLUMNS: dict[str, list[str]] = {meaning: names.split() for meaning, names in _ALIASES.items()}
"""What a column may hold, and the names under which it is known, the surest first."""

_LONGEST_CELL = 200_000
_SEPARATOR = re.compile(r"\s*(?:__SEP__|[;|\n])\s*")


@dataclass(frozen=True, slots=True)
class Record:
    """One figure as a table or a sample describes it; what is not said is empty."""

    file: str = ""
    part: str = ""
    """A picture of the figure alone, where `file` is the sheet that it was cut from."""
    name: str = ""
    patent: str = ""
    title: str = ""
    caption: str = ""
    label: str = ""
    terms: tuple[str, ...] = ()
    view: str = ""
    depicts: str = ""
    classes: tuple[str, ...] = ()
    locarno: tuple[str, ...] = ()
    ipc: tuple[str, ...] = ()
    uspc: tuple[str, ...] = ()
    applicants: tuple[str, ...] = ()
    inventors: tuple[str, ...] = ()
    published: str = ""
    filed: str = ""
    priority: str = ""
    abstract: str = ""
    body: str = ""
    family: str = ""
    box: tuple[int, int, int, int] | None = None
    """x, y, width, height of the figure in pixels of the sheet `file`."""


def columns_of(names: Iterable[str]) -> dict[str, str]:
    """Which column holds what, by the names of all columns; case and separators do not matter."""
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(_plain(name), name)
    return {
        meaning: by_plain[_plain(alias)]
        for meaning, aliases in COLUMNS.items()
        for alias in reversed(aliases)
        if _plain(alias) in by_plain
    }


def misfit(names: Iterable[str]) -> str:
    """Why a table cannot be read, where its columns do not say which picture a row is about; else empty."""
    names = list(names)
    found = columns_of(names)
    if found.keys() & {"file", "part"}:
        return ""
    shown = ", ".join(repr(name[:40]) for name in names[:20]) + (" …" if len(names) > 20 else "")
    expected = ", ".join(COLUMNS["file"][:6])
    further = "publication, title, caption, label, terms, view, object, cpc, locarno, applicant, published"
    return (
        f"is a table whose columns ({shown or 'none'}) do not say which picture a row is about; name one of"
        f" them {expected} or subfigure_file; understood beside it: {further}"
    )


def records_of(row: Mapping[str, Any], columns: Mapping[str, str]) -> list[Record]:
    """The figures that a row speaks of: one, or one for each file where a cell lists several files."""
    cells = {meaning: row.get(column) for meaning, column in columns.items()}
    files = _listed(cells.get("file")) or []
    if len(files) < 2:
        return [_record(cells)]
    records = []
    for position, file in enumerate(files):
        own = {**cells, "file": file}
        for meaning in ("part", "caption", "label", "view", "depicts"):
            value = cells.get(meaning)
            if (several := _listed(value)) is not None:
                own[meaning] = several[position] if len(several) == len(files) else None
            elif isinstance(value, dict):
                own[meaning] = _of_file(value, str(file), position)
        records.append(_record(own))
    return records


def pack(records: Iterable[Record]) -> bytes:
    """Records as few bytes, to be kept by the thousand."""
    rows = [[_bare(value) for value in astuple(record)] for record in records]
    return zlib.compress(json.dumps(rows, ensure_ascii=True, separators=(",", ":")).encode(), 1)


def unpack(data: bytes) -> list[Record]:
    """The records that `pack` was given."""
    names = [one.name for one in fields(Record)]
    rows: list[list[Any]] = json.loads(zlib.decompress(data))
    return [
        Record(
            **{  # type: ignore[arg-type]
                name: tuple(value) if isinstance(value, list) else value
                for name, value in zip(names, row, strict=False)
                if value not in (0, "")
            }
        )
        for row in rows
    ]


def _bare(value: object) -> object:
    return value if value else 0


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _record(cells: Mapping[str, Any]) -> Record:
    values: dict[str, Any] = {}
    for one in fields(Record):
        value = cells.get(one.name)
        if one.name == "box":
            values["box"] = _box(cells)
        elif one.default == ():
            values[one.name] = _several(value)
        elif (found := _listed(value)) is not None:
            values[one.name] = ", ".join(filter(None, (_text(part) for part in found)))
        else:
            values[one.name] = _text(value)
    return Record(**values)


def _text(value: object) -> str:
    if value is None or isinstance(value, bool) or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dict):
        value = value.get("path") or value.get("text") or ""
    text = str(value)[:_LONGEST_CELL].strip()
    return "" if text.lower() in ("nan", "none", "null") else text


def _several(value: object) -> tuple[str, ...]:
    if (found := _listed(value)) is not None:
        parts = [text for part in found for text in _terms_of(part)]
    else:
        parts = _SEPARATOR.split(_text(value))
        if len(parts) == 1 and not re.search(r"\d/\d", parts[0]):
            parts = parts[0].split(",") if parts[0].count(",") > 1 else parts
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _terms_of(part: object) -> list[str]:
    """A term, or those of an object `{"element_identifier": "10", "terms": ["leg"]}`."""
    if isinstance(part, dict):
        inner = part.get("terms") or part.get("term") or part.get("name") or ""
        return [_text(one) for one in inner] if isinstance(inner, list) else [_text(inner)]
    return [_text(part)]


def _listed(value: object) -> list[Any] | None:
    """A cell that is a list, or the text of one in JSON or Python."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if not isinstance(value, str) or not value.startswith("[") or len(value) > _LONGEST_CELL:
        return None
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        try:
            found = ast.literal_eval(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return None
    return found if isinstance(found, list) else None


def _of_file(by_file: Mapping[str, Any], file: str, position: int) -> Any:
    stem = file.replace("\\", "/").rsplit("/", 1)[-1].rpartition(".")[0]
    for key in (file, stem, str(position + 1), f"FIG. {position + 1}"):
        if key in by_file:
            return by_file[key]
    return None


def _box(cells: Mapping[str, Any]) -> tuple[int, int, int, int] | None:
    try:
        x, y, width, height = (round(float(cells[name])) for name in ("x", "y", "width", "height"))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return (x, y, width, height) if x >= 0 and y >= 0 and width > 0 and height > 0 else None
