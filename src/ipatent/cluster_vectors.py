"""What figures are grouped by: their vectors, less what the view does to them, and some of their siblings.

Front, side and top view of one thing are less alike to an encoder than the front views of two things. Two
steps mend that, for images and captions alike: what all front views among the figures have in common is
taken off each of them, and so for the other sides; then each figure is mixed with the mean of its patent's
figures, as the figures of one patent mostly show one thing.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ipatent.errors import QueryError
from ipatent.patents import Vectors
from ipatent.views import VIEWS

SIDES: Final = frozenset(VIEWS[: VIEWS.index("schematic")])
"""Views that tell how a thing is shown; `graph` or `circuit` tell what it is."""
_DOUBT = 5
"""A view of so few figures loses half of what they have in common: it may be the thing, not the view."""


def level_views(vectors: Vectors, views: Sequence[str]) -> Vectors:
    """Unit rows (n, d) without what the figures of each view have in common.

    `views` (n,) are as `ipatent.views.VIEWS` names them; rows of other views, or of none, stay, as do
    rows that are zero or not finite.
    """
    rows, usable = _rows(vectors)
    names = np.array(views, np.str_)
    sided = usable & np.isin(names, list(SIDES))
    if not sided.any():
        return rows
    own = rows[sided]
    middles, sizes, at = _middles(own, names[sided])
    part = sizes / (sizes + _DOUBT)
    rows[sided] = own - (part[:, None] * (middles - own.mean(axis=0)))[at]
    return _unit(rows, sided)


def share_siblings(vectors: Vectors, patents: Sequence[str], share: float) -> Vectors:
    """Unit rows (n, d), each mixed with the mean of its patent's rows: 0 leaves it alone, 1 makes all equal.

    Rows that are zero or not finite stay, and do not count. Raises QueryError when the share is not
    from 0 to 1.
    """
    if not 0 <= share <= 1:
        raise QueryError(f"The share of siblings is {share:g}.", "It must be from 0 to 1.")
    rows, usable = _rows(vectors)
    if share == 0 or not usable.any():
        return rows
    own = rows[usable]
    middles, _, at = _middles(own, np.array(patents, np.str_)[usable])
    rows[usable] = (1.0 - share) * own + share * middles[at]
    return _unit(rows, usable)


def _rows(vectors: Vectors) -> tuple[Vectors, npt.NDArray[np.bool_]]:
    """The rows at length one, as a copy, and which of them can be used."""
    rows = np.array(vectors, np.float32)
    usable = np.asarray(np.isfinite(rows).all(axis=1) & (rows != 0).any(axis=1), np.bool_)
    return _unit(rows, usable), usable


def _unit(rows: Vectors, usable: npt.NDArray[np.bool_]) -> Vectors:
    lengths = np.linalg.norm(rows[usable], axis=1, keepdims=True)
    rows[usable] /= np.maximum(lengths, 1e-12)
    return rows


def _middles(
    rows: Vectors, names: npt.NDArray[np.str_]
) -> tuple[Vectors, npt.NDArray[np.float32], npt.NDArray[np.intp]]:
    """The mean of the rows of each name, how many there are, and the place (n,) of each row's mean."""
    _, at, counts = np.unique(names, return_inverse=True, return_counts=True)
    order = np.argsort(at, kind="stable")
    sums = np.add.reduceat(rows[order], np.cumsum(counts) - counts, axis=0)
    sizes = counts.astype(np.float32)
    return (sums / sizes[:, None]).astype(np.float32), sizes, at
