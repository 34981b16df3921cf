"""Solids made of smooth surfaces, with the edges a draughtsman would draw; z points upwards.

A solid carries triangles only to hide what lies behind it. What is drawn are its edges, made along
with the surface, and the outlines of its curved surfaces, found from the normals of each view.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ipatent.sample.profiles import Floats, circle, rectangle
from ipatent.sample.triangulation import cap_triangles, signed_area

Ints = npt.NDArray[np.int64]

_CREASE = math.cos(math.radians(32))


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """A line where two surfaces meet: points (k, 3) and the numbers of the surfaces."""

    points: Floats
    surfaces: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A line on a curved surface along which a draughtsman shades: points and normals (k, 3)."""

    points: Floats
    normals: Floats
    surface: int


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """One or more closed shells.

    `vertices` and `normals` are (n, 3); `triangles` (m, 3) index them; `surfaces` (m,) and
    `shells` (m,) number the smooth surface and the closed shell each triangle belongs to.
    """

    vertices: Floats
    normals: Floats
    triangles: Ints
    surfaces: Ints
    shells: Ints
    edges: tuple[Edge, ...]
    strokes: tuple[Stroke, ...]

    @property
    def surface_count(self) -> int:
        """How many smooth surfaces there are."""
        return int(self.surfaces.max()) + 1

    @property
    def low(self) -> Floats:
        """The least x, y, z."""
        return np.asarray(self.vertices.min(axis=0))

    @property
    def high(self) -> Floats:
        """The greatest x, y, z."""
        return np.asarray(self.vertices.max(axis=0))

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> "Solid":
        """The solid shifted."""
        return self.mapped(np.eye(3), np.array([x, y, z], dtype=float))

    def turned(self, axis: str, degrees: float) -> "Solid":
        """The solid turned about a coordinate axis through the origin, by the right-hand rule."""
        return self.mapped(turn(axis, degrees), np.zeros(3))

    def scaled(self, x: float = 1.0, y: float = 1.0, z: float = 1.0) -> "Solid":
        """The solid stretched along the axes; a negative factor mirrors it."""
        return self.mapped(np.diag([x, y, z]), np.zeros(3))

    def mapped(self, matrix: Floats, shift: Floats) -> "Solid":
        """The solid under an invertible linear map and a shift."""
        inverse = np.linalg.inv(matrix)
        normals = _unit(self.normals @ inverse)
        triangles = self.triangles[:, ::-1] if np.linalg.det(matrix) < 0 else self.triangles
        return replace(
            self,
            vertices=self.vertices @ matrix.T + shift,
            normals=normals,
            triangles=triangles,
            edges=tuple(Edge(e.points @ matrix.T + shift, e.surfaces) for e in self.edges),
            strokes=tuple(
                Stroke(s.points @ matrix.T + shift, _unit(s.normals @ inverse), s.surface)
                for s in self.strokes
            ),
        )


