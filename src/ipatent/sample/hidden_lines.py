"""Which lines of a scene can be seen: a depth buffer of surfaces, and lines tested against it.

Outlines of curved surfaces are the zero crossings of normal times view direction, interpolated
within triangles (Hertzmann, 1999), so that they run smoothly over coarse meshes.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ipatent.sample.profiles import Floats
from ipatent.sample.scene import Lines, Scene
from ipatent.sample.views import Camera

Ints = npt.NDArray[np.int64]
LineKind = Literal["crease", "outline", "contact", "axis", "shading", "cut"]

_NEAR = 1.6
"""Depth, in pixels, by which a line may lie behind a foreign surface and still count as seen."""
_OWN = 0.035
"""The same for the surfaces that meet in the line, as a share of the picture's size."""


@dataclass(frozen=True, slots=True, eq=False)
class SeenLine:
    """A visible run of a line: points (k, 2) in view pixels, y downwards."""

    points: Floats
    kind: LineKind
    part: int


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a camera sees of a scene.

    `part_map` (height, width) holds the visible part of each pixel, -1 for none; `surface_map` the
    visible surface. `cut` (n, 2, 2) are the pieces of the section's outline with their shells.
    """

    width: int
    height: int
    lines: tuple[SeenLine, ...]
    part_map: Ints
    surface_map: Ints
    shade: npt.NDArray[np.float32] | None
    cut: Floats
    cut_shell: Ints
    shell_part: Ints
    project: "Projection"


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """The map from model space to view pixels and depth."""

    camera: Camera
    centre: Floats
    reach: float
    """Distance of the eye in model units; 0 for a parallel projection."""
    scale: float
    shift: Floats

    def __call__(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels (n, 2) and depth (n,), in pixels, growing away from the eye."""
        local = (points - self.centre) @ self.camera.axes.T
        if self.reach:
            gap = self.reach - local[:, 2]
            flat = local[:, :2] * (self.reach / gap)[:, None]
            depth = self.reach - self.reach * self.reach / gap
        else:
            flat, depth = local[:, :2], -local[:, 2]
        pixels = flat * np.array([self.scale, -self.scale]) + self.shift
        return pixels, depth * self.scale

    def towards(self, points: Floats) -> Floats:
        """Vectors (n, 3) or (1, 3) from points to the eye."""
        if not self.reach:
            return self.camera.axes[2:]
        return np.asarray(self.centre + self.camera.axes[2] * self.reach - points)


def look(
    scene: Scene, camera: Camera, resolution: int = 560, section: bool = False, shaded: bool = False
) -> Seen:
    """What `camera` sees of `scene`, at `resolution` pixels for the longer side.

    With `section` the half of the scene that is nearer than its middle is cut away.
    """
    projection = _projection(scene, camera, resolution)
    pixels, depth = projection(scene.vertices)
    width, height = (int(v) for v in np.ceil(pixels.max(0)) + 3)
    facing = np.einsum(
        "ij,ij->i", scene.normals, np.broadcast_to(projection.towards(scene.vertices), scene.normals.shape)
    )
    near = 0.0 if section else None
    buffer, owner = _depth_buffer(pixels, depth, scene.triangles, width, height, near)
    surface_map = np.where(owner >= 0, scene.surfaces[owner], -1)
    part_map = np.where(owner >= 0, scene.surface_part[surface_map], -1)
    cut, cut_shell = np.zeros((0, 2, 2)), np.zeros(0, np.int64)
    if section:
        cut, cut_shell = _cut(pixels, depth, scene)
        for shell in np.unique(cut_shell):
            inside = fill_even_odd(cut[cut_shell == shell], width, height)
            buffer[inside] = 0.0
            part_map[inside] = scene.shell_part[shell]
            surface_map[inside] = -2
    shade = None
    if shaded:
        shade = _shade(pixels, scene, owner, width, height, camera)
    test = _Test(projection, buffer, surface_map, near)
    lines = test.seen(scene.creases, "crease") + test.seen(scene.contacts, "contact")
    lines += test.seen(_outlines(scene, facing), "outline")
    lines += test.seen(scene.axes, "axis") + test.seen(scene.strokes, "shading")
    return Seen(
        width,
        height,
        tuple(lines),
        part_map,
        surface_map,
        shade,
        cut,
        cut_shell,
        scene.shell_part,
        projection,
    )


