"""Tables of metadata as rows, one at a time: CSV, TSV, JSON, JSONL, Parquet, in whatever encoding."""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from ipatent.errors import SourceError
from ipatent.sources.records import columns_of, misfit

Row = dict[str, Any]

INSTALL = "pip install 'ipatent[parquet]'"
_LONGEST_ROW = 4_000_000
_CHUNK = 1 << 20
_NAMED = {".csv": "csv", ".tsv": "csv", ".tab": "csv", ".jsonl": "json", ".ndjson": "json", ".json": "json"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A string that is not closed reaches to the end of what is read so far.
_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[{}]', re.DOTALL)
_PICTURE_NAME = re.compile(r"[^,\t;\"{}\[\]]{1,200}?(?:\.(?:png|jpe?g|tiff?|webp|gif|bmp))?", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:^|/)USD?\d{4,}|\.(?:png|jpe?g|tiff?|webp|gif|bmp)$", re.IGNORECASE)


def table_kind(name: str, head: bytes) -> str:
    """`csv`, `json`, `parquet`, `list` (of pictures, as benchmarks bring them) or empty."""
    if head.startswith(b"PAR1"):
        return "parquet"
    text = _text_of(head)
    if text is None:
        return ""
    start = text.lstrip()
    suffix = "." + name.rpartition(".")[2].lower()
    if start.startswith(("{", "[{", "[\n", "[ ", "[\r")):
        return "json"
    if suffix in _NAMED:
        return _NAMED[suffix]
    lines = [line.strip() for line in text.splitlines()[:-1] or text.splitlines()][:20]
    if (
        lines
        and not misfit(next(csv.reader([lines[0]], delimiter=_delimiter(lines[0])), []))
        and len(lines) > 1
    ):
        return "csv"
    if lines and all(_PICTURE_NAME.fullmatch(one) and _NUMBERED.search(one) for one in lines if one):
        return "list"
    return ""


def read_rows(path: Path, kind: str) -> Iterator[Row]:
    """The rows of a table, each a mapping from column to value; only one is held in memory.

    Raises SourceError when the table is damaged, has columns that do not fit, or needs an extra.
    """
    rows = {"csv": _csv_rows, "json": _json_rows, "parquet": _parquet_rows}[kind](path)
    try:
        yield from rows
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}") from None
    except UnicodeError:
        raise SourceError("is a table in an encoding that is not known; save it as UTF-8") from None


