"""XML from strangers as a tree of elements: nothing is fetched, nothing expands, documents one by one."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html.entities import html5
from typing import IO
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.parsers import expat

from ipatent.errors import SourceError

LONGEST_DOCUMENT = 100_000_000
"""Bytes of one patent in XML; the largest real ones, with sequence listings, are half as long."""

_DEEPEST = 200
_CHUNK = 1 << 20
_BEGINS = re.compile(rb"<\?xml[ \t\r\n]")
# The two spellings in use are found ten times as fast as all that XML allows, which is tried last.
_FILE = (
    re.compile(rb"file=[\"']([^\"'<>]{1,200})[\"']"),
    re.compile(rb"FILE=[\"']([^\"'<>]{1,200})[\"']"),
    re.compile(rb"\bfile\s*=\s*[\"']([^\"'<>]{1,200})[\"']", re.IGNORECASE),
)
_FILE_NAME = re.compile(rb"<(?:\w{1,20}:)?FileName[^<>]{0,200}>\s{0,50}([^<>]{1,200}?)\s{0,50}</")
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]{0,99})(?=[\s/>])")


def root_name(data: bytes) -> str:
    """The name of the first element of a document, whatever stands before it, or nothing."""
    found = _ROOT.search(data)
    return found.group(1).decode("ascii", "replace") if found else ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One of the XML documents that stand in a file: where it begins, how long it is, its bytes.

    `data` is None where the document is longer than the limit.
    """

    start: int
    length: int
    data: bytes | None

    @property
    def holds_something(self) -> bool:
        """Whether it is more than white space and a byte order mark."""
        return self.data is None or bool(self.data.strip(b"\xef\xbb\xbf \t\r\n\0"))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the document refers to by an attribute `file` or as `FileName`, each once."""
        found = next(filter(None, (pattern.findall(self.data or b"") for pattern in _FILE)), [])
        found.extend(_FILE_NAME.findall(self.data or b""))
        return tuple(dict.fromkeys(base_name(name.decode("utf-8", "replace")) for name in found))


def base_name(name: str) -> str:
    """The last part of a path of any system: the name under which a file is looked for."""
    return name.replace("\\", "/").rsplit("/", 1)[-1].strip()


def pieces(stream: IO[bytes], longest: int = LONGEST_DOCUMENT) -> Iterator[Piece]:
    """The XML documents of a stream, one at a time; each begins with an XML declaration.

    Memory is that of one document of at most `longest` bytes.
    """
    buffer = bytearray()
    start = dropped = searched = 0
    while chunk := stream.read(_CHUNK):
        buffer += chunk
        while found := _BEGINS.search(buffer, max(searched, 1 - dropped, 0)):
            if (piece := _piece(buffer, found.start(), start, dropped, longest)).holds_something:
                yield piece
            start += dropped + found.start()
            del buffer[: found.start()]
            dropped, searched = 0, 1
        searched = max(len(buffer) - 6, 1)
        if len(buffer) + dropped > longest:
            keep = min(len(buffer), 6)
            dropped += len(buffer) - keep
            del buffer[: len(buffer) - keep]
            searched = 0
    if (piece := _piece(buffer, len(buffer), start, dropped, longest)).holds_something:
        yield piece


def _piece(buffer: bytearray, end: int, start: int, dropped: int, longest: int) -> Piece:
    length = dropped + end
    return Piece(start, length, bytes(buffer[:end]) if length <= longest else None)


def parse_xml(data: bytes, without: Collection[str] = ()) -> Element:
    """The root element of an XML document; elements named in `without` are left out with their content.

    No DTD is read and no entity expanded, but for the standard named characters (`&mdash;`) that
    older documents use undeclared. Processing instructions with `end="lead"` or `end="tail"`, which
    mark sections, become empty elements named `?target` with that attribute. Raises SourceError
    when the document is damaged, declares entities of its own, or is nested absurdly deep.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    tree = _Tree(without)
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.text
    parser.ProcessingInstructionHandler = tree.mark
    parser.SkippedEntityHandler = tree.named_character
    parser.EntityDeclHandler = _refuse_entities
    parser.ExternalEntityRefHandler = _refuse_reference
    try:
        parser.Parse(data, True)
        return tree.close()
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code) or "it is not well-formed"
        raise SourceError(f"is damaged XML: {what}, line {error.lineno}, column {error.offset}") from None
    except (ParseError, ValueError, LookupError) as error:
        raise SourceError(f"is damaged XML: {error}") from None


class _Tree:
    """Builds the tree from what the parser meets, leaving out what is not wanted."""

    def __init__(self, without: Collection[str]) -> None:
        self._builder = TreeBuilder()
        self._without = without
        self._depth = 0
        self._unwanted = 0
        """Depth inside an element left out, 0 outside."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SourceError(f"is XML nested deeper than {_DEEPEST} elements, which no patent is")
        if self._unwanted or name in self._without:
            self._unwanted += 1
            return
        self._builder.start(name, attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._unwanted:
            self._unwanted -= 1
            return
        self._builder.end(name)

    def text(self, text: str) -> None:
        if not self._unwanted:
            self._builder.data(text)

    def mark(self, target: str, data: str) -> None:
        found = re.search(r"\bend\s*=\s*[\"'](lead|tail)[\"']", data)
        if found and self._depth and not self._unwanted:
            self._builder.start(f"?{target}", {"end": found.group(1)})
            self._builder.end(f"?{target}")

    def named_character(self, name: str, is_parameter: bool) -> None:
        if not is_parameter:
            self.text(html5.get(f"{name};", f"&{name};"))

    def close(self) -> Element:
        root: Element = self._builder.close()
        return root


def _refuse_entities(name: str, is_parameter: bool, value: str | None, *where: str | None) -> None:
    notation = where[-1]
    if notation is not None:
        return  # a picture named as an unparsed entity, as ST.32 does; nothing expands
    if value is not None and len(value) <= 1 and not is_parameter:
        return  # a name for one character
    raise SourceError(
        f"declares the entity {name[:40]!r}; XML that brings entities of its own is refused,"
        " since they can expand without bound or fetch other files"
    )


def _refuse_reference(*entity: str | None) -> int:
    raise SourceError(f"refers to another file as an entity ({str(entity[2])[:80]!r}); that is refused")
