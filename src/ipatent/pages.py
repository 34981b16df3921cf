"""What a page shows: a drawing, text, or nothing; and the running header printed above a drawing."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from ipatent.components import Components, Ints

PageKind = Literal["drawing", "text", "blank"]
Chosen = npt.NDArray[np.bool_]


def running_header(parts: Components) -> Chosen:
    """Which components are the running header, e.g. `U.S. Patent  Jun. 2, 2020  Sheet 1 of 6  US D886,202 S`.

    The header is one line of print in the top eighth of the page that reaches across more than
    half of its width, and stands alone, unlike the first line of a text; (n,) bool, all false
    where there is none.
    """
    height, width = parts.shape
    middle = (parts.top + parts.bottom) / 2
    tall = parts.height
    letter = (
        (parts.bottom < 0.125 * height)
        & (tall >= 0.004 * height)
        & (tall <= 0.022 * height)
        & (parts.width <= 0.04 * width)
    )
    nobody = np.zeros(len(parts), bool)
    if letter.sum() < 12:
        return nobody
    rows = middle[letter]
    votes = [int((np.abs(rows - row) < 0.006 * height).sum()) for row in rows]
    centre = float(np.median(rows[np.abs(rows - rows[int(np.argmax(votes))]) < 0.006 * height]))
    line = letter & (np.abs(middle - centre) < 0.011 * height)
    if line.sum() < 12:
        return nobody
    left, right = parts.left[line], parts.right[line]
    if right.max() - left.min() < 0.5 * width or left.min() > 0.35 * width:
        return nobody
    top, bottom = parts.top[line].min(), parts.bottom[line].max()
    if _goes_on(parts, int(bottom), float(np.median(tall[line]))):
        return nobody
    small = (parts.top >= top - 0.004 * height) & (parts.bottom <= bottom + 0.004 * height)
    header: Chosen = small & (tall <= 0.025 * height)
    return header


def _goes_on(parts: Components, bottom: int, tall: float) -> bool:
    """Whether two more lines of print, as wide as half of the page, follow at the pitch of a text."""
    width = parts.shape[1]
    print_ = (parts.height > 0.5 * tall) & (parts.height < 1.8 * tall) & (parts.width < 3 * tall)
    for _ in range(2):
        below = print_ & (parts.top >= bottom - 0.3 * tall) & (parts.top < bottom + 1.6 * tall)
        if below.sum() < 20:
            return False
        left, right = np.sort(parts.left[below]), np.sort(parts.right[below])
        if right[-1] - left[0] < 0.5 * width or np.diff(left).max() > 0.12 * width:
            return False
        bottom = int(np.median(parts.bottom[below]))
    return True


def text_like(parts: Components) -> Chosen:
    """Which components stand in lines of print: several neighbours of like height at one level."""
    height, _ = parts.shape
    tall = parts.height
    candidate = (tall >= 0.0035 * height) & (tall <= 0.02 * height) & (parts.width <= 2.5 * tall)
    numbers = np.flatnonzero(candidate)
    order = numbers[np.lexsort((parts.left[numbers], parts.bottom[numbers] // 6))]
    member = np.zeros(len(parts), bool)
    if len(order) < 2:
        return member
    a, b = order[:-1], order[1:]
    gap = parts.left[b] - parts.right[a]
    near = (
        (np.abs(parts.bottom[a] - parts.bottom[b]) < 0.35 * np.maximum(tall[a], tall[b]))
        & (gap < 1.2 * np.maximum(tall[a], tall[b]))
        & (gap > -0.5 * tall[a])
        & (np.minimum(tall[a], tall[b]) > 0.45 * np.maximum(tall[a], tall[b]))
    )
    member[a[near]] = True
    member[b[near]] = True
    return member


def page_kind(parts: Components, header: Chosen) -> PageKind:
    """Whether a page is a drawing sheet or a page of print, from its components alone.

    A page of print has most of its ink outside the header in lines of print and no large
    component; a drawing has at least one component larger than print.
    """
    height, width = parts.shape
    body = ~header & (parts.area > 8)
    if parts.area[body].sum() < 0.00002 * height * width:
        return "blank"
    print_like = text_like(parts) & body
    large = body & ((parts.height > 0.03 * height) | (parts.width > 0.05 * width))
    rules = large & ((parts.height < 0.004 * height) | (parts.width < 0.004 * width))
    beside_rules = parts.area[body & ~rules].sum()
    share = parts.area[print_like].sum() / beside_rules if beside_rules else 1.0
    if header.any():
        return "text" if share > 0.8 and print_like.sum() > 900 else "drawing"
    lines = _lines_of_print(parts, print_like)
    if print_like.sum() > 250 and lines > 8 and share > 0.35:
        return "text"
    return "drawing" if (large & ~rules).any() or share < 0.5 else "text"


def _lines_of_print(parts: Components, chosen: Chosen) -> int:
    """How many distinct levels of print hold at least eight letters."""
    levels: Ints = parts.bottom[chosen] // max(parts.shape[0] // 300, 1)
    return int((np.bincount(levels) >= 8).sum()) if len(levels) else 0
