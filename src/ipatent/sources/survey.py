"""The patents in an archive, each told as soon as the archive has been read so far, and what is left out."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import IO

from ipatent.errors import SourceError
from ipatent.publication import find_publication_number
from ipatent.sources.archives import Entry, entries_in, list_inner, open_entry, open_within
from ipatent.sources.bulk import NO_PATENT, Address, survey_xml, worth_reading
from ipatent.sources.companions import Pictures, main_documents
from ipatent.sources.documents import DRAWINGS
from ipatent.sources.names import group_within, natural
from ipatent.sources.shards import LOOKED_AT, is_shard, survey_shard
from ipatent.sources.spool import Spool

_TABLES = (".csv", ".tsv", ".jsonl", ".parquet")
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz")
_NAMED_EACH = 5
_SURELY_ONE = 8_000_000
"""A file named by a publication number and no longer than this holds that one patent."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A member that is not read, or several, and why; without a name it is said of the whole archive."""

    name: str
    reason: str


@dataclass(slots=True)
class _Tally:
    """What is left out so far, many members of one reason told as one."""

    problem: str = ""
    """What is wrong with the archive itself."""
    count: int = 0
    reasons: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    """How many there are, and the names of the first."""

    def add(self, name: str, reason: str) -> None:
        """Count a file that cannot be used, by its reason."""
        self.count += 1
        number, names = self.reasons.get(reason, (0, []))
        if len(names) < _NAMED_EACH and name not in names:
            names.append(name)
        self.reasons[reason] = (number + 1, names)

    def told(self, patents: int) -> Iterator[LeftOut]:
        """Each with its reason; other XML is no news where no patent is."""
        if self.problem:
            yield LeftOut("", self.problem)
        elif not patents and self.reasons.keys() <= {NO_PATENT}:
            yield LeftOut("", "is an archive that holds no patent: no XML, PDF or picture that is read here")
            return
        for reason, (number, names) in self.reasons.items():
            if number > _NAMED_EACH:
                yield LeftOut("", f"{number:,} members are left out; {names[0]} {reason}")
            else:
                yield from (LeftOut(name, reason) for name in names)


def patents_in(path: Path, kind: str) -> Iterator[Address | LeftOut]:
    """The patents in a ZIP or tar, found by its directories alone where possible, as they are met.

    Patents in archives of their own inside come as these are met, with no more than one of them in
    memory; those whose files stand loose in the archive, where any may belong to any, come after
    its end; what is left out comes last, with many members of one reason told as one. Raises
    SourceError when the archive cannot be read; a damaged archive inside it is left out.
    """
    tally = _Tally()
    patents = 0
    try:
        with open_within(path, None) as file:
            for address in _survey(file, kind, tally):
                patents += 1
                yield address
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}") from None
    yield from tally.told(patents)


def _survey(file: IO[bytes], kind: str, tally: _Tally) -> Iterator[Address]:
    entries = _noted(entries_in(file, kind), tally)
    head = list(islice(entries, LOOKED_AT))
    if kind == "tar" and is_shard([entry for entry in head if not _is_hidden(entry)]):
        found, reasons = survey_shard(file, chain(head, entries))
        for reason in reasons:
            tally.add("", reason)
        for group, ranges in found.items():
            yield Address(group, kind="samples", group=group, samples=tuple(ranges))
        return
    archives = without = tables = 0
    with closing(Spool()) as loose:
        for entry in chain(head, entries):
            if _is_hidden(entry):
                continue
            suffix = entry.suffix
            if suffix == ".zip":
                archives += 1
                before, given = tally.count, 0
                for address in _inside(file, entry, tally):
                    given += 1
                    yield address
                without += not given and tally.count == before
            elif suffix in _ARCHIVES:
                archives += 1
                _leave_closed(entry.name, tally)
            elif suffix in _TABLES:
                tables += 1
            elif suffix == ".xml" or suffix in DRAWINGS:
                loose.add(entry)
        if without:
            tally.add("", f"{without:,} of the {archives:,} archives inside hold no patent")
        yield from _loose(file, loose, tally)
    if tables:
        _leave_tables(tables, "", tally)


def _noted(entries: Iterable[Entry], tally: _Tally) -> Iterator[Entry]:
    """The entries before any damage, which is noted; raises SourceError where there are none."""
    count = 0
    try:
        for entry in entries:
            count += 1
            yield entry
    except SourceError as error:
        if not count:
            raise
        tally.problem = error.message