def turn(axis: str, degrees: float) -> Floats:
    """The rotation matrix about a coordinate axis."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    if axis == "x":
        return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    if axis == "y":
        return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


def join(*solids: Solid) -> Solid:
    """Several solids as one; each keeps its shells, surfaces and edges."""
    vertex = surface = shell = 0
    triangles, surfaces, shells = [], [], []
    edges: list[Edge] = []
    strokes: list[Stroke] = []
    for solid in solids:
        triangles.append(solid.triangles + vertex)
        surfaces.append(solid.surfaces + surface)
        shells.append(solid.shells + shell)
        edges += [Edge(e.points, (e.surfaces[0] + surface, e.surfaces[1] + surface)) for e in solid.edges]
        strokes += [Stroke(s.points, s.normals, s.surface + surface) for s in solid.strokes]
        vertex += len(solid.vertices)
        surface += solid.surface_count
        shell += int(solid.shells.max()) + 1
    return Solid(
        np.concatenate([s.vertices for s in solids]),
        np.concatenate([s.normals for s in solids]),
        np.concatenate(triangles),
        np.concatenate(surfaces),
        np.concatenate(shells),
        tuple(edges),
        tuple(strokes),
    )


def lathe(profile: Sequence[Sequence[float]] | Floats, segments: int = 48, ring: bool = False) -> Solid:
    """The solid of revolution about z of a profile of (radius, z) points.

    With `ring` the profile is a closed outline that stays off the axis; else it runs from the axis
    to the axis (missing ends are closed flat). Corners of more than 32 degrees become edges.
    """
    points = np.asarray(profile, dtype=float)
    if not ring:
        ends = [np.array([[0.0, points[0, 1]]])] if points[0, 0] > 1e-9 else []
        tails = [np.array([[0.0, points[-1, 1]]])] if points[-1, 0] > 1e-9 else []
        points = np.concatenate([*ends, points, *tails])
    if signed_area(points) < 0:
        points = points[::-1]
    angles = np.linspace(0, 2 * math.pi, segments + 1)
    cos, sin = np.cos(angles), np.sin(angles)
    shell = _Shell()
    for band, start, smooth in _bands(points, ring):
        r, z = band[:, :1], band[:, 1:]
        grid = np.stack([r * cos, r * sin, np.broadcast_to(z, (len(band), segments + 1))], 2)
        tangent = _tangents(band, smooth)
        out = np.stack([tangent[:, 1], -tangent[:, 0]], 1)
        normals = np.stack(
            [out[:, :1] * cos, out[:, :1] * sin, np.broadcast_to(out[:, 1:], grid.shape[:2])], 2
        )
        flat = len(band) == 2 and abs(band[0, 1] - band[1, 1]) < 1e-9
        step = 1 if segments <= 24 else 2
        lines = [] if flat else [(grid[:, c], normals[:, c]) for c in range(0, segments, step)]
        shell.grid(grid, normals, lines)
        if start is not None and band[0, 0] > 1e-9:
            shell.edge(grid[0], start)
    return shell.solid()


def extrude(
    outline: Floats, height: float, holes: Sequence[Floats] = (), base: float = 0.0, taper: float = 1.0
) -> Solid:
    """A plate of this outline from z = `base` to `base + height`, with holes through it.

    `taper` scales the upper outline about the origin. Corners of more than 32 degrees become edges.
    """
    loops = [outline if signed_area(outline) > 0 else outline[::-1]]
    loops += [hole if signed_area(hole) < 0 else hole[::-1] for hole in holes]
    flat, triangles = cap_triangles(loops)
    shell = _Shell()
    bottom = shell.cap(np.column_stack([flat, np.full(len(flat), base)]), triangles, np.array([0, 0, -1.0]))
    top = shell.cap(
        np.column_stack([flat * taper, np.full(len(flat), base + height)]), triangles, np.array([0, 0, 1.0])
    )
    for loop in loops:
        first = shell.surface_count
        for band, start, smooth in _bands(loop, closed=True):
            tangent = _tangents(band, smooth)
            out = np.stack([tangent[:, 1], -tangent[:, 0], np.zeros(len(band))], 1)
            low = np.column_stack([band, np.full(len(band), base)])
            high = np.column_stack([band * taper, np.full(len(band), base + height)])
            grid, normals = np.stack([low, high]), np.stack([out, out])
            lines = [(grid[:, c], normals[:, c]) for c in range(1, len(band) - 1)] if len(band) > 3 else []
            side = shell.grid(grid, normals, lines)
            shell.edge(low, (side, bottom))
            shell.edge(high, (side, top))
            if start is not None:
                shell.edge(grid[:, 0], (start[0] + first, start[1] + first))
    return shell.solid()


def sweep(
    profile: Floats,
    path: Sequence[Sequence[float]] | Floats,
    closed: bool = False,
    scales: Floats | None = None,
) -> Solid:
    """A bar whose section is `profile` (x to the side, y upwards) along a path in space.

    `scales` (one a path point) thickens or thins it. A closed path has no ends.
    """
    spine = np.asarray(path, dtype=float)
    if signed_area(profile) < 0:
        profile = profile[::-1]
    along = _unit(np.roll(spine, -1, 0) - np.roll(spine, 1, 0) if closed else np.gradient(spine, axis=0))
    side, up = _frames(along)
    size = np.ones(len(spine)) if scales is None else scales
    shell = _Shell()
    rings = [0, -1]
    if closed:
        spine, along, size = (np.concatenate([a, a[:1]]) for a in (spine, along, size))
        side, up = np.concatenate([side, side[:1]]), np.concatenate([up, up[:1]])
    caps: list[int] = []
    if not closed:
        flat, triangles = cap_triangles([profile])
        for end, sign in ((0, -1.0), (-1, 1.0)):
            points = spine[end] + size[end] * (flat[:, :1] * side[end] + flat[:, 1:] * up[end])
            caps.append(shell.cap(points, triangles, sign * along[end]))
    first_surface = shell.surface_count
    for band, start, smooth in _bands(profile, closed=True):
        tangent = _tangents(band, smooth)
        out = np.stack([tangent[:, 1], -tangent[:, 0]], 1)
        grid = spine[:, None] + size[:, None, None] * (
            band[None, :, :1] * side[:, None] + band[None, :, 1:] * up[:, None]
        )
        normals = out[None, :, :1] * side[:, None] + out[None, :, 1:] * up[:, None]
        lines = [(grid[:, c], normals[:, c]) for c in range(len(band) - 1)] if len(band) > 3 else []
        surface = shell.grid(grid, normals, lines)
        for end, cap in zip(rings, caps, strict=False):
            shell.edge(grid[end], (surface, cap))
        if start is not None:
            shell.edge(grid[:, 0], (start[0] + first_surface, start[1] + first_surface))
    return shell.solid()


def tube(
    path: Sequence[Sequence[float]] | Floats,
    radius: float,
    sides: int = 16,
    closed: bool = False,
    scales: Floats | None = None,
) -> Solid:
    """A round bar along a path in space."""
    return sweep(circle(radius, sides), path, closed, scales)


def loft(rings: Sequence[Floats] | Floats, lines: int = 0) -> Solid:
    """A smooth body through closed rings of equally many points (k, 3), with flat ends.

    The rings run from low to high, each anticlockwise seen from the far end. `lines` asks for that
    many shading strokes along it.
    """
    grid = np.asarray(rings, dtype=float)
    centre = grid.mean(axis=1)
    first = grid[0] - centre[0]
    turning = np.cross(first, np.roll(first, -1, 0)).sum(0) @ (centre[-1] - centre[0])
    if turning < 0:
        grid = grid[:, ::-1]
    around = np.roll(grid, -1, 1) - np.roll(grid, 1, 1)
    normals = np.cross(around, np.gradient(grid, axis=0))
    wrapped = np.concatenate([grid, grid[:, :1]], 1)
    normals = np.concatenate([normals, normals[:, :1]], 1)
    shell = _Shell()
    every = max(1, grid.shape[1] // lines) if lines else 0
    strokes = [(wrapped[:, c], normals[:, c]) for c in range(0, grid.shape[1], every)] if every else []
    side = shell.grid(wrapped, normals, strokes)
    for end, sign in ((0, -1.0), (-1, 1.0)):
        ring = grid[end]
        if np.ptp(ring, axis=0).max() < 1e-6:
            continue
        fan = np.concatenate([ring, [ring.mean(0)]])
        count = len(ring)
        index = np.arange(count)
        triangles = np.stack([index, (index + 1) % count, np.full(count, count)], 1)
        cap = shell.cap(fan, triangles, sign * _unit((centre[-1] - centre[0])[None])[0])
        shell.edge(wrapped[end], (side, cap))
    return shell.solid()


def box(width: float, depth: float, height: float, radius: float = 0.0) -> Solid:
    """A block centred on x and y that stands on z = 0; `radius` rounds its upright corners."""
    return extrude(rectangle(width, depth, radius), height)


def cylinder(radius: float, height: float, segments: int = 40) -> Solid:
    """An upright cylinder that stands on z = 0."""
    return lathe([(0, 0), (radius, 0), (radius, height), (0, height)], segments)


def pipe(outer: float, inner: float, height: float, segments: int = 40) -> Solid:
    """An upright hollow cylinder that stands on z = 0."""
    return lathe([(inner, 0), (outer, 0), (outer, height), (inner, height)], segments, ring=True)


def ball(radius: float, segments: int = 32, squash: float = 1.0) -> Solid:
    """A ball about the origin, flattened by `squash` along z."""
    t = np.linspace(-math.pi / 2, math.pi / 2, segments // 2 + 1)
    points = np.stack([radius * np.cos(t), radius * squash * np.sin(t)], 1)
    points[[0, -1], 0] = 0.0
    return lathe(points, segments)


def torus(radius: float, thickness: float, segments: int = 48, sides: int = 16) -> Solid:
    """A ring about z: `radius` to the middle of its round section of radius `thickness`."""
    return lathe(circle(thickness, sides) + np.array([radius, 0.0]), segments, ring=True)


def rod(
    start: Sequence[float] | Floats, end: Sequence[float] | Floats, radius: float, sides: int = 16
) -> Solid:
    """A straight round bar between two points."""
    return tube(np.array([start, end], dtype=float), radius, sides)


def beam(
    start: Sequence[float] | Floats, end: Sequence[float] | Floats, width: float, height: float
) -> Solid:
    """A straight rectangular bar between two points."""
    return sweep(rectangle(width, height), np.array([start, end], dtype=float))


class _Shell:
    """Collects the surfaces of one closed shell."""

    def __init__(self) -> None:
        self._vertices: list[Floats] = []
        self._normals: list[Floats] = []
        self._triangles: list[Ints] = []
        self._surfaces: list[Ints] = []
        self._edges: list[Edge] = []
        self._strokes: list[Stroke] = []
        self._count = 0
        self.surface_count = 0

    def grid(self, grid: Floats, normals: Floats, lines: list[tuple[Floats, Floats]]) -> int:
        """Add a surface of (rows, columns, 3) points with strokes drawn on it; its number."""
        rows, columns = grid.shape[:2]
        index = np.arange(rows * columns).reshape(rows, columns)
        a, b = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
        c, d = index[1:, 1:].ravel(), index[1:, :-1].ravel()
        triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
        surface = self._add(grid.reshape(-1, 3), _unit(normals.reshape(-1, 3)), triangles)
        self._strokes += [Stroke(points, _unit(normal), surface) for points, normal in lines]
        return surface

    def cap(self, points: Floats, triangles: Ints, normal: Floats) -> int:
        """Add a flat surface of triangles that all look the same way; its number."""
        return self._add(points, np.broadcast_to(normal, points.shape).copy(), triangles)

    def _add(self, points: Floats, normals: Floats, triangles: Ints) -> int:
        corners = points[triangles]
        facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        size = np.linalg.norm(facing, axis=1)
        wrong = np.einsum("ij,ij->i", facing, normals[triangles].sum(1)) < 0
        triangles = np.where(wrong[:, None], triangles[:, ::-1], triangles)[size > 1e-12]
        self._vertices.append(points)
        self._normals.append(normals)
        self._triangles.append(triangles + self._count)
        self._surfaces.append(np.full(len(triangles), self.surface_count))
        self._count += len(points)
        self.surface_count += 1
        return self.surface_count - 1

    def edge(self, points: Floats, surfaces: tuple[int, int]) -> None:
        """Add a line (n, 3) where two surfaces meet."""
        self._edges.append(Edge(np.array(points), surfaces))

    def solid(self) -> Solid:
        """Everything added so far."""
        surfaces = np.concatenate(self._surfaces)
        return Solid(
            np.concatenate(self._vertices),
            np.concatenate(self._normals),
            np.concatenate(self._triangles),
            surfaces,
            np.zeros(len(surfaces), dtype=np.int64),
            tuple(self._edges),
            tuple(self._strokes),
        )


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-15))


def _tangents(band: Floats, wrapped: bool) -> Floats:
    if wrapped:
        ring = band[:-1]
        tangent = np.roll(ring, -1, 0) - np.roll(ring, 1, 0)
        return _unit(np.concatenate([tangent, tangent[:1]]))
    return _unit(np.gradient(band, axis=0))


def _bands(points: Floats, closed: bool) -> list[tuple[Floats, tuple[int, int] | None, bool]]:
    """Splits an outline at its corners.

    Yields each smooth piece with the numbers of the two pieces that meet at its first point (None
    where it begins without a corner) and whether it is one closed smooth loop.
    """
    count = len(points)
    direction = _unit(np.diff(np.concatenate([points, points[:1]]), axis=0))
    before = np.roll(direction, 1, 0)
    corner = np.einsum("ij,ij->i", before, direction) < _CREASE
    if not closed:
        corner[0] = corner[-1] = False
        starts = [0, *np.flatnonzero(corner).tolist()]
        ends = [*starts[1:], count - 1]
        return [
            (points[a : b + 1], (number - 1, number) if number else None, False)
            for number, (a, b) in enumerate(zip(starts, ends, strict=True))
        ]
    starts = np.flatnonzero(corner).tolist()
    if not starts:
        return [(np.concatenate([points, points[:1]]), None, True)]
    pieces: list[tuple[Floats, tuple[int, int] | None, bool]] = []
    for number, a in enumerate(starts):
        b = starts[(number + 1) % len(starts)]
        b = b if b > a else b + count
        pieces.append((points[np.arange(a, b + 1) % count], ((number - 1) % len(starts), number), False))
    return pieces


def _frames(along: Floats) -> tuple[Floats, Floats]:
    """Side and up vectors carried along a curve without twist."""
    start = np.array([0.0, 0.0, 1.0]) if abs(along[0, 2]) < 0.95 else np.array([0.0, 1.0, 0.0])
    side = np.empty_like(along)
    side[0] = np.cross(along[0], start)
    for index in range(1, len(along)):
        carried = side[index - 1]
        side[index] = carried - (carried @ along[index]) * along[index]
    side = _unit(side)
    return side, np.cross(side, along)
