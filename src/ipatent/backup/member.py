"""A member of a backup as it is read: a block, or an object whose bytes are read when asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from ipatent.backup.layout import Kind


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A block, or an object of a kind under its name; its bytes have the right sum."""

    path: str
    content: bytes | Callable[[], bytes]
    kind: Kind | None = None
    name: str = ""

    def read(self) -> bytes:
        """The bytes; raises BackupProblem where they are damaged or gone."""
        return self.content if isinstance(self.content, bytes) else self.content()
