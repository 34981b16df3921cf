"""WebDataset shards: samples of a picture and texts side by side in a tar, gathered by patent."""

import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO, Any

from ipatent.errors import SourceError
from ipatent.publication import find_publication_number
from ipatent.sources import Document, Limits
from ipatent.sources.archives import Entry, Window, list_archive, open_within, read_entry
from ipatent.sources.metadata import Picture, group_key, read_described
from ipatent.sources.names import group_of, printable
from ipatent.sources.records import Record, columns_of, records_of

_PICTURES = ("png", "jpg", "jpeg", "webp", "tif", "tiff", "gif", "bmp")
_TEXTS = ("txt", "json", "cls", "text", "caption", "cls2")
_LONGEST_TEXT = 1_000_000
LOOKED_AT = 400
"""Members by which a shard is known."""
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes of a shard that hold samples of one patent: which of the job's files, from where, how many."""

    file: int
    start: int
    length: int


@dataclass(slots=True)
class Sample:
    """The members of one sample by their field, which is their name after the first dot."""

    key: str
    fields: dict[str, Entry] = field(default_factory=dict)
    start: int = 0
    end: int = 0

    @property
    def picture(self) -> Entry | None:
        """Its picture, or None."""
        return next((e for name, e in self.fields.items() if name.rpartition(".")[2] in _PICTURES), None)

    @property
    def texts(self) -> dict[str, Entry]:
        """Its texts by what they hold: `title` of `title.txt`, `txt` and `json` as they are."""
        return {
            name.rpartition(".")[0] or name: entry
            for name, entry in self.fields.items()
            if name.rpartition(".")[2] in _TEXTS
        }


def is_shard(entries: Sequence[Entry]) -> bool:
    """Whether the members of a tar are samples: pictures with texts of the same key beside them."""
    seen = list(samples_of(entries[:LOOKED_AT]))
    whole = sum(bool(sample.picture and sample.texts) for sample in seen)
    return whole > 0 and 2 * whole >= len(seen) - 1


def samples_of(entries: Iterable[Entry]) -> Iterator[Sample]:
    """Members gathered by their key, which is the name up to its first dot, as they follow each other.

    A key whose field comes again begins a new sample.
    """
    sample: Sample | None = None
    end = 0
    for entry in entries:
        stem, _, name = entry.base.partition(".")
        key, name = entry.folder + stem, name.lower()
        if sample is None or sample.key != key or name in sample.fields:
            if sample is not None:
                yield sample
            sample = Sample(key, start=end)
        sample.fields[name] = entry
        end = entry.offset + -(-entry.size // _BLOCK) * _BLOCK
        sample.end = end
    if sample is not None:
        yield sample


def survey_shard(file: IO[bytes], entries: Iterable[Entry]) -> tuple[dict[str, list[Range]], list[str]]:
    """The bytes of each patent's samples in a shard, in order, and what is left out, counted.

    The patent is told by the sample's key, else by what its texts say.
    """
    found: dict[str, list[Range]] = {}
    keys: set[str] = set()
    repeated = bare = count = 0
    for sample in samples_of(entries):
        count += 1
        repeated += sample.key in keys
        keys.add(sample.key)
        if sample.picture is None or sample.picture.problem:
            bare += 1
            continue
        ranges = found.setdefault(_patent_of(file, sample), [])
        if ranges and ranges[-1].start + ranges[-1].length == sample.start:
            last = ranges.pop()
            ranges.append(Range(0, last.start, sample.end - last.start))
        else:
            ranges.append(Range(0, sample.start, sample.end - sample.start))
    reasons = []
    if bare:
        reasons.append(f"{bare:,} of its {count:,} samples have no picture")
    if repeated:
        reasons.append(f"{repeated:,} of its {count:,} samples have a key that came before; all were read")
    return found, reasons


def read_samples(paths: Sequence[Path], ranges: Sequence[Range], group: str, limits: Limits) -> Document:
    """The patent whose samples stand in these bytes of shards; raises SourceError when they are damaged."""
    pictures: list[Picture] = []
    for one in ranges:
        path = paths[one.file]
        with open_within(path, None) as file:
            window = io.BufferedReader(Window(file, one.start, one.length))
            for sample in samples_of(list_archive(window, "tar")[0]):
                if (picture := sample.picture) is None:
                    continue
                moved = replace(picture, offset=one.start + picture.offset)
                record = _record(window, sample)
                name = sample.key.rpartition("/")[2] + "." + picture.base.rpartition(".")[2]
                pictures.append(Picture(name, record, partial(_read, path, moved, limits)))
    source = str(paths[0])
    return read_described(pictures, group, source, limits)


def digest_of_ranges(paths: Sequence[Path], ranges: Sequence[Range]) -> bytes:
    """sha256 over the bytes of a patent's samples; raises SourceError when they cannot be read."""
    digest = hashlib.sha256()
    for one in ranges:
        with open_within(paths[one.file], None) as file:
            window = Window(file, one.start, one.length)
            while data := window.read(1 << 20):
                digest.update(data)
    return digest.digest()


def _read(path: Path, entry: Entry, limits: Limits) -> bytes:
    with open_within(path, None) as file:
        return read_entry(file, entry, limits.file_bytes)


def _record(file: IO[bytes], sample: Sample) -> Record:
    """What the texts of a sample say, a JSON object among them by its keys."""
    row: dict[str, Any] = {}
    for name, entry in sample.texts.items():
        text = _text(file, entry)
        if entry.base.lower().endswith(".json"):
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                row.update((key, one) for key, one in value.items() if key not in row)
        else:
            row[name] = text
    row.setdefault("name", sample.key.rpartition("/")[2])
    if not find_publication_number(str(row["name"])) and find_publication_number(
        sample.key.rpartition("/")[2]
    ):
        row["name"] = sample.key.rpartition("/")[2]
    return records_of(row, columns_of(row))[0]


def _text(file: IO[bytes], entry: Entry) -> str:
    data = read_entry(file, entry, _LONGEST_TEXT)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _patent_of(file: IO[bytes], sample: Sample) -> str:
    stem = sample.key.rpartition("/")[2]
    if number := find_publication_number(stem):
        return str(number)
    told = {"name", "json", "publication", "patent", "patent_id", "publication_number"}
    if sample.texts.keys() & told:
        try:
            record = _record(file, sample)
        except SourceError:
            record = Record()
        return group_key(record, group_of(stem, "")) or stem
    return printable(re.sub(r"\s+", " ", group_of(stem, sample.key.rpartition("/")[0].rpartition("/")[2])))