def _inside(file: IO[bytes], archive: Entry, tally: _Tally) -> Iterator[Address]:
    """The patents in a ZIP inside the archive, which is read no deeper."""
    prefix = f"{archive.name}/"
    try:
        listed, unpacked = list_inner(file, archive)
        entries = [entry for entry in listed if not _is_hidden(entry)]
        for entry in entries:
            if entry.suffix in _ARCHIVES:
                _leave_closed(prefix + entry.name, tally)
        documents = main_documents([entry for entry in entries if entry.suffix == ".xml"])
        inner = archive if unpacked else None
        shelf = _Shelf(unpacked or file, inner, prefix, tally, len(documents) == 1, bool(documents))
        yield from shelf.patents(entries)
        shelf.tell_others()
        if tables := sum(entry.suffix in _TABLES for entry in entries):
            _leave_tables(tables, archive.name, tally)
    except SourceError as error:
        tally.add(archive.name, str(error))


def _loose(file: IO[bytes], loose: Spool, tally: _Tally) -> Iterator[Address]:
    """The patents whose files stand in the archive itself; where these are many, folder by folder.

    Files of different folders belong together only where the whole archive holds one patent.
    """
    documents = 0
    for entries in loose.shelves():
        documents += len(main_documents([entry for entry in entries if entry.suffix == ".xml"]))
        if documents > 1:
            break
    shelf = _Shelf(file, None, "", tally, documents == 1, documents > 0)
    for entries in [loose.everything()] if documents == 1 else loose.shelves():
        yield from shelf.patents(entries)
    shelf.tell_others()


@dataclass(slots=True)
class _Shelf:
    """Files among which a patent's pictures are sought, and what is the same for all of them."""

    file: IO[bytes]
    inner: Entry | None
    """The compressed ZIP inside the archive that the entries count from, if any."""
    prefix: str
    tally: _Tally
    alone: bool
    """Whether the archive holds one patent in XML only."""
    documents: bool
    """Whether it holds any."""
    others: int = 0
    """Pictures that belong to no patent."""

    def patents(self, entries: list[Entry]) -> Iterator[Address]:
        """Those in XML, then PDFs and pictures gathered by their names."""
        documents = main_documents([entry for entry in entries if entry.suffix == ".xml"])
        pictures = Pictures([entry for entry in entries if entry.suffix in DRAWINGS], self.alone)
        for document in documents:
            name = self.prefix + document.name
            if document.problem:
                self.tally.add(name, document.problem)
            elif document.size <= _SURELY_ONE and find_publication_number(document.stem):
                yield Address(name, document, pictures.of(document), self.inner)
            else:
                yield from self._parts(document, pictures, name)
        yield from self._others(pictures.left())

    def tell_others(self) -> None:
        """Note the pictures of which no patent is known."""
        if self.others:
            reason = f"{self.others:,} pictures inside belong to no patent in XML; unpack it to ingest them"
            self.tally.add(self.prefix.rstrip("/"), reason)

    def _others(self, left: list[Entry]) -> Iterator[Address]:
        """PDFs, and pictures gathered by their names; beside XML, pictures that it does not name are none."""
        groups: dict[str, list[Entry]] = {}
        for entry in left:
            if entry.suffix == ".pdf":
                name = self.prefix + entry.name
                yield Address(name, entry, (), self.inner, kind="pdf", group=entry.stem)
            elif self.documents:
                self.others += 1
            else:
                groups.setdefault(entry.folder + group_within(entry.name), []).append(entry)
        for members in groups.values():
            members.sort(key=lambda entry: natural(entry.base))
            first = members[0]
            group = group_within(first.name)
            name = f"{self.prefix}{first.folder}{group}*"
            yield Address(name, None, tuple(members), self.inner, kind="pictures", group=group)

    def _parts(self, document: Entry, pictures: Pictures, name: str) -> Iterator[Address]:
        """The patents in a file that may hold many."""
        try:
            with open_entry(self.file, document) as stream:
                parts = survey_xml(stream)
        except SourceError as error:
            self.tally.add(name, str(error))
            return
        chosen, reasons = worth_reading(parts, partial(pictures.any_of, document=document), "in the archive")
        for reason in reasons:
            self.tally.add(name, reason)
        for part in chosen:
            found = pictures.named(part.pictures, document)
            if len(parts) == 1:
                found = (*found, *(pictures.facsimiles(document) if part.drawings else pictures.of(document)))
                yield Address(name, document, found, self.inner)
            else:
                where = f"{name}@{part.start}"
                yield Address(where, document, found, self.inner, part.start, part.length)


def _leave_closed(name: str, tally: _Tally) -> None:
    tally.add(name, "is an archive that is not read here; unpack it")


def _leave_tables(count: int, where: str, tally: _Tally) -> None:
    tally.add(where, f"{count:,} tables of metadata inside are not read there; unpack it to ingest them")


def _is_hidden(entry: Entry) -> bool:
    return entry.base.startswith(".") or entry.name.startswith("__MACOSX/") or entry.base == "TOC.xml"
