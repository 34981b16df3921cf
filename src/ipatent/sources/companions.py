"""Which pictures belong to which patent, by the names of files in a folder or an archive."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from pathlib import Path

from ipatent.publication import PublicationNumber, find_publication_number
from ipatent.sources.archives import Entry


def beside(names: Iterable[str], folder: Mapping[str, Path]) -> tuple[Path, ...]:
    """The files of these names in a folder, given by their names in lower case."""
    wanted = dict.fromkeys(name.lower() for name in names)
    return tuple(folder[name] for name in wanted if name in folder)


def named_after(path: Path, folder: Mapping[str, Path]) -> tuple[Path, ...]:
    """The other files in a folder whose names begin with a file's, as `EP1_2.tif` does with `EP1.xml`."""
    stem = path.stem.lower()
    return tuple(
        one
        for name, one in folder.items()
        if name.startswith(stem) and not name[len(stem) : len(stem) + 1].isalnum() and one != path
    )


def main_documents(documents: list[Entry]) -> list[Entry]:
    """The XML files without those that another one's name shows to be its attachments (`-S00001`)."""
    stems = {(entry.folder, entry.stem.lower()) for entry in documents}

    def is_attachment(entry: Entry) -> bool:
        stem, _, last = entry.stem.lower().rpartition("-")
        return bool(re.fullmatch(r"[a-z]{1,4}\d*", last)) and (entry.folder, stem) in stems

    return [entry for entry in documents if not is_attachment(entry)]


class Pictures:
    """The pictures of an archive, or of a folder in it, found by the patent that they belong to.

    `alone` says that the archive holds one patent only.
    """

    def __init__(self, pictures: list[Entry], alone: bool) -> None:
        self._alone = alone
        self._all = pictures
        self._by_name: dict[tuple[str, str], Entry] = {}
        self._by_base = {entry.base.lower(): entry for entry in pictures}
        self._by_number: dict[tuple[str, str], list[Entry]] = {}
        self._used: set[int] = set()
        for entry in pictures:
            self._by_name[entry.folder, entry.base.lower()] = entry
            if not self._alone and (number := find_publication_number(entry.stem)):
                self._by_number.setdefault((entry.folder, _bare(number)), []).append(entry)
        self._sorted = sorted(self._by_name)

    def of(self, document: Entry) -> tuple[Entry, ...]:
        """All pictures where there is one patent only; else those in its folder named after it."""
        if self._alone:
            return self._use(self._all)
        stem = document.stem.lower()
        first = bisect_left(self._sorted, (document.folder, stem))
        found: dict[int, Entry] = {}
        for position in range(first, len(self._sorted)):
            key = self._sorted[position]
            if key[0] != document.folder or not key[1].startswith(stem):
                break
            found[self._by_name[key].offset] = self._by_name[key]
        if number := find_publication_number(document.stem):
            found.update(
                (one.offset, one) for one in self._by_number.get((document.folder, _bare(number)), ())
            )
        return self._use(found.values())

    def named(self, names: Iterable[str], document: Entry) -> tuple[Entry, ...]:
        """The pictures of these names in the patent's folder, or anywhere where it is the only one."""
        return self._use(entry for name in names if (entry := self._find(name, document)))

    def any_of(self, names: Iterable[str], document: Entry) -> bool:
        """Whether a picture of one of these names is there for the patent."""
        return any(self._find(name, document) for name in names)

    def facsimiles(self, document: Entry) -> tuple[Entry, ...]:
        """The PDFs of the whole patent: all where there is one patent only, else those named after it."""
        stem = document.stem.lower()
        return self._use(
            one
            for one in self._all
            if one.suffix == ".pdf"
            and (self._alone or (one.folder == document.folder and one.stem.lower() == stem))
        )

    def left(self) -> list[Entry]:
        """The files that belong to no patent in XML."""
        return [entry for entry in self._all if entry.offset not in self._used]

    def _find(self, name: str, document: Entry) -> Entry | None:
        found = self._by_name.get((document.folder, name.lower()))
        return found or (self._by_base.get(name.lower()) if self._alone else None)

    def _use(self, entries: Iterable[Entry]) -> tuple[Entry, ...]:
        used = tuple(entries)
        self._used.update(entry.offset for entry in used)
        return used


def _bare(number: PublicationNumber) -> str:
    return number.office + number.number
