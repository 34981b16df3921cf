"""Tables of metadata and the pictures that lie with them: which rows speak of which patent's pictures."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ipatent.errors import SourceError
from ipatent.sources.metadata import group_key
from ipatent.sources.names import picture_group, printable
from ipatent.sources.records import Record, columns_of, pack, records_of
from ipatent.sources.tables import read_rows

_MOST_ROWS = 5_000_000


@dataclass(slots=True)
class Described:
    """The pictures of one patent, and for each what a table says of it, packed in the same order."""

    group: str
    table: Path
    paths: list[Path] = field(default_factory=list)
    rows: list[bytes] = field(default_factory=list)


class PictureIndex:
    """The pictures found, by the names under which tables speak of them."""

    def __init__(self, pictures: Iterable[Path]) -> None:
        self._by_name: dict[str, list[Path]] = {}
        for path in pictures:
            self._by_name.setdefault(path.name.lower(), []).append(path)
            self._by_name.setdefault(path.stem.lower(), []).append(path)

    def find(self, name: str, folder: Path) -> Path | None:
        """The picture of a name or path given in a table that lies in `folder`; None where there is none.

        Sub-folders are looked through too. Raises ValueError for a path that leads out of `folder`.
        """
        wanted = PurePosixPath(name.replace("\\", "/"))
        if wanted.is_absolute() or ".." in wanted.parts or (wanted.parts and ":" in wanted.parts[0]):
            raise ValueError(name)
        if not wanted.name or "\0" in name:
            return None
        exact = folder / wanted
        below = [one for one in self._by_name.get(wanted.name.lower(), ()) if one.is_relative_to(folder)]
        if exact in below:
            return exact
        tail = [one for one in below if str(one).endswith(f"/{wanted}")]
        for some in (tail, below):
            if len(set(some)) == 1:
                return some[0]
        try:
            return exact if not below and exact.is_file() else None
        except OSError:
            return None


@dataclass(slots=True)
class Catalogue:
    """What the tables of an ingest say: the patents described, the pictures spoken of, what was left out."""

    patents: dict[str, Described] = field(default_factory=dict)
    spoken_of: set[Path] = field(default_factory=set)
    left_out: list[tuple[Path, str]] = field(default_factory=list)


def read_catalogue(tables: Mapping[Path, str], pictures: list[Path]) -> Catalogue:
    """Reads tables one after the other, given with their kind, and finds the pictures of their rows.

    Rows whose picture is missing, named twice or outside the table's folder are counted per table.
    """
    catalogue = Catalogue()
    if not tables:
        return catalogue
    index = PictureIndex(pictures)
    seen: set[tuple[Path, object]] = set()
    for path, kind in tables.items():
        counts = _Counts()
        try:
            _read(path, kind, index, catalogue, seen, counts)
        except SourceError as error:
            catalogue.left_out.append((path, str(error)))
        catalogue.left_out.extend((path, reason) for reason in counts.reasons())
    _add_unspoken(catalogue, pictures)
    return catalogue


@dataclass(slots=True)
class _Counts:
    rows: int = 0
    missing: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    nameless: int = 0

    def reasons(self) -> Iterator[str]:
        for names, what in (
            (self.missing, "name pictures that are not there"),
            (self.outside, "name files outside the folder of the table, which is refused"),
            (self.again, "name a picture that an earlier row named; the first counts"),
        ):
            if names:
                first = printable(names[0][:100])
                yield f"{len(names):,} of its {self.rows:,} rows {what}; the first: {first}"
        if self.nameless:
            yield f"{self.nameless:,} of its {self.rows:,} rows name no picture"


def _read(
    table: Path,
    kind: str,
    index: PictureIndex,
    catalogue: Catalogue,
    seen: set[tuple[Path, object]],
    counts: _Counts,
) -> None:
    folder = table.parent
    columns: dict[str, str] = {}
    key = ""
    waiting: list[Record] = []
    for row in read_rows(table, kind):
        if not columns.keys() & {"file", "part"} or kind == "json":
            columns = columns_of(row)
        for record in records_of(row, columns):
            counts.rows += 1
            if counts.rows > _MOST_ROWS:
                raise SourceError(f"is a table of more than {_MOST_ROWS:,} rows; divide it")
            path = _picture(record, folder, index, catalogue, counts)
            if path is None:
                continue
            if (path, record.box) in seen:
                counts.again.append(path.name)
                continue
            seen.add((path, record.box))
            group = group_key(record, picture_group(path))
            if group != key:
                _flush(catalogue, key, waiting)
                key = group
            catalogue.patents.setdefault(group, Described(group, table)).paths.append(path)
            waiting.append(record)
    _flush(catalogue, key, waiting)


def _flush(catalogue: Catalogue, key: str, waiting: list[Record]) -> None:
    if waiting:
        catalogue.patents[key].rows.append(pack(waiting))
        waiting.clear()


def _picture(
    record: Record, folder: Path, index: PictureIndex, catalogue: Catalogue, counts: _Counts
) -> Path | None:
    """The picture of a row: that of the figure alone where it is there, else the sheet's."""
    chosen: Path | None = None
    for name in (record.part, record.file):
        if not name:
            continue
        try:
            path = index.find(name, folder)
        except ValueError:
            counts.outside.append(name)
            return None
        if path is not None:
            catalogue.spoken_of.add(path)
            chosen = chosen or path
    if chosen is None:
        if record.part or record.file:
            counts.missing.append(record.part or record.file)
        else:
            counts.nameless += 1
    return chosen


def _add_unspoken(catalogue: Catalogue, pictures: list[Path]) -> None:
    """Pictures of a described patent that no row speaks of belong to it all the same."""
    for path in pictures:
        if path in catalogue.spoken_of:
            continue
        described = catalogue.patents.get(picture_group(path))
        if described and path.is_relative_to(described.table.parent):
            catalogue.spoken_of.add(path)
            described.paths.append(path)
            described.rows.append(pack([Record(file=path.name)]))
