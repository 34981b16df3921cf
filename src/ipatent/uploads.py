"""Uploaded query pictures: kept under names that cannot be guessed, forgotten when nobody uses them."""

import contextlib
import hmac
import os
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ipatent.errors import IndexProblem, NotFound
from ipatent.objects import Objects, Stored

KEY_FILE = "key"
DAY = 24 * 3600

_SEALED = b"\nipatent-upload "
_KEY_BYTES = 32
_KEY_SECONDS = 2.0
"""How long a process may take to write the key once it made the file."""


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
    uploads.touch(name)


@dataclass(frozen=True, slots=True)
class Stock:
    """What is kept of uploads, and which of it is out of date: unused for too long, and named by nothing."""

    uploads: int
    bytes: int
    oldest: float | None
    """When the one was used that was not for longest, in seconds since 1970; None where there is none."""
    old: tuple[Stored, ...]


def stock(uploads: Objects, days: int, named: Collection[str], now: float | None = None) -> Stock:
    """What is kept. Out of date is what was not used for `days` and is not `named`; 0 days keeps all."""
    limit = (time.time() if now is None else now) - days * DAY
    count = size = 0
    oldest: float | None = None
    old = []
    for stored in uploads.each():
        count, size = count + 1, size + stored.size
        oldest = stored.written if oldest is None else min(oldest, stored.written)
        if days > 0 and stored.name not in named and stored.written < limit:
            old.append(stored)
    return Stock(count, size, oldest, tuple(old))


def sweep(uploads: Objects, days: int, named: Collection[str], now: float | None = None) -> int:
    """Delete what is out of date; how many were deleted."""
    limit = (time.time() if now is None else now) - days * DAY
    deleted = 0
    for stored in stock(uploads, days, named, now).old:
        with contextlib.suppress(NotFound):  # deleted by another process meanwhile
            if uploads.look_up(stored.name).written < limit:  # or used
                uploads.delete(stored.name)
                deleted += 1
    return deleted


def held(uploads: Objects) -> tuple[int, int]:
    """How many uploads are kept, and their bytes."""
    sizes = [stored.size for stored in uploads.each()]
    return len(sizes), sum(sizes)


def share_key(old: Objects, new: Objects) -> None:
    """Let a store that has no secret yet know pictures by the names that another gives them."""
    if new.folder is None:
        new.put_first(KEY_FILE, _key(old))


def _seal(uploads: Objects, content: bytes) -> bytes:
    return hmac.digest(_key(uploads), content, "sha256")


def _key(uploads: Objects) -> bytes:
    """The secret of this instance, made once; all that share a bucket share it."""
    if uploads.folder is None:
        return uploads.put_first(KEY_FILE, secrets.token_bytes(_KEY_BYTES))
    path = uploads.folder / KEY_FILE
    with contextlib.suppress(FileNotFoundError):
        return _read_key(path)
    made = secrets.token_bytes(_KEY_BYTES)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made)
    except FileExistsError:  # another process was faster
        return _read_key(path)
    return made


def _read_key(path: Path) -> bytes:
    """The secret, also where another process is just writing it."""
    until = time.monotonic() + _KEY_SECONDS
    while len(key := path.read_bytes()) != _KEY_BYTES:
        if time.monotonic() > until:
            raise IndexProblem(
                f"The file {path} is damaged.", "Delete it; a new one is made, and uploads are kept."
            )
        time.sleep(0.01)
    return key
