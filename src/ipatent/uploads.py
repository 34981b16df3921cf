"""Uploaded query pictures: kept under names that cannot be guessed, forgotten when nobody uses them."""

import contextlib
import hmac
import os
import re
import secrets
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from ipatent.errors import NotFound
from ipatent.objects import Objects

KEY_FILE = "key"
DAY = 24 * 3600

_NAME = re.compile(r"^[0-9a-f]{64}$")
_SEALED = b"\nipatent-upload "
_KEY_BYTES = 32


def keep(uploads: Objects, content: bytes) -> str:
    """Store what a user sent; its name.

    The name is the sha256 of the content and of a seal behind it that only this instance can make, so
    who holds the same picture still cannot tell its name or whether it was searched with here. The
    decoders of all accepted formats end before the seal.
    """
    name = uploads.put(content + _SEALED + _seal(uploads, content))
    touch(uploads, name)
    return name


def content_of(stored: bytes) -> bytes:
    """What the user sent, of what was stored."""
    end = len(stored) - len(_SEALED) - _KEY_BYTES
    return stored[:end] if end >= 0 and stored[end:].startswith(_SEALED) else stored


def touch(uploads: Objects, name: str) -> None:
    """Note that a picture was used just now; a name that is not there is no error."""
    if (path := _path(uploads, name)) is not None:
        with contextlib.suppress(OSError):
            os.utime(path)


def sweep(uploads: Objects, days: int, named: Collection[str], now: float | None = None) -> int:
    """Delete what was not used for `days` and is not `named`; how many were deleted. 0 days keeps all."""
    if days <= 0:
        return 0
    oldest = (time.time() if now is None else now) - days * DAY
    deleted = 0
    for path in _files(uploads):
        with contextlib.suppress(OSError, NotFound):  # used or deleted by another process meanwhile
            if path.name not in named and path.stat().st_mtime < oldest:
                uploads.delete(path.name)
                deleted += 1
    return deleted


def held(uploads: Objects) -> tuple[int, int]:
    """How many uploads are kept, and their bytes."""
    sizes = []
    for path in _files(uploads):
        with contextlib.suppress(OSError):
            sizes.append(path.stat().st_size)
    return len(sizes), sum(sizes)


def _files(uploads: Objects) -> Iterator[Path]:
    folder = uploads.folder
    if folder is None:
        return
    for path in folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
        if _NAME.match(path.name):
            yield path


def _path(uploads: Objects, name: str) -> Path | None:
    if uploads.folder is None or not _NAME.match(name):
        return None
    return uploads.folder / name[:2] / name[2:4] / name


def _seal(uploads: Objects, content: bytes) -> bytes:
    return hmac.digest(_key(uploads), content, "sha256")


def _key(uploads: Objects) -> bytes:
    """The secret of this instance, made once."""
    if uploads.folder is None:
        return secrets.token_bytes(_KEY_BYTES)  # nothing is recognised as sent before, and that is all
    path = uploads.folder / KEY_FILE
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    made = secrets.token_bytes(_KEY_BYTES)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made)
    except FileExistsError:  # another process was faster
        return path.read_bytes()
    return made
