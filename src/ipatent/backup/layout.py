"""The layout of a backup: names of its members, its manifest, and blocks of patents as JSON and arrays.

Members are blocks (some patents with their vectors, some rows of a table) and objects (drawings and
uploaded pictures, under the sha256 of their bytes). The manifest comes last; it lists the blocks with
their sums and counts the objects.
"""

import hashlib
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.lib import format as npy

from ipatent.encode import EncoderSpec
from ipatent.errors import BackupProblem
from ipatent.index import Entry, rows
from ipatent.patents import Vectors

VERSION = 1
"""Version of the layout. A backup of a newer one is refused."""
FORMAT = "ipatent-backup"
MANIFEST = "manifest.json"
MOST_BLOCK_BYTES = 1 << 28
MOST_OBJECT_BYTES = 1 << 30
PATENTS, IMAGES, CAPTIONS = "patents.jsonl", "images.npy", "captions.npy"
SOURCES, MISSING, UPLOADS = "index/sources", "index/missing", "uploads/names"
RECORDS, HEAD = "records/", "encoder/"

Kind = Literal["objects", "uploads"]

_BLOCK = re.compile(
    r"index/\d{6,9}/(?:patents\.jsonl|images\.npy|captions\.npy)|index/(?:sources|missing)-\d{6,9}\.jsonl"
    r"|uploads/names-\d{6,9}\.jsonl|records/[a-z_]{1,40}-\d{6,9}\.jsonl|encoder/[0-9a-f]{12}\.npz"
)
_OBJECT = re.compile(r"(objects|uploads)/([0-9a-f]{2})/([0-9a-f]{2})/(\2\3[0-9a-f]{60})")
_NAME = re.compile(r"[0-9a-f]{64}")
_MOST_BYTES = 8_000_000
_USUAL = 32
_LINES = 512
_MOST_HEADER = 10_000


