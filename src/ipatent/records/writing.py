"""What every table needs: ids that cannot be guessed, times that sort, texts that any database takes."""

import secrets
from datetime import UTC, datetime

from ipatent.records.tables import ID_LENGTH

_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz"
"""54 characters without those that are mistaken for each other; 12 of them hold 69 random bits."""

_UNSTORABLE = {0: "\N{REPLACEMENT CHARACTER}"} | dict.fromkeys(
    range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}"
)


def new_id() -> str:
    """A short random name, safe in an address and on a command line."""
    return "".join(secrets.choice(_LETTERS) for _ in range(ID_LENGTH))


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def time_text(time: datetime) -> str:
    """`time` in UTC to the microsecond, in the one form that is stored; a naive time counts as UTC."""
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="microseconds")


def time_of(text: str) -> datetime:
    """The time that `time_text` wrote."""
    return datetime.fromisoformat(text)


def storable(text: str) -> str:
    """`text` without NUL and lone surrogates, which databases refuse."""
    return text.translate(_UNSTORABLE)
