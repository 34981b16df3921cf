"""Which regions of two drawings correspond: local features matched, and kept where they move together.

1. *Match.* Places of the two drawings whose features are each other's nearest (mutual nearest).
2. *Check.* Matches count where many of them agree on one similarity transform, that is on how far the
   region is moved, enlarged and turned. Every pair of matches proposes one and the best supported wins
   (RANSAC: Fischler and Bolles, "Random sample consensus", 1981, but over all pairs, so that nothing
   is left to chance). What does not agree may support a further transform: parts of a thing move apart
   from one view to the next.
3. *Tell.* Neighbouring matches of one transform become a box in either drawing; a heat map says how
   alike the drawings are at each place where a transform holds.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent.encode.spatial import GRID, Patches
from ipatent.patents import Box

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.complex128]
"""Places of the grid as complex numbers, columns real and rows imaginary: a product turns and enlarges."""
Counts = npt.NDArray[np.int64]

ENOUGH, FEWER, VERY_ALIKE = 12, 8, 0.75
"""Matches that must agree before anything is said to correspond: `ENOUGH`, or `FEWER` where their mean
cosine is `VERY_ALIKE`. Of unrelated drawings 7 % have so many (measured in `docs/evidence.md`)."""
FEWEST_FURTHER = 6
MOST_TRANSFORMS = 4
MOST_REGIONS = 8
_MOST_MATCHES = 90
_TOLERANCE = 1.0
"""How far, in places of the grid, a match may lie from where the transform leads."""
_LARGEST = 3.3
"""How much larger one drawing may show the region."""
_OTHERWISE = 1.4
"""How differently from the first transform further ones may enlarge: parts move, but keep their size."""
_TURN = np.deg2rad(25)
"""How far it may be turned; features do not stand larger turns."""
_APART = 2.0
"""The least distance of two matches that propose a transform."""
_TOGETHER = 2.3
"""The largest distance of neighbours within a region."""
_FEWEST_TOGETHER = 3
_WIDE = 11
"""Regions of more places than this in a row are shown as several boxes, so that parts can be told."""
_NEAR = 1.5
_REACH = 3.0
"""How far from a match its transform is trusted."""
_ALIKE, _SAME = 0.3, 0.9
"""Cosines of places that are shown as cold and as hot."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the first drawing and the part of the second that corresponds to it, in their pixels."""

    first: Box
    second: Box
    likeness: float
    """Mean cosine of the matched places, 0 to 1."""
    matches: int


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """How alike a drawing is to the other, by places (rows, columns) of a grid, 0 to 1.

    `left`, `top` and `side` are the grid's corner and the side of a place in pixels of the drawing.
    """

    values: Floats
    left: float
    top: float
    side: float


@dataclass(frozen=True, slots=True, eq=False)
class Correspondence:
    """What corresponds in two drawings; no region where nothing does."""

    regions: tuple[Region, ...]
    matches: int
    """How many places agree on a transform."""
    share: float
    """Which part of the first drawing's inked places they are."""
    first: Heat
    second: Heat


@dataclass(frozen=True, slots=True, eq=False)
class Transform:
    """Leads places of the first drawing to the second: place x `factor` + `shift`; `members` agree."""

    factor: complex
    shift: complex
    members: Counts


def correspondence(first: Patches, second: Patches) -> Correspondence:
    """Which regions of two drawings correspond; the best supported first, at most `MOST_REGIONS`."""
    here, there = _places(first), _places(second)
    likeness = first.features @ second.features.T
    a, b = mutual(likeness)
    found = transforms(here[a], there[b], likeness[a, b])
    regions: list[Region] = []
    for transform in found:
        own = transform.members
        for part in _parts(here[a[own]]):
            members = own[part]
            regions.append(
                Region(
                    _box(here[a[members]], first),
                    _box(there[b[members]], second),
                    round(float(np.clip(likeness[a[members], b[members]].mean(), 0, 1)), 3),
                    len(members),
                )
            )
    regions.sort(key=lambda region: -region.matches * region.likeness)
    agreed = sum(len(transform.members) for transform in found)
    alike = _alike(here, there, likeness, a, found)
    return Correspondence(
        tuple(regions[:MOST_REGIONS]),
        agreed,
        agreed / max(len(first), 1),
        _heat(first, alike.max(axis=1, initial=0.0)),
        _heat(second, alike.max(axis=0, initial=0.0)),
    )


def agreement(first: Patches, second: Patches) -> tuple[int, float]:
    """How many matches agree on the best transform of two drawings, however few, and their mean cosine.

    By this `ENOUGH`, `FEWER` and `VERY_ALIKE` are set (`benchmarks/thresholds.py`).
    """
    likeness = first.features @ second.features.T
    a, b = mutual(likeness)
    weights = likeness[a, b]
    best = _best(_places(first)[a], _places(second)[b], weights, (1 / _LARGEST, _LARGEST))
    if best is None:
        return 0, 0.0
    return len(best.members), float(weights[best.members].mean())


def mutual(likeness: Floats) -> tuple[Counts, Counts]:
    """Rows and columns of `likeness` (n, m) that are each other's best, the best `_MOST_MATCHES`."""
    if not likeness.size:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    best = likeness.argmax(axis=1)
    rows = np.flatnonzero(likeness.argmax(axis=0)[best] == np.arange(len(likeness)))
    values = likeness[rows, best[rows]]
    rows = np.sort(rows[np.argsort(-values, kind="stable")[:_MOST_MATCHES]])
    return rows, best[rows]