def _projection(scene: Scene, camera: Camera, resolution: int) -> Projection:
    reach = camera.distance * scene.size if camera.distance else 0.0
    rough = Projection(camera, scene.centre, reach, 1.0, np.zeros(2))
    flat, _ = rough(scene.vertices)
    low, high = flat.min(0), flat.max(0)
    scale = resolution / max(1e-9, float((high - low).max()))
    return Projection(camera, scene.centre, reach, scale, 3.0 - low * scale)


def _depth_buffer(
    pixels: Floats, depth: Floats, triangles: Ints, width: int, height: int, near: float | None
) -> tuple[npt.NDArray[np.float32], Ints]:
    """The nearest depth at each pixel and the triangle seen there (-1 for none)."""
    corners = pixels[triangles]
    first = corners[:, 1] - corners[:, 0]
    second = corners[:, 2] - corners[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    # Without a section only front faces matter; y points downwards, which turns the sign.
    chosen = np.flatnonzero(np.abs(area) > 1e-9) if near is not None else np.flatnonzero(area < -1e-9)
    corners, z, area = corners[chosen], depth[triangles[chosen]], area[chosen]
    first, second = first[chosen], second[chosen]
    dz1, dz2 = z[:, 1] - z[:, 0], z[:, 2] - z[:, 0]
    slope_x = (dz1 * second[:, 1] - dz2 * first[:, 1]) / area
    slope_y = (dz2 * first[:, 0] - dz1 * second[:, 0]) / area
    base = z[:, 0] - slope_x * corners[:, 0, 0] - slope_y * corners[:, 0, 1]
    nearest, farthest = z.min(1), z.max(1)
    order = np.argsort(corners[:, :, 1], axis=1)
    a, b, c = np.moveaxis(np.take_along_axis(corners, order[:, :, None], axis=1), 1, 0)
    top = np.ceil(a[:, 1]).astype(np.int64)
    rows = np.maximum(np.floor(c[:, 1]).astype(np.int64) - top + 1, 0)
    face, step = _expand(rows)
    y = top[face] + step
    long = a[face, 0] + (y - a[face, 1]) * ((c - a)[:, 0] / np.maximum((c - a)[:, 1], 1e-12))[face]
    upper = a[face, 0] + (y - a[face, 1]) * ((b - a)[:, 0] / np.maximum((b - a)[:, 1], 1e-12))[face]
    lower = b[face, 0] + (y - b[face, 1]) * ((c - b)[:, 0] / np.maximum((c - b)[:, 1], 1e-12))[face]
    short = np.where(y < b[face, 1], upper, lower)
    left = np.ceil(np.minimum(long, short)).astype(np.int64)
    spans = np.maximum(np.floor(np.maximum(long, short)).astype(np.int64) - left + 1, 0)
    row, step = _expand(spans)
    x, y, face = left[row] + step, y[row], face[row]
    z = base[face] + slope_x[face] * x + slope_y[face] * y
    z = np.clip(z, nearest[face], farthest[face]).astype(np.float32)
    index = y * width + x
    if near is not None:
        keep = z >= near
        z, index, face = z[keep], index[keep], face[keep]
    buffer = np.full(width * height, np.inf, dtype=np.float32)
    owner = np.full(width * height, -1, dtype=np.int64)
    np.minimum.at(buffer, index, z)
    front = z <= buffer[index]
    owner[index[front]] = chosen[face[front]]
    return buffer.reshape(height, width), owner.reshape(height, width)


def _expand(counts: Ints) -> tuple[Ints, Ints]:
    """For each count the row number repeated, and 0, 1, 2 … within it."""
    rows = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return rows, np.arange(len(rows)) - starts[rows]


def _outlines(scene: Scene, facing: Floats) -> Lines:
    """Where curved surfaces turn away from the eye, chained into polylines."""
    values = facing[scene.triangles]
    front = values > 0
    chosen = np.flatnonzero(front.any(1) & ~front.all(1))
    triangles, values, front = scene.triangles[chosen], values[chosen], front[chosen]
    # The corner whose sign differs from both others: the outline cuts the two sides that meet there.
    lone = np.where(front.sum(1) == 1, front.argmax(1), (~front).argmax(1))
    rows = np.arange(len(chosen))
    ends: list[Floats] = []
    keys: list[Ints] = []
    for offset in (1, 2):
        other = (lone + offset) % 3
        va, vb = values[rows, lone], values[rows, other]
        ia, ib = triangles[rows, lone], triangles[rows, other]
        t = (va / (va - vb))[:, None]
        ends.append(scene.vertices[ia] * (1 - t) + scene.vertices[ib] * t)
        keys.append(np.minimum(ia, ib) * len(scene.vertices) + np.maximum(ia, ib))
    points, owner, source = _chained(ends[0], ends[1], keys[0].tolist(), keys[1].tolist())
    surfaces = scene.surfaces[chosen][source] if len(source) else np.zeros(0, np.int64)
    return Lines(
        points, owner, np.stack([surfaces, surfaces], 1), scene.surface_part[surfaces], np.zeros((0, 3))
    )


def _chained(first: Floats, second: Floats, a: list[int], b: list[int]) -> tuple[Floats, Ints, Ints]:
    """Segments with equal end keys joined: points, line numbers, and one segment of each line."""
    at: dict[int, list[int]] = {}
    for number, (u, v) in enumerate(zip(a, b, strict=True)):
        at.setdefault(u, []).append(number)
        at.setdefault(v, []).append(number)
    used = [False] * len(a)
    chains: list[list[tuple[int, bool]]] = []

    def follow(number: int, forwards: bool) -> list[tuple[int, bool]]:
        chain: list[tuple[int, bool]] = []
        while True:
            used[number] = True
            chain.append((number, forwards))
            key = b[number] if forwards else a[number]
            onward = [other for other in at[key] if not used[other]]
            if not onward:
                return chain
            number = onward[0]
            forwards = a[number] == key

    loose = [number for number in range(len(a)) if len(at[a[number]]) == 1 or len(at[b[number]]) == 1]
    for number in (*loose, *range(len(a))):
        if not used[number]:
            chains.append(follow(number, len(at[a[number]]) == 1 or len(at[b[number]]) != 1))
    if not chains:
        return np.zeros((0, 3)), np.zeros(0, np.int64), np.zeros(0, np.int64)
    points: list[Floats] = []
    for chain in chains:
        numbers = np.array([number for number, _ in chain])
        forwards = np.array([direction for _, direction in chain])[:, None]
        starts = np.where(forwards, first[numbers], second[numbers])
        last = second[numbers[-1:]] if chain[-1][1] else first[numbers[-1:]]
        points.append(np.concatenate([starts, last]))
    owner = np.repeat(np.arange(len(chains)), [len(p) for p in points])
    return np.concatenate(points), owner, np.array([chain[0][0] for chain in chains])


class _Test:
    """Tests lines against the depth buffer."""

    def __init__(
        self, projection: Projection, buffer: npt.NDArray[np.float32], surfaces: Ints, near: float | None
    ) -> None:
        self._project = projection
        self._buffer = buffer
        self._surfaces = surfaces
        self._near = near
        self._own = _OWN * max(buffer.shape)

    def seen(self, lines: Lines, kind: LineKind) -> list[SeenLine]:
        """The pieces of the lines that no surface hides, in pixels."""
        if len(lines.points) < 2:
            return []
        pixels, depth = self._project(lines.points)
        start = np.flatnonzero(lines.owner[1:] == lines.owner[:-1])
        length = np.linalg.norm(pixels[start + 1] - pixels[start], axis=1)
        counts = np.maximum(1, np.ceil(length)).astype(np.int64)
        segment, step = _expand(counts + 1)
        t = step / counts[segment]
        i = start[segment]
        xy = pixels[i] + t[:, None] * (pixels[i + 1] - pixels[i])
        z = depth[i] + t * (depth[i + 1] - depth[i])
        line = lines.owner[i]
        visible = self._visible(xy, z, lines.surfaces[line], kind)
        if kind == "shading":
            visible &= self._grazing(lines, i, t)
        return [SeenLine(xy[a:b], kind, int(lines.part[line[a]])) for a, b in _runs(visible, line)]

    def _visible(self, xy: Floats, z: Floats, surfaces: Ints, kind: LineKind) -> npt.NDArray[np.bool_]:
        height, width = self._buffer.shape
        x0, y0 = np.floor(xy[:, 0]).astype(np.int64), np.floor(xy[:, 1]).astype(np.int64)
        visible = np.zeros(len(z), dtype=bool)
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            x, y = np.clip(x0 + dx, 0, width - 1), np.clip(y0 + dy, 0, height - 1)
            there, surface = self._buffer[y, x], self._surfaces[y, x]
            own = (surface == surfaces[:, 0]) | (surface == surfaces[:, 1])
            if kind == "shading":
                visible |= own & (np.abs(z - there) < self._own)
            else:
                visible |= (z <= there + _NEAR) | (own & (z - there < self._own))
        if self._near is not None:
            visible &= z >= self._near - 0.25
        return visible

    def _grazing(self, lines: Lines, i: Ints, t: Floats) -> npt.NDArray[np.bool_]:
        normal = lines.normals[i] + t[:, None] * (lines.normals[i + 1] - lines.normals[i])
        towards = np.broadcast_to(self._project.towards(lines.points[i]), normal.shape)
        cosine = np.einsum("ij,ij->i", normal, towards) / (
            np.linalg.norm(normal, axis=1) * np.linalg.norm(towards, axis=1) + 1e-12
        )
        return np.asarray((cosine > 0.04) & (cosine < 0.62))


def _runs(visible: npt.NDArray[np.bool_], line: Ints) -> list[tuple[int, int]]:
    """First and past-the-last sample of each visible run of at least three samples of one line."""
    same = line[1:] == line[:-1]
    before, after = visible.copy(), visible.copy()
    before[1:][same] = visible[:-1][same]
    after[:-1][same] = visible[1:][same]
    smooth = (before.astype(np.int8) + visible + after) >= 2
    breaks = np.flatnonzero((smooth[1:] != smooth[:-1]) | ~same) + 1
    starts = np.concatenate([[0], breaks])
    ends = np.concatenate([breaks, [len(smooth)]])
    keep = smooth[starts] & (ends - starts >= 2)
    return list(zip(starts[keep].tolist(), ends[keep].tolist(), strict=True))


def _cut(pixels: Floats, depth: Floats, scene: Scene) -> tuple[Floats, Ints]:
    """Outline pieces (n, 2, 2) of the section through depth 0, and the shell each belongs to."""
    z = depth[scene.triangles]
    behind = z >= 0
    chosen = np.flatnonzero(behind.any(1) & ~behind.all(1))
    triangles, z, behind = scene.triangles[chosen], z[chosen], behind[chosen]
    lone = np.where(behind.sum(1) == 1, behind.argmax(1), (~behind).argmax(1))
    rows = np.arange(len(chosen))
    ends = []
    for offset in (1, 2):
        other = (lone + offset) % 3
        za, zb = z[rows, lone], z[rows, other]
        t = (za / (za - zb))[:, None]
        ends.append(pixels[triangles[rows, lone]] * (1 - t) + pixels[triangles[rows, other]] * t)
    return np.stack(ends, 1), scene.shells[chosen]


def fill_even_odd(pieces: Floats, width: int, height: int) -> npt.NDArray[np.bool_]:
    """Pixels (height, width) inside the closed outlines that the pieces (n, 2, 2) make up."""
    toggles = np.zeros((height, width + 1), dtype=np.int32)
    low, high = pieces[:, :, 1].min(1), pieces[:, :, 1].max(1)
    first = np.ceil(low).astype(np.int64)
    piece, step = _expand(np.maximum(np.ceil(high).astype(np.int64) - first, 0))
    y = first[piece] + step
    a, b = pieces[piece, 0], pieces[piece, 1]
    x = a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / np.where(b[:, 1] == a[:, 1], 1.0, b[:, 1] - a[:, 1])
    column = np.clip(np.ceil(x), 0, width).astype(np.int64)
    inside = (y >= 0) & (y < height)
    np.add.at(toggles, (y[inside], column[inside]), 1)
    return np.asarray(np.cumsum(toggles[:, :width], axis=1) % 2 == 1)


def _shade(
    pixels: Floats, scene: Scene, owner: Ints, width: int, height: int, camera: Camera
) -> npt.NDArray[np.float32]:
    """Brightness (height, width) in [0, 1] under one lamp over the left shoulder; 1 outside."""
    shade = np.ones(width * height, dtype=np.float32)
    seen = np.flatnonzero(owner.ravel() >= 0)
    face = owner.ravel()[seen]
    xy = np.stack([seen % width, seen // width], 1).astype(float)
    corners = pixels[scene.triangles[face]]
    first, second, at = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0], xy - corners[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    v = np.clip((at[:, 0] * second[:, 1] - at[:, 1] * second[:, 0]) / area, 0, 1)
    w = np.clip((first[:, 0] * at[:, 1] - first[:, 1] * at[:, 0]) / area, 0, 1)
    weights = np.stack([np.clip(1 - v - w, 0, 1), v, w], 1)
    normal = np.einsum("ij,ijk->ik", weights, scene.normals[scene.triangles[face]])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    lamp = np.array([-0.45, 0.6, 0.66]) @ camera.axes
    shade[seen] = 0.3 + 0.68 * np.clip(normal @ lamp, 0, 1)
    return shade.reshape(height, width)
