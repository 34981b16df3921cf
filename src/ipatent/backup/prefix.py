"""Backups in a folder or a bucket: everything under the sha256 of its bytes, so nothing is written twice.

`objects/`, `uploads/` and `blocks/` are shared by all backups there; `backups/TIME.json` is the manifest
of one of them, written last. A backup that was cut off has none, and the next one goes on from there.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from obstore import exceptions

from ipatent.backup.layout import (
    MISSING,
    PATENTS,
    UPLOADS,
    Block,
    Kind,
    Manifest,
    damaged,
    names_in,
    objects_in,
    path_of,
)
from ipatent.backup.member import Member
from ipatent.backup.places import Named, Place, below
from ipatent.bucket import Bucket
from ipatent.errors import BackupProblem, NotFound
from ipatent.objects import Objects

_MANIFEST = re.compile(r"backups/([0-9TZ.-]{10,40})\.json")


class PrefixTarget:
    """A new backup in a folder or bucket; use it in a `with` statement."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._stores: dict[Kind, Objects] = {
            "objects": below(place, "objects"),
            "uploads": below(place, "uploads"),
        }
        self._blocks = below(place, "blocks")
        self.blocks: list[Block] = []
        self.written = 0

    def put_block(self, path: str, content: bytes) -> None:
        """Write a block, where it is not there from an earlier backup."""
        name = hashlib.sha256(content).hexdigest()
        if not self._blocks.exists(name):
            self._blocks.put(content)
            self.written += len(content)
        self.blocks.append(Block(path, name, len(content)))

    def wants(self, kind: Kind, name: str) -> bool:
        """Whether an object is not there yet."""
        return not self._stores[kind].exists(name)

    def put_object(self, kind: Kind, name: str, content: bytes) -> None:
        """Write an object."""
        assert self._stores[kind].put(content) == name
        self.written += len(content)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest: now it is a backup."""
        Named(self._place).put(f"backups/{manifest.made.replace(':', '')}.json", manifest.to_json())

    def __enter__(self) -> "PrefixTarget":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class PrefixSource:
    """The members of a backup in a folder or bucket, the latest one or that of a time."""

    def __init__(self, place: Place, at: str = "") -> None:
        named = Named(place)
        found = sorted(match[1] for path in named.paths("backups") if (match := _MANIFEST.fullmatch(path)))
        wanted = at.replace(":", "")
        if not found:
            raise BackupProblem(
                f"There is no complete backup in {shown(place)}.", "Make one with: ipatent backup TO"
            )
        if wanted and wanted not in found:
            raise BackupProblem(
                f"There is no backup {at} in {shown(place)}.", f"The latest are: {', '.join(found[-5:])}."
            )
        self._manifest = Manifest.from_json(named.get(f"backups/{wanted or found[-1]}.json"))
        self._stores: dict[Kind, Objects] = {
            "objects": below(place, "objects"),
            "uploads": below(place, "uploads"),
        }
        self._blocks = below(place, "blocks")
        self.total = sum(block.bytes for block in self._manifest.blocks)
        """Bytes, for showing how far it is."""

    def members(self, progress: Callable[[int, int], None] | None = None) -> Iterator[Member | Manifest]:
        """All members, drawings before the patents that show them, the manifest last.

        Raises BackupProblem where one is gone or damaged; the bytes of objects are checked when read.
        """
        done = 0
        missing = self._missing()
        for block in self._manifest.blocks:
            content = self._block(block)
            for kind, name in _shown_in(block, content):
                if name not in missing:
                    yield self._object(kind, name)
            done += block.bytes
            if progress:
                progress(done, self.total)
            yield Member(block.path, content)
        yield self._manifest

    def _missing(self) -> set[str]:
        """Drawings that were missing when the backup was made."""
        found: set[str] = set()
        for block in self._manifest.blocks:
            if block.path.startswith(MISSING):
                found.update(names_in(self._block(block)))
        return found

    def _block(self, block: Block) -> bytes:
        with _damaged(block.path):
            content = self._blocks.get(block.sha256)
        if hashlib.sha256(content).hexdigest() != block.sha256 or len(content) != block.bytes:
            raise damaged(f"{block.path} has another sum than the manifest says")
        return content

    def _object(self, kind: Kind, name: str) -> Member:
        store = self._stores[kind]

        def read() -> bytes:
            with _damaged(path_of(kind, name)):
                content = store.get(name)
            if hashlib.sha256(content).hexdigest() != name:
                raise damaged(f"the bytes of {path_of(kind, name)} do not have the sum that is their name")
            return content

        return Member(path_of(kind, name), read, kind, name)


def shown(place: Place) -> str:
    """How a place is named to the user."""
    return place.url if isinstance(place, Bucket) else str(place)


def _shown_in(block: Block, content: bytes) -> list[tuple[Kind, str]]:
    """The objects that must be there before a block is put back."""
    if block.path.endswith(PATENTS):
        return [("objects", name) for name in objects_in(content)]
    return [("uploads", name) for name in names_in(content)] if block.path.startswith(UPLOADS) else []


@contextmanager
def _damaged(path: str) -> Iterator[None]:
    try:
        yield
    except (NotFound, exceptions.NotFoundError):
        raise damaged(f"{path} is missing") from None
