"""A gzip file as a stream to move in: unpacked as it is read, kept open for who reads on."""

import io
import os
import threading
import zlib
from pathlib import Path

from ipatent.errors import SourceError

GZIP = b"\x1f\x8b"
_CHUNK = 1 << 18
_LOOK_BACK = 48_000_000
"""Bytes unpacked last that are kept: the way back to a patent's first file is seldom longer."""

_FREE = 64_000_000
_EXPANSION = 100
"""The whole may expand to this many times its packed size, or to the bytes above without a question."""

_last = threading.local()


class Gunzipped(io.RawIOBase):
    """What a gzip file holds, read only; going back beyond the last 48 MB begins anew.

    Raises SourceError when the file is damaged, cut short, or expands beyond measure.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._at = 0
        self._begin()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            raise io.UnsupportedOperation("the end of a gzip file is not known before it is read")
        self._at = max(offset + (self._at if whence == os.SEEK_CUR else 0), 0)
        return self._at

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        if self._at < self._from:
            self._begin()
        while self._at >= self._from + len(self._kept):
            if not self._unpack_more():
                return 0
        start = self._at - self._from
        data = self._kept[start : start + len(buffer)]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _begin(self) -> None:
        self._file.seek(0)
        self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._waiting = b""
        self._kept = bytearray()
        self._from = 0
        self._packed = 0

    def _unpack_more(self) -> bool:
        data = self._waiting
        if not data:
            data = self._file.read(_CHUNK)
            self._packed += len(data)
        if self._inflate.eof:
            data = data.lstrip(b"\0")  # some writers pad the end
            if not data:
                return False
            self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        elif not data:
            raise SourceError("is a gzip file that is cut short; copy it again")
        try:
            out = self._inflate.decompress(data, 4 * _CHUNK)
        except zlib.error as error:
            raise SourceError(f"is a damaged gzip file ({error})") from None
        self._waiting = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        self._kept += out
        total = self._from + len(self._kept)
        if total > _FREE and total > _EXPANSION * self._packed:
            raise SourceError(f"is a gzip file that expands more than {_EXPANSION} times; that is refused")
        if len(self._kept) > 2 * _LOOK_BACK:
            dropped = len(self._kept) - _LOOK_BACK
            del self._kept[:dropped]
            self._from += dropped
        return True


def open_gunzipped(path: Path) -> Gunzipped:
    """What a gzip file holds, where this thread last was in it: reading on costs no second unpacking.

    It is not to be closed: the next file opened does that. Raises OSError when it cannot be read.
    """
    status = path.stat()
    key = (path, status.st_ino, status.st_size, status.st_mtime_ns)
    if getattr(_last, "key", None) != key:
        forget_gunzipped()
        _last.stream = Gunzipped(path)
        _last.key = key
    stream: Gunzipped = _last.stream
    return stream


def forget_gunzipped() -> None:
    """Close the file that this thread kept open."""
    stream: Gunzipped | None = getattr(_last, "stream", None)
    if stream is not None:
        stream.close()
    _last.stream = _last.key = None