def transforms(here: Places, there: Places, weights: Floats) -> tuple[Transform, ...]:
    """The transforms that enough of the matches from `here` (n,) to `there` (n,) agree on."""
    found: list[Transform] = []
    left = np.arange(len(here))
    while len(left) >= FEWEST_FURTHER and len(found) < MOST_TRANSFORMS:
        first = abs(found[0].factor) if found else 0.0
        sizes = (first / _OTHERWISE, first * _OTHERWISE) if found else (1 / _LARGEST, _LARGEST)
        transform = _best(here[left], there[left], weights[left], sizes)
        if transform is None or not _is_backed(weights[left][transform.members], bool(found)):
            break
        found.append(Transform(transform.factor, transform.shift, left[transform.members]))
        left = np.delete(left, transform.members)
    return tuple(found)


def _is_backed(cosines: Floats, is_further: bool) -> bool:
    """Whether matches with these cosines are enough to believe in their transform."""
    if is_further:
        return len(cosines) >= FEWEST_FURTHER
    return len(cosines) >= ENOUGH or (len(cosines) >= FEWER and float(cosines.mean()) >= VERY_ALIKE)


def _best(here: Places, there: Places, weights: Floats, sizes: tuple[float, float]) -> Transform | None:
    """The transform with the most support, fitted to those that agree with it; it enlarges by `sizes`."""
    one, other = np.triu_indices(len(here), 1)
    apart = here[other] - here[one]
    moved = there[other] - there[one]
    far = (np.abs(apart) >= _APART) & (np.abs(moved) >= _APART / 2)
    factor = moved[far] / apart[far]
    size = np.abs(factor)
    fits = (size > sizes[0]) & (size < sizes[1]) & (np.abs(np.angle(factor)) < _TURN)
    factor, size, one = factor[fits], size[fits], one[far][fits]
    if not len(factor):
        return None
    shift = there[one] - factor * here[one]
    off = np.abs(np.multiply.outer(factor, here) + shift[:, None] - there)
    support = (off < (_TOLERANCE * np.maximum(size, 1.0))[:, None]) @ np.maximum(weights, 0.0)
    top = int(support.argmax())
    members = off[top] < _TOLERANCE * max(size[top], 1.0)
    best = Transform(complex(factor[top]), complex(shift[top]), np.flatnonzero(members))
    fitted = _fitted(here, there, members, sizes)
    return fitted if fitted is not None and len(fitted.members) >= len(best.members) else best


def _fitted(
    here: Places, there: Places, members: npt.NDArray[np.bool_], sizes: tuple[float, float]
) -> Transform | None:
    """The similarity of least squares through `members`, with all that agree with it."""
    a, b = here[members], there[members]
    away = a - a.mean()
    factor = complex((np.conj(away) * (b - b.mean())).sum() / max(float((np.abs(away) ** 2).sum()), 1e-9))
    if not sizes[0] < abs(factor) < sizes[1]:
        return None
    shift = complex(b.mean() - factor * a.mean())
    agree = np.abs(factor * here + shift - there) < _TOLERANCE * max(abs(factor), 1.0)
    return Transform(factor, shift, np.flatnonzero(agree))


def _parts(places: Places) -> list[Counts]:
    """Places (n,) as groups of neighbours, wide groups cut across until none is; lone ones left out."""
    near = np.abs(places[:, None] - places[None]) <= _TOGETHER
    group = np.arange(len(places))
    while True:  # each takes the least number among its neighbours, until all of a group have the same
        least = np.where(near, group[None], len(places)).min(axis=1)
        if (least == group).all():
            break
        group = least
    parts: list[Counts] = []
    waiting = [np.flatnonzero(group == number) for number in np.unique(group)]
    while waiting:
        part = waiting.pop()
        across, down = places[part].real, places[part].imag
        wide, high = float(np.ptp(across)), float(np.ptp(down))
        along = across if wide >= high else down
        if max(wide, high) < _WIDE or len(part) < 2 * FEWEST_FURTHER:
            parts.append(part)
            continue
        middle = (along.min() + along.max()) / 2
        waiting += [part[along < middle], part[along >= middle]]
    return [part for part in parts if len(part) >= _FEWEST_TOGETHER]


def _alike(
    here: Places, there: Places, likeness: Floats, matched: Counts, found: tuple[Transform, ...]
) -> Floats:
    """(n, m) how alike places are where a transform leads from one to the other, else 0."""
    alike = np.zeros(likeness.shape, np.float32)
    for transform in found:
        trusted = here[matched[transform.members]]
        held = np.any(np.abs(here[:, None] - trusted[None]) <= _REACH, axis=1)
        led = transform.factor * here + transform.shift
        near = np.abs(led[:, None] - there[None]) <= _NEAR * max(abs(transform.factor), 1.0)
        np.maximum(alike, np.where(held[:, None] & near, likeness, 0.0), out=alike)
    scaled: Floats = np.clip((alike - _ALIKE) / (_SAME - _ALIKE), 0.0, 1.0).astype(np.float32)
    return scaled


def _heat(patches: Patches, values: Floats) -> Heat:
    grid = np.zeros((GRID, GRID), np.float32)
    grid[patches.y, patches.x] = values
    return Heat(grid, patches.left, patches.top, patches.side)


def _places(patches: Patches) -> Places:
    return patches.x + 1j * patches.y


def _box(places: Places, patches: Patches) -> Box:
    """The pixels of the picture that `places` cover."""
    left, top, side = patches.left, patches.top, patches.side
    x = max(0, round(left + places.real.min() * side))
    y = max(0, round(top + places.imag.min() * side))
    right = min(patches.width, round(left + (places.real.max() + 1) * side))
    bottom = min(patches.height, round(top + (places.imag.max() + 1) * side))
    return Box(x, y, max(1, right - x), max(1, bottom - y))
