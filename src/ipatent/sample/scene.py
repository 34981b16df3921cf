"""The parts of an object brought together, ready to be seen from any side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent.sample.contacts import contact_segments
from ipatent.sample.profiles import Floats
from ipatent.sample.solids import Solid

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A named component.

    `on` is the term of the component that carries it. `explode` is how far an exploded view shifts
    it. `environment` parts are drawn with broken lines: they are shown, not claimed.
    """

    term: str
    solid: Solid
    on: str = ""
    explode: tuple[float, float, float] = (0.0, 0.0, 0.0)
    environment: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Polylines in space: `points` (p, 3) with their line's number `owner` (p,), ascending.

    `surfaces` (n, 2) and `part` (n,) belong to the lines. `normals` (p, 3) is empty except for
    shading strokes.
    """

    points: Floats
    owner: Ints
    surfaces: Ints
    part: Ints
    normals: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All triangles and lines of an object; numbers of surfaces and shells run over all parts."""

    vertices: Floats
    normals: Floats
    triangles: Ints
    surfaces: Ints
    shells: Ints
    surface_part: Ints
    """(surfaces,): the part each surface belongs to."""
    shell_part: Ints
    """(shells,): the part each shell belongs to."""
    creases: Lines
    contacts: Lines
    axes: Lines
    strokes: Lines

    @property
    def size(self) -> float:
        """Length of the diagonal of the bounding box."""
        return float(np.linalg.norm(np.ptp(self.vertices, axis=0)))

    @property
    def centre(self) -> Floats:
        """Middle of the bounding box."""
        return np.asarray((self.vertices.min(0) + self.vertices.max(0)) / 2)


def assemble(parts: Sequence[Part], exploded: float = 0.0) -> Scene:
    """The scene of these parts; `exploded` 1 shifts each part by its whole `explode` vector."""
    vertices, normals, triangles, surfaces, shells = [], [], [], [], []
    surface_part, shell_part = [], []
    creases: list[tuple[Floats, Floats, tuple[int, int], int]] = []
    strokes: list[tuple[Floats, Floats, tuple[int, int], int]] = []
    axes: list[tuple[Floats, Floats, tuple[int, int], int]] = []
    none = np.zeros((0, 3))
    vertex = surface = shell = 0
    for number, part in enumerate(parts):
        solid = part.solid
        if exploded:
            shift = exploded * np.array(part.explode)
            if np.any(shift):
                home = (solid.low + solid.high) / 2
                axes.append((np.array([home, home + shift]), none, (-1, -1), number))
            solid = solid.moved(*shift)
        vertices.append(solid.vertices)
        normals.append(solid.normals)
        triangles.append(solid.triangles + vertex)
        surfaces.append(solid.surfaces + surface)
        shells.append(solid.shells + shell)
        surface_part.append(np.full(solid.surface_count, number))
        shell_part.append(np.full(int(solid.shells.max()) + 1, number))
        for edge in solid.edges:
            a, b = edge.surfaces
            creases.append((edge.points, none, (a + surface, b + surface), number))
        for stroke in solid.strokes:
            own = stroke.surface + surface
            strokes.append((stroke.points, stroke.normals, (own, own), number))
        vertex += len(solid.vertices)
        surface += solid.surface_count
        shell += int(solid.shells.max()) + 1
    every = np.concatenate(surface_part)
    corners = np.concatenate(vertices)
    faces, face_surfaces, face_shells = map(np.concatenate, (triangles, surfaces, shells))
    contacts: list[tuple[Floats, Floats, tuple[int, int], int]] = []
    if not exploded:
        for segment, first, second in contact_segments(
            corners[faces], face_surfaces, face_shells, np.concatenate(shell_part)
        ):
            contacts.append((segment, none, (first, second), int(every[first])))
    return Scene(
        corners,
        np.concatenate(normals),
        faces,
        face_surfaces,
        face_shells,
        every,
        np.concatenate(shell_part),
        _lines(creases),
        _lines(contacts),
        _lines(axes),
        _lines(strokes),
    )


def _lines(lines: list[tuple[Floats, Floats, tuple[int, int], int]]) -> Lines:
    if not lines:
        empty = np.zeros((0, 3))
        return Lines(empty, np.zeros(0, np.int64), np.zeros((0, 2), np.int64), np.zeros(0, np.int64), empty)
    return Lines(
        np.concatenate([line[0] for line in lines]),
        np.repeat(np.arange(len(lines)), [len(line[0]) for line in lines]),
        np.array([line[2] for line in lines], dtype=np.int64),
        np.array([line[3] for line in lines], dtype=np.int64),
        np.concatenate([line[1] for line in lines]),
    )
