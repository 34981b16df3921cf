"""From where an object is seen: cameras and what a patent calls the views."""

import math
from dataclasses import dataclass

import numpy as np

from ipatent.sample.profiles import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """A view: `axes` (3, 3) holds the unit vectors to the right, upwards and towards the eye.

    `distance` in sizes of the object gives perspective; None is a parallel projection.
    """

    axes: Floats
    distance: float | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A named direction: azimuth 0 is the front, 90 the right side; elevation is upwards; degrees."""

    name: str
    phrase: str
    azimuth: float
    elevation: float
    parallel: bool = True


VIEWS = {
    view.name: view
    for view in (
        View("perspective", "perspective view", 35, 24, False),
        View("rear perspective", "rear perspective view", 215, 24, False),
        View("bottom perspective", "bottom perspective view", 35, -26, False),
        View("front", "front elevational view", 0, 0),
        View("rear", "rear elevational view", 180, 0),
        View("right side", "right side elevational view", 90, 0),
        View("left side", "left side elevational view", 270, 0),
        View("top", "top plan view", 0, 90),
        View("bottom", "bottom plan view", 0, -90),
        View("exploded", "exploded perspective view", 32, 22, False),
        View("section", "sectional view", 0, 0),
    )
}
"""All directions an object is drawn from, by name."""


def camera(azimuth: float, elevation: float, distance: float | None = None) -> Camera:
    """The camera at these angles in degrees, looking at the object's middle; the front is at -y."""
    # A hair off the axes: surfaces seen exactly edge-on would be neither front nor back.
    a, e = math.radians(azimuth + 2e-4), math.radians(elevation + 1e-4)
    towards = np.array([math.sin(a) * math.cos(e), -math.cos(a) * math.cos(e), math.sin(e)])
    right = np.array([math.cos(a), math.sin(a), 0.0])
    return Camera(np.stack([right, np.cross(towards, right), towards]), distance)
