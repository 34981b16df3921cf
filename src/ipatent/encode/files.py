"""Weight files: reading them with errors that help, and the hash that identifies them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from ipatent.errors import EncoderError

REINSTALL = "Install iPatent again to restore it."


def read_asset(path: Path, advice: str = REINSTALL) -> bytes:
    """The bytes of an encoder's file; raises EncoderError with `advice` when it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise EncoderError(f"The encoder's file {path} is missing or unreadable: {reason}.", advice) from None
    if not data:
        raise EncoderError(f"The encoder's file {path} is empty.", advice)
    return data


def hash_files(paths: Sequence[Path], advice: str = REINSTALL) -> str:
    """sha256 over the contents of `paths` in this order, hexadecimal.

    Each file's own sha256 enters the sum, so that moving bytes from one file to the next changes it.
    Raises EncoderError when a file cannot be read.
    """
    total = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            reason = error.strerror or "it cannot be read"
            raise EncoderError(
                f"The encoder's file {path} is missing or unreadable: {reason}.", advice
            ) from None
    return total.hexdigest()
