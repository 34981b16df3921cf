"""What a check finds: one finding for each kind of fault, with examples and what can be done about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Faults of one kind."""

    kind: str
    """A short name that stays the same, e.g. `missing-thumbnails`."""
    what: str
    """What is wrong, as a sentence."""
    count: int
    examples: tuple[str, ...]
    remedy: str
    """What `--mend` does about it, or what else must be done."""
    command: str = ""
    """The command that is needed besides; empty where `--mend` is enough."""
    harmless: bool = False
    """Whether it is worth a word but no fault: records of figures that were deleted."""
    mend: Callable[[], None] | None = field(default=None, repr=False, compare=False)
    """Mends it; None where that takes something else."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a check looks."""

    deep: bool = False
    """Whether all objects and vectors are read, not only looked up."""
    older_than: float = 24 * 3600
    """Seconds; what is younger may belong to an ingest under way."""


def found(
    kind: str,
    what: str,
    subjects: Iterable[str],
    remedy: str,
    mend: Callable[[], None] | None = None,
    command: str = "",
    harmless: bool = False,
) -> list[Finding]:
    """The finding about these subjects; none where there are none."""
    all_of_them = list(subjects)
    if not all_of_them:
        return []
    examples = tuple(all_of_them[:EXAMPLES])
    return [Finding(kind, what, len(all_of_them), examples, remedy, command, harmless, mend)]
