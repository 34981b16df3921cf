"""Whether the answer to a query changed between two searches, and why."""

from dataclasses import dataclass
from typing import Literal

from ipatent.records.query_key import is_weight
from ipatent.records.search_record import SearchRecord

Reason = Literal[
    "other query", "other index", "index grew", "index shrank", "index changed", "encoder", "not known"
]


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure that both answers hold at different places (1-based)."""

    figure_id: str
    old_rank: int
    new_rank: int


@dataclass(frozen=True, slots=True)
class Change:
    """How a new answer differs from an old one. `sentence` says it to a reader."""

    changed: bool
    """Whether the ranked lists differ."""
    reasons: tuple[Reason, ...]
    patents: int
    """How many patents the index has more (or fewer)."""
    figures: int
    new: tuple[str, ...]
    """Ids only in the new answer, best first."""
    gone: tuple[str, ...]
    moved: tuple[Moved, ...]
    """In the order of the new answer."""
    sentence: str


def compare(old: SearchRecord, new: SearchRecord) -> Change:
    """What became of the answer `old` in `new`, with the reasons that the records show."""
    old_ranks = {hit.figure_id: rank for rank, hit in enumerate(old.ranked, 1)}
    new_ranks = {hit.figure_id: rank for rank, hit in enumerate(new.ranked, 1)}
    added = tuple(figure for figure in new_ranks if figure not in old_ranks)
    gone = tuple(figure for figure in old_ranks if figure not in new_ranks)
    moved = tuple(
        Moved(figure, old_ranks[figure], rank)
        for figure, rank in new_ranks.items()
        if figure in old_ranks and old_ranks[figure] != rank
    )
    changed = bool(added or gone or moved)
    patents = new.index.patents - old.index.patents
    figures = new.index.figures - old.index.figures
    reasons = _reasons(old, new, changed, figures)
    sentence = _sentence(old, new, changed, reasons, added, gone, moved)
    return Change(changed, reasons, patents, figures, added, gone, moved, sentence)


def _reasons(old: SearchRecord, new: SearchRecord, changed: bool, figures: int) -> tuple[Reason, ...]:
    reasons: list[Reason] = []
    if old.query_key != new.query_key or _ranking(old) != _ranking(new):
        reasons.append("other query")
    if old.index.identity != new.index.identity:
        reasons.append("other index")
    elif figures > 0:
        reasons.append("index grew")
    elif figures < 0:
        reasons.append("index shrank")
    elif old.index.generation != new.index.generation:
        reasons.append("index changed")
    if old.encoder != new.encoder:
        reasons.append("encoder")
    if changed and not reasons:
        reasons.append("not known")
    return tuple(reasons)


def _ranking(record: SearchRecord) -> tuple[tuple[str, str], ...]:
    """What else decides the answer to a query: how much is asked for, and the weights."""
    return tuple(sorted((name, value) for name, value in record.parameters if name == "k" or is_weight(name)))


def _sentence(
    old: SearchRecord,
    new: SearchRecord,
    changed: bool,
    reasons: tuple[Reason, ...],
    added: tuple[str, ...],
    gone: tuple[str, ...],
    moved: tuple[Moved, ...],
) -> str:
    if changed:
        parts = [
            f"{_figures(len(figures))} {what}"
            for figures, what in ((added, "new"), (gone, "gone"), (moved, "moved"))
            if figures
        ]
        first = f"The answer changed: {_listed(parts)}."
    elif new.ranked:
        first = f"The answer is the same: {_figures(len(new.ranked))} in the same order."
    else:
        first = "The answer is the same: nothing was found."
    causes = [_cause(reason, old, new) for reason in reasons]
    if not causes:
        return f"{first} Index and encoder are as they were."
    joined = _listed(causes)
    return f"{first} {joined[0].upper()}{joined[1:]}."


def _cause(reason: Reason, old: SearchRecord, new: SearchRecord) -> str:
    was, is_ = old.index, new.index
    counts = f"from {was.patents:,} to {is_.patents:,} patents ({was.figures:,} to {is_.figures:,} figures)"
    match reason:
        case "other query":
            return "the two searches do not ask for quite the same"
        case "other index":
            return f"another index was searched ({is_.patents:,} patents instead of {was.patents:,})"
        case "index grew":
            return f"the index grew {counts}"
        case "index shrank":
            return f"the index shrank {counts}"
        case "index changed":
            return f"patents in the index were replaced (it still holds {is_.figures:,} figures)"
        case "encoder":
            return f"the encoder changed from {_encoder(old)} to {_encoder(new)}"
        case "not known":
            return (
                "index and encoder are as they were, so the program or its settings differ"
                f" ({_program(old)}, now {_program(new)})"
            )


def _encoder(record: SearchRecord) -> str:
    spec = record.encoder
    return f"{spec.name} (weights {spec.weights[:12]}, {spec.preprocessing})" if spec else "none"


def _program(record: SearchRecord) -> str:
    return f"version {record.program}" if record.program else "unknown version"


def _figures(count: int) -> str:
    return "1 figure" if count == 1 else f"{count:,} figures"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
