"""What a figure looks like in numbers: tone, strokes, letters, boxes, alignment. Knows nothing of types."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from ipatent.components import Components, Ink, find_components
from ipatent.patents import Pixels

Traits = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float32]

SIDE = 512
"""The longer side, in pixels, that a figure is brought to before it is measured."""

_RUNS = (8, 16, 32, 64, 128, 256)
_SIZES = (0, 4, 7, 11, 17, 28, 56, 130, 10_000)
_MOST_LETTERS = 1500


def small_picture(pixels: Pixels) -> Pixels:
    """The figure in grey with its longer side at SIDE pixels, averaged so that thin lines turn pale
    but do not vanish."""
    grey = pixels if pixels.ndim == 2 else pixels.min(axis=2)
    picture = Image.fromarray(np.ascontiguousarray(grey))
    longer = max(picture.size)
    if longer >= 2 * SIDE:
        picture = picture.reduce(longer // SIDE)
    scale = SIDE / max(picture.size)
    size = (max(8, round(picture.width * scale)), max(8, round(picture.height * scale)))
    if size != picture.size:
        kind = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
        picture = picture.resize(size, kind)
    return np.asarray(picture)


def measure(small: Pixels) -> Traits:
    """The traits (n,) float32 of a picture as `small_picture` gives it.

    Shares lie in [0, 1], counts are logarithms; all are finite, also for a blank picture.
    """
    paper = max(float(np.percentile(small, 95)), 40.0)
    dark = np.clip(1 - small.astype(np.float32) / paper, 0, 1)
    seen = dark[dark > 0.08]
    pen = float(np.percentile(seen, 90)) if len(seen) else 1.0
    ink: Ink = dark > min(max(0.4 * pen, 0.1), 0.45)
    parts = find_components(ink)
    fat = ink.copy()
    fat[1:] |= ink[:-1]
    fat[:, 1:] |= fat[:, :-1].copy()
    holes = find_components(~fat)
    letters = _letter_like(parts)
    found = [
        *_tone(dark, seen, pen),
        *_strokes(ink),
        *_directions(dark),
        *_sizes(parts, letters),
        *_lines_of_print(parts, letters),
        *_lines_of_print(parts, letters, sideways=True),
        *_boxes(holes, parts, letters),
        *_profiles(ink),
    ]
    return np.nan_to_num(np.array(found, np.float32), posinf=0, neginf=0)


def _share(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 0.0


def _tone(dark: Floats, seen: Floats, pen: float) -> list[float]:
    """How dark the picture is, near and far: half-tones are grey when seen from afar."""
    found = [pen, float(dark.mean()), _share(len(seen), dark.size)]
    steps = np.array([0.08, 0.25, 0.4, 0.6, 0.8, 1.01])
    found += list(np.histogram(seen, steps)[0] / max(len(seen), 1))
    height, width = (side // 8 * 8 for side in dark.shape)
    cells = dark[:height, :width].reshape(height // 8, 8, width // 8, 8)
    mean = cells.mean((1, 3))
    deviation = np.sqrt(np.maximum((cells**2).mean((1, 3)) - mean**2, 0))
    found += list(np.histogram(mean, [-1, 0.01, 0.06, 0.15, 0.3, 0.5, 0.7, 2])[0] / mean.size)
    inked = mean > 0.01
    count = max(int(inked.sum()), 1)
    toned = (mean > 0.15) & (mean < 0.95)
    found += [
        float(deviation[inked].sum()) / count,
        _share((toned & (deviation < 0.1)).sum(), mean.size),
        _share((toned & (deviation < 0.1)).sum(), count),
        _share((toned & (deviation < 0.18)).sum(), count),
        _share((toned & (deviation >= 0.18)).sum(), count),
        _share((mean > 0.9).sum(), count),
        float(mean[inked].std()) if inked.any() else 0.0,
    ]
    if min(mean.shape) > 1:
        found.append(float(np.abs(np.diff(mean, axis=0)).mean() + np.abs(np.diff(mean, axis=1)).mean()))
    else:
        found.append(0.0)
    return found


def _strokes(ink: Ink) -> list[float]:
    """How much of the ink lies in long straight runs along and down the page."""
    found: list[float] = []
    total = max(int(ink.sum()), 1)
    for page in (ink, ink.T):
        padded = np.zeros((page.shape[0], page.shape[1] + 2), np.int8)
        padded[:, 1:-1] = page
        steps = np.diff(padded, axis=1)
        rows, starts = np.nonzero(steps == 1)
        _, stops = np.nonzero(steps == -1)
        length = stops - starts
        found += [float(length[length >= limit].sum()) / total for limit in _RUNS]
        # A thick line is one line: rows next to each other count once.
        long = np.unique(rows[length >= 0.5 * page.shape[1]])
        lines = int((np.diff(long) > 2).sum()) + 1 if len(long) else 0
        middle = np.unique(rows[length >= 48])
        found += [
            float(np.log1p(lines)),
            float(np.log1p((np.diff(middle) > 2).sum() + (len(middle) > 0))),
            float(np.log1p((length >= 32).sum())),
            _share(length.max(initial=0), page.shape[1]),
            float(rows[length.argmax()]) / page.shape[0] if len(length) else 0.0,
            float(starts[length.argmax()]) / page.shape[1] if len(length) else 0.0,
            float(np.median(length)) / 16 if len(length) else 0.0,
        ]
    return found


def _directions(dark: Floats) -> list[float]:
    """In which directions edges run, and how evenly."""
    across = dark[1:-1, 2:] - dark[1:-1, :-2]
    down = dark[2:, 1:-1] - dark[:-2, 1:-1]
    strong = (np.abs(across) + np.abs(down)) > 0.25
    across, down = across[strong], down[strong]
    force = np.hypot(across, down)
    turn = np.arctan2(down, across)
    bins = (np.round(turn / (np.pi / 12)).astype(np.int64)) % 12
    shares = np.bincount(bins, force, 12) / max(float(force.sum()), 1e-6)
    entropy = -float((shares * np.log(shares + 1e-9)).sum())
    chemical = float(shares[[2, 10]].sum() + shares[[4, 8]].sum())
    return [*shares, entropy, float(shares[0] + shares[6]), chemical, float(force.sum()) / dark.size * 10]


def _letter_like(parts: Components) -> npt.NDArray[np.bool_]:
    larger = np.maximum(parts.width, parts.height)
    chosen: npt.NDArray[np.bool_] = (larger >= 3) & (larger <= 26) & (parts.area >= 3)
    return chosen


def _sizes(parts: Components, letters: npt.NDArray[np.bool_]) -> list[float]:
    """Of how many pieces the ink is, and of which sizes."""
    larger = np.maximum(parts.width, parts.height)
    count, total = max(len(parts), 1), max(int(parts.area.sum()), 1)
    pieces = np.histogram(larger, _SIZES)[0] / count
    weight = np.histogram(larger, _SIZES, weights=parts.area)[0] / total
    height = parts.height[letters]
    spread = float(height.std() / height.mean()) if len(height) else 0.0
    box = parts.width * parts.height
    page = parts.shape[0] * parts.shape[1]
    fill = parts.area / np.maximum(box, 1)
    return [
        float(np.log1p(len(parts))),
        float(np.log1p(letters.sum())),
        *pieces,
        *weight,
        _share(parts.area.max(initial=0), total),
        _share(box.max(initial=0), page),
        float(np.median(height)) / 10 if len(height) else 0.0,
        spread,
        float(fill[letters].mean()) if letters.any() else 0.0,
        _share(box[letters].sum(), page),
        float(np.log(parts.shape[1] / parts.shape[0])),
        _share((fill[letters] > 0.85).sum(), letters.sum()),
    ]


def _lines_of_print(parts: Components, letters: npt.NDArray[np.bool_], sideways: bool = False) -> list[float]:
    """How the small pieces line up: in rows, at equal steps, from a common margin."""
    if sideways:
        low, left, stop, size = parts.right, parts.top, parts.bottom, parts.width
    else:
        low, left, stop, size = parts.bottom, parts.left, parts.right, parts.height
    chosen = np.flatnonzero(letters & (size >= 4))[:_MOST_LETTERS]
    count = len(chosen)
    if count < 3:
        return [0.0] * 13
    base, left, stop, size = low[chosen], left[chosen], stop[chosen], size[chosen]
    levels = np.bincount(base)
    near = np.convolve(levels, [1, 1, 1], "same")
    crowd = near[base]
    order = np.lexsort((left, base // 3))
    row, start, end, tall = (base // 3)[order], left[order], stop[order], size[order]
    same = row[1:] == row[:-1]
    step = (start[1:] - start[:-1])[same]
    gap = (start[1:] - end[:-1])[same]
    step = step[(step > 0) & (step < 60)]
    typical = float(np.median(step)) if len(step) else 0.0
    firsts = start[np.flatnonzero(np.diff(row, prepend=-1))]
    margin = np.bincount(firsts // 3) if len(firsts) else np.zeros(1)
    rows_used = max(len(np.unique(row)), 1)
    return [
        _share((crowd >= 4).sum(), count),
        _share((crowd >= 8).sum(), count),
        _share((crowd >= 20).sum(), count),
        count / rows_used / 20,
        typical / 10,
        _share((np.abs(step - typical) <= 1).sum(), len(step)),
        _share(((step > 1.7 * typical) & (step < 2.4 * typical)).sum(), len(step)),
        float(np.log1p(gap[(gap > 14)].size)),
        _share((gap > 14).sum(), len(gap)),
        _share((gap < 5).sum(), len(gap)),
        _share(margin.max(), len(firsts)),
        _share(np.sort(margin)[-3:].sum(), len(firsts)),
        float(np.median(tall)) / 10,
    ]


def _boxes(holes: Components, parts: Components, letters: npt.NDArray[np.bool_]) -> list[float]:
    """The paper that is closed in by lines: boxes, diamonds, discs, cells, and whether letters are inside."""
    height, width = holes.shape
    inner = (holes.left > 0) & (holes.top > 0) & (holes.right < width) & (holes.bottom < height)
    wide, tall = holes.width, holes.height
    row, start, stop, owner = holes.runs.T
    length = (stop - start).astype(np.float64)
    first = np.bincount(owner, length * (row == holes.top[owner]), len(holes))
    last = np.bincount(owner, length * (row == holes.bottom[owner] - 1), len(holes))
    ends = np.minimum(first, last) / np.maximum(wide, 1)
    fill = holes.area / np.maximum(wide * tall, 1)
    large = inner & (np.minimum(wide, tall) >= 9) & (holes.area >= 120)
    square = large & (ends > 0.85) & (fill > 0.35)
    rounded = large & (ends > 0.5) & (ends <= 0.85) & (fill > 0.5)
    diamond = large & (ends < 0.15) & (fill > 0.25) & (fill < 0.62)
    disc = large & (ends < 0.5) & (fill > 0.62) & (fill < 0.84)
    other = large & ~(square | rounded | diamond | disc)
    small = inner & ~large & (holes.area >= 4)
    page = height * width
    found = [float(np.log1p(kind.sum())) for kind in (large, square, rounded, diamond, disc, other, small)]
    found += [_share(holes.area[kind].sum(), page) for kind in (square, rounded, diamond, disc, other)]
    found += [_share(kind.sum(), large.sum()) for kind in (square, rounded, diamond, disc, other)]
    found.append(_share((wide * tall)[square].max(initial=0), page))
    w, h = wide[square], tall[square]
    if len(w) > 1:
        alike = (np.abs(w[:, None] - w) <= 3) & (np.abs(h[:, None] - h) <= 3)
        found += [float(alike.sum(1).max()) / len(w), float(np.median(w / h)) / 4]
        found += [len(np.unique(side[square] // 4)) / len(w) for side in (holes.left, holes.top)]
        near = np.abs(holes.left[square][:, None] - holes.right[square]) <= 5
        found.append(float(near.any(1).mean()))
    else:
        found += [0.0] * 5
    ring = square | rounded | diamond | disc
    chosen = np.flatnonzero(letters)[:_MOST_LETTERS]
    boxed = np.flatnonzero(ring)[:200]
    if len(chosen) and len(boxed):
        x = (parts.left[chosen] + parts.right[chosen])[:, None] / 2
        y = (parts.top[chosen] + parts.bottom[chosen])[:, None] / 2
        inside = (x > holes.left[boxed]) & (x < holes.right[boxed]) & (y > holes.top[boxed])
        inside &= y < holes.bottom[boxed]
        each = inside.sum(0)
        found += [float(inside.any(1).mean()), float((each > 0).mean()), float((each >= 3).mean())]
        found.append(float(np.log1p(np.median(each))))
    else:
        found += [0.0] * 4
    return found


def _profiles(ink: Ink) -> list[float]:
    """How the ink repeats down and across the page."""
    found: list[float] = []
    for axis in (1, 0):
        profile = ink.mean(axis)
        found.append(float((profile < 0.002).mean()))
        level = profile - profile.mean()
        level = np.clip(level, None, 4 * level.std() + 1e-9)
        power = float(level @ level)
        lags = range(5, min(64, len(level) // 3))
        echo = [float(level[:-lag] @ level[lag:]) / power for lag in lags] if power > 1e-9 else []
        found.append(max(echo, default=0.0))
        found.append((int(np.argmax(echo)) + 5) / 64 if echo else 0.0)
        found.append(min(echo, default=0.0))
        found.append(float(profile.max(initial=0)))
        found.append(float(profile.std() / (profile.mean() + 1e-6)) / 3)
    third = [side // 3 for side in ink.shape]
    whole = max(float(ink.mean()), 1e-6)
    for y in range(3):
        for x in range(3):
            cell = ink[y * third[0] : (y + 1) * third[0], x * third[1] : (x + 1) * third[1]]
            found.append(float(np.log1p(cell.mean() / whole)) if cell.size else 0.0)
    return found