@dataclass(frozen=True, slots=True)
class Block:
    """A block: its path, the sha256 of its bytes, and how many they are."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Objects:
    """How many objects of a kind follow one another, their bytes, and the sha256 of their names in order."""

    count: int = 0
    bytes: int = 0
    digest: str = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; it is the last that is written, so what has none is not complete."""

    made: str
    """Time in UTC."""
    program: str
    """Version of iPatent."""
    patents: int
    sheets: int
    figures: int
    encoder: EncoderSpec | None
    identity: str
    generation: int
    records: dict[str, int]
    """Rows of each table."""
    records_version: int
    objects: Objects
    uploads: Objects
    missing: int
    """Drawings that figures name and that were not there when the backup was made."""
    blocks: tuple[Block, ...] = field(repr=False)
    checksum: str = ""
    """sha256 of the manifest as JSON with sorted keys and this left empty."""

    def sealed(self) -> "Manifest":
        """The same with its checksum."""
        return replace(self, checksum=_checksum(self))

    def to_json(self) -> bytes:
        """The manifest as it is written."""
        return _dump(_plain(self))

    @classmethod
    def from_json(cls, content: bytes) -> "Manifest":
        """The manifest that `to_json` wrote; raises BackupProblem for anything else."""
        try:
            body = json.loads(content)
            if body.pop("format") != FORMAT:
                raise ValueError
            version = int(body.pop("version"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise damaged("its manifest is not one of a backup") from None
        if version > VERSION:
            raise BackupProblem(
                f"The backup was made by a newer iPatent (layout {version}, known here: {VERSION}).",
                "Update iPatent, then run it again.",
            )
        try:
            encoder = body.pop("encoder")
            manifest = cls(
                encoder=EncoderSpec(**encoder) if encoder else None,
                objects=Objects(**body.pop("objects")),
                uploads=Objects(**body.pop("uploads")),
                blocks=tuple(Block(*block) for block in body.pop("blocks")),
                **body,
            )
            right = manifest.checksum == _checksum(manifest)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise damaged("its manifest is not complete") from None
        if not right:
            raise damaged("its manifest has another checksum than it says")
        for block in manifest.blocks:
            if not _BLOCK.fullmatch(block.path) or not _NAME.fullmatch(block.sha256):
                raise damaged(f"its manifest names {block.path[:80]!r}")
        return manifest


def damaged(why: str) -> BackupProblem:
    """The error for a backup whose content is not what it should be."""
    return BackupProblem(
        f"The backup is damaged: {why}.", "Nothing was changed. Use another backup, or fetch this one again."
    )


def object_of(path: str) -> tuple[Kind, str] | None:
    """The kind and name of an object by its path; None for any other path."""
    found = _OBJECT.fullmatch(path)
    if not found:
        return None
    return ("objects" if found[1] == "objects" else "uploads"), found[4]


def path_of(kind: Kind, name: str) -> str:
    """Where an object lies."""
    return f"{kind}/{name[:2]}/{name[2:4]}/{name}"


def is_block(path: str) -> bool:
    """Whether a member of this path is a block."""
    return bool(_BLOCK.fullmatch(path))


class Tally:
    """Counts objects as they are met."""

    def __init__(self) -> None:
        self._count = self._bytes = 0
        self._digest = hashlib.sha256()

    def add(self, name: str, size: int) -> None:
        """One more."""
        self._count += 1
        self._bytes += size
        self._digest.update(f"{name} {size}\n".encode())

    def total(self) -> Objects:
        """All so far."""
        return Objects(self._count, self._bytes, self._digest.hexdigest())


def in_blocks(lines: Iterator[tuple[str, str]]) -> Iterator[bytes]:
    """Lines, each with a key, as blocks of lines.

    Where a block ends is told by the keys, not by counting, so that a line which comes in between
    changes one block and not all that follow.
    """
    some: list[str] = []
    size = 0
    for key, line in lines:
        some.append(line)
        size += len(line)
        if ends_block(key, len(some), size, _LINES):
            yield ("\n".join(some) + "\n").encode()
            some, size = [], 0
    if some:
        yield ("\n".join(some) + "\n").encode()


def ends_block(key: str, count: int, size: int, usual: int = _USUAL) -> bool:
    """Whether a block of about `usual` patents or lines is complete with that of this key."""
    last = int.from_bytes(hashlib.sha256(rows.plain(key).encode()).digest()[:4]) % usual == 0
    return last or count >= 8 * usual or size >= _MOST_BYTES


def entry_to_json(entry: Entry) -> str:
    """A patent with its figures as one line, without its vectors."""
    figures = ",".join(map(rows.figure_to_json, entry.figures))
    fingerprint = rows.plain(json.dumps(entry.fingerprint, ensure_ascii=False))
    return (
        f'{{"fingerprint":{fingerprint},"sheets":{entry.sheets},'
        f'"patent":{rows.patent_to_json(entry.patent)},"figures":[{figures}]}}'
    )


def entries_in(patents: bytes, images: bytes, captions: bytes) -> Iterator[Entry]:
    """The patents of a block with their vectors. Raises BackupProblem where they do not fit together."""
    vectors = array_in(images), array_in(captions)
    at = 0
    for line in patents.splitlines():
        entry, at = _entry(line, vectors, at)
        yield entry
    if at != len(vectors[0]) or at != len(vectors[1]):
        raise damaged("a block has other vectors than figures")


def _entry(line: bytes, vectors: tuple[Vectors, Vectors], at: int) -> tuple[Entry, int]:
    try:
        body = json.loads(line)
        patent = rows.patent_from_json(json.dumps(body["patent"]))
        figures = tuple(rows.figure_from_json(json.dumps(each)) for each in body["figures"])
        fingerprint, sheets = str(body["fingerprint"]), int(body["sheets"])
        names = {name for one in figures for name in (one.image, one.sheet_image, one.thumbnail)}
        if any(one.patent_id != patent.id for one in figures) or not all(map(_NAME.fullmatch, names)):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise damaged("a patent in it cannot be read") from None
    end = at + len(figures)
    images, captions = (each[at:end].astype(np.float32) for each in vectors)
    if len(images) != len(figures) or len(captions) != len(figures):
        raise damaged(f"vectors of {patent.id} are missing")
    return Entry(patent, figures, images, captions, fingerprint, sheets), end


def array_to_bytes(vectors: Sequence[Vectors], size: int) -> bytes:
    """Vectors (n, size) as an array of float16 in NumPy's format."""
    joined = np.concatenate(vectors) if vectors else np.zeros((0, size))
    content = io.BytesIO()
    npy.write_array(content, np.ascontiguousarray(joined, "<f2"), version=(1, 0), allow_pickle=False)
    return content.getvalue()


def array_in(content: bytes) -> Vectors:
    """(n, size) float16. Raises BackupProblem for anything else."""
    stream = io.BytesIO(content)
    try:
        if npy.read_magic(stream) != (1, 0):
            raise ValueError
        shape, fortran, dtype = npy.read_array_header_1_0(stream, max_header_size=_MOST_HEADER)
        values = np.frombuffer(content, np.uint8, offset=stream.tell())
        if fortran or dtype != np.dtype("<f2") or len(shape) != 2 or values.size != 2 * shape[0] * shape[1]:
            raise ValueError
    except (ValueError, TypeError, EOFError, SyntaxError, OverflowError):
        raise damaged("an array in it cannot be read") from None
    halves: Vectors = values.view("<f2").reshape(shape)
    return halves


def objects_in(patents: bytes) -> list[str]:
    """The names of all objects that the figures of a block of patents show, each once, in their order."""
    names: dict[str, None] = {}
    for line in patents.splitlines():
        try:
            figures = json.loads(line)["figures"]
            for figure in figures:
                names.update(dict.fromkeys(figure[part] for part in ("sheet_image", "image", "thumbnail")))
        except (ValueError, KeyError, TypeError, RecursionError):
            raise damaged("a patent in it cannot be read") from None
    if not all(isinstance(name, str) and _NAME.fullmatch(name) for name in names):
        raise damaged("a figure in it names no object")
    return list(names)


def lines_in(content: bytes) -> list[dict[str, Any]]:
    """The objects of a block of lines. Raises BackupProblem for anything else."""
    try:
        found = [json.loads(line) for line in content.splitlines()]
    except (ValueError, RecursionError):
        raise damaged("a line in it cannot be read") from None
    if not all(isinstance(one, dict) for one in found):
        raise damaged("a line in it cannot be read")
    return found


def names_in(content: bytes) -> list[str]:
    """The names of objects that a block lists, one a line."""
    names = [str(line.get("name")) for line in lines_in(content)]
    if not all(map(_NAME.fullmatch, names)):
        raise damaged("a list of names in it cannot be read")
    return names


def _checksum(manifest: Manifest) -> str:
    return hashlib.sha256(_dump(_plain(replace(manifest, checksum="")))).hexdigest()


def _plain(manifest: Manifest) -> dict[str, Any]:
    body = asdict(manifest)
    body["blocks"] = [[block.path, block.sha256, block.bytes] for block in manifest.blocks]
    return {"format": FORMAT, "version": VERSION, **body}


def _dump(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, indent=1).encode()