def _text_of(head: bytes) -> str | None:
    """The beginning of a text file; None where it is no text."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return head[: len(head) // 2 * 2 if encoding == "utf-16" else len(head)].decode(
                encoding, "ignore"
            )
    if b"\0" in head:
        return None
    return head.decode("utf-8", "ignore")


def _encoding(file: IO[bytes]) -> str:
    """By its mark, else UTF-8 where all of it is, else the encoding of Western Windows."""
    head = file.read(4)
    file.seek(0)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8"


def _delimiter(header: str) -> str:
    """The character between columns: the one that divides the header into the most of them."""
    return max(",\t;|", key=header.count)


def _csv_rows(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        encoding = _encoding(file)
        errors = "replace" if encoding == "cp1252" else "strict"
        lines = io.TextIOWrapper(file, encoding, errors, newline="")
        header = lines.readline(_LONGEST_ROW)
        names = next(csv.reader([header], delimiter=_delimiter(header)), [])
        names = [name.strip() for name in names]
        if reason := misfit(names):
            raise SourceError(reason)
        reader = csv.reader(_bounded(lines), delimiter=_delimiter(header))
        try:
            for cells in reader:
                if any(cells):
                    yield dict(zip(names, cells, strict=False))
        except csv.Error as error:
            raise SourceError(f"is a damaged table, near line {reader.line_num + 1:,} ({error})") from None


def _bounded(lines: io.TextIOWrapper) -> Iterator[str]:
    while line := lines.readline(_LONGEST_ROW):
        if len(line) == _LONGEST_ROW:
            raise SourceError(f"is a table with a line of more than {_LONGEST_ROW:,} characters")
        yield line


def _json_rows(path: Path) -> Iterator[Row]:
    """The objects of JSONL, of a list, or in an object of lists or objects; checked by the first one."""
    with path.open("rb") as file:
        encoding = _encoding(file)
        stream: IO[bytes] = file
        if encoding != "utf-8":
            stream = io.BufferedReader(_Recoded(io.TextIOWrapper(file, encoding, "replace")))
        checked = False
        for row in _objects(stream):
            if not checked and (reason := misfit(row)):
                raise SourceError(reason)
            checked = True
            yield row
    if not checked:
        raise SourceError("is JSON, but no table: it holds no list of objects")


class _Recoded(io.RawIOBase):
    """Text in another encoding as UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        if not self._waiting:
            self._waiting = self._text.read(1 << 16).encode("utf-8", "replace")
        data, self._waiting = self._waiting[: len(buffer)], self._waiting[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


def _objects(stream: IO[bytes]) -> Iterator[Row]:
    """Each object that is a row: of those that look like one, the outermost."""
    buffer = bytearray()
    wanted: int | None = None
    depth = at = 0
    start = -1
    while True:
        chunk = stream.read(_CHUNK)
        buffer += chunk
        if wanted is None and buffer.strip():
            wanted = _depth_of_rows(bytes(buffer[:_LONGEST_ROW]))
        for token in _TOKENS.finditer(buffer, at):
            if token.end() == len(buffer) and chunk:
                break
            at = token.end()
            mark = token.group()[:1]
            if mark == b"{":
                depth += 1
                if depth == wanted:
                    start = token.start()
            elif mark == b"}":
                if depth == wanted and start >= 0:
                    yield _parsed(bytes(buffer[start:at]), _key_before(buffer, start))
                    start = -1
                depth = max(depth - 1, 0)
        if not chunk:
            break
        keep = max(min(start, at) - 300, 0) if start >= 0 else max(at - 300, 0)
        if len(buffer) - keep > _LONGEST_ROW + 2 * _CHUNK:
            raise SourceError(f"is JSON with a row of more than {_LONGEST_ROW:,} bytes, or damaged")
        del buffer[:keep]
        at, start = at - keep, start - keep if start >= 0 else -1
    if start >= 0 or depth:
        raise SourceError("is JSON that is cut short; copy it again")


def _depth_of_rows(head: bytes) -> int:
    """How many braces deep the rows stand: 1 in JSONL and lists, 2 inside an object of rows."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        return 1
    first = next((line for line in head.splitlines() if line.strip()), b"")
    try:
        row = json.loads(first)
    except (ValueError, RecursionError):
        row = None
    if isinstance(row, dict):
        return 1 if columns_of(row).keys() & {"file", "part"} or not _holds_rows(row) else 2
    # One object over many lines: of rows, or itself the only row.
    inner = re.match(rb'\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*(?:\[\s*)?\{', head)
    return 2 if inner else 1


def _holds_rows(row: Row) -> bool:
    return any(
        isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict))
        for value in row.values()
    )


def _key_before(buffer: bytearray, start: int) -> str:
    found = re.search(rb'"((?:[^"\\]|\\.){1,250})"\s*:\s*$', bytes(buffer[max(start - 300, 0) : start]))
    return found.group(1).decode("utf-8", "replace") if found else ""


def _parsed(data: bytes, key: str) -> Row:
    if len(data) > _LONGEST_ROW:
        raise SourceError(f"is JSON with a row of more than {_LONGEST_ROW:,} bytes")
    try:
        row = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"is damaged JSON ({str(error)[:80]})") from None
    if key and not columns_of(row).keys() & {"file", "part"}:
        row["file"] = key
    found: Row = row
    return found


def _parquet_rows(path: Path) -> Iterator[Row]:
    try:
        import pyarrow.parquet as parquet
        from pyarrow import ArrowException
    except ImportError:
        raise SourceError(f"is a Parquet table; to read it: {INSTALL}") from None
    try:
        with parquet.ParquetFile(path, memory_map=False) as table:
            names = table.schema_arrow.names
            if reason := misfit(names):
                raise SourceError(reason)
            wanted = sorted(set(columns_of(names).values()))
            for batch in table.iter_batches(batch_size=500, columns=wanted):
                yield from batch.to_pylist()
    except (ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise SourceError(f"is a damaged Parquet table ({str(error).splitlines()[0][:120]})") from None
