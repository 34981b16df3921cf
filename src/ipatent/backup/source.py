"""A backup to read: found by its name, and verified from its first byte to its last."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from ipatent.backup.archive import ArchiveSource
from ipatent.backup.layout import CAPTIONS, IMAGES, PATENTS, Manifest, entries_in
from ipatent.backup.member import Member
from ipatent.backup.places import place_in
from ipatent.backup.prefix import PrefixSource
from ipatent.errors import BackupProblem
from ipatent.index import Entry
from ipatent.settings import Settings

Show = Callable[[int, int], None]


class Source(Protocol):
    """What gives the members of a backup, in the same order each time."""

    total: int

    def members(self, progress: Show | None = None) -> Iterator[Member | Manifest]:
        """All members, the manifest last; raises BackupProblem where one is gone or damaged."""
        ...


def open_source(named: str, settings: Settings, at: str = "") -> Source:
    """The backup in a file, or the latest (or that of the time `at`) in a folder or bucket."""
    path = Path(named).expanduser()
    if path.is_file():
        return ArchiveSource(path)
    place = place_in(named, settings)
    if place is None or (isinstance(place, Path) and not place.is_dir()):
        raise BackupProblem(f"There is no backup {path}.", "Check the path.")
    return PrefixSource(place, at)


def verify(source: Source, progress: Show | None = None) -> Manifest:
    """Read all of a backup; what it holds.

    Raises BackupProblem where it is damaged, cut off, or does not hold what its manifest says.
    """
    patents = figures = 0
    manifest = None
    together = Together()
    for member in source.members(progress):
        if isinstance(member, Manifest):
            manifest = member
            continue
        member.read()
        for entry in together.entries(member):
            patents += 1
            figures += len(entry.figures)
    assert manifest is not None
    if (manifest.patents, manifest.figures) != (patents, figures):
        raise BackupProblem(
            f"The backup holds {patents:,} patents and {figures:,} figures, but its manifest says"
            f" {manifest.patents:,} and {manifest.figures:,}.",
            "Use another backup.",
        )
    return manifest


class Together:
    """Puts the blocks of patents and of their vectors together, which come one after the other."""

    def __init__(self) -> None:
        self._arrays: dict[str, bytes] = {}

    def entries(self, member: Member) -> Iterator[Entry]:
        """The patents that are complete with this member; none for most."""
        folder, _, name = member.path.rpartition("/")
        if name in (IMAGES, CAPTIONS):
            self._arrays[member.path] = member.read()
        elif name == PATENTS:
            arrays, self._arrays = self._arrays, {}
            images, captions = (arrays.get(f"{folder}/{each}", b"") for each in (IMAGES, CAPTIONS))
            yield from entries_in(member.read(), images, captions)
