"""Photographs as patents print them: grey pictures of objects, of specimens and of scenes."""

import random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from ipatent.sample.diagrams.diagram import Diagram, Subject
from ipatent.sample.dice import Dice
from ipatent.sample.drawing import Drawing
from ipatent.sample.hidden_lines import look
from ipatent.sample.objects import KINDS
from ipatent.sample.pen import Line
from ipatent.sample.profiles import Floats
from ipatent.sample.scene import assemble
from ipatent.sample.style import Style
from ipatent.sample.views import camera


def object_photograph(chance: random.Random, _style: Style, subject: Subject) -> Diagram:
    """An object under a lamp, before a background or cut out."""
    parts = KINDS[chance.choice(sorted(KINDS))].build(Dice(str(chance.random())))
    eye = camera(chance.uniform(-60, 60), chance.uniform(8, 40), chance.uniform(3, 6))
    seen = look(assemble(parts), eye, 300, shaded=True)
    if seen.shade is None:
        raise ValueError("the view was not shaded")
    margin = chance.randint(10, 60)
    shade = np.pad(np.asarray(seen.shade, float), margin, constant_values=1.0)
    body = np.pad(seen.part_map >= 0, margin)
    height, width = shade.shape
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    ground = chance.uniform(0.15, 0.9) + chance.uniform(-0.3, 0.3) * down + chance.uniform(-0.2, 0.2) * across
    if chance.random() < 0.5:
        ground = np.full(shade.shape, 1.0)
    elif chance.random() < 0.5:
        ground = np.clip(ground + 0.3, 0, 1)
    shadow = np.roll(body, (margin // 3, margin // 2), (0, 1))
    if chance.random() < 0.6:
        ground = ground - 0.25 * _blurred(shadow.astype(float), 6)
    noise = np.random.default_rng(chance.getrandbits(32))
    tint = noise.uniform(*chance.choice(((0.25, 1.0), (0.1, 0.4), (0.5, 0.9))), len(parts))
    surface = 0.08 + 0.85 * shade * tint[np.clip(np.pad(seen.part_map, margin), 0, None)]
    if chance.random() < 0.35:
        # Grain of wood, or cloth: long blotches.
        grain = Image.fromarray(noise.normal(0, 1, (height // 3, width // 24 + 2)).astype(np.float32))
        turned = np.asarray(grain.resize((width, height), Image.Resampling.BICUBIC))
        surface = surface + chance.uniform(0.04, 0.12) * turned
    grey = np.where(body, surface, ground)
    if chance.random() < 0.7:
        rows, columns = np.flatnonzero(body.any(1)), np.flatnonzero(body.any(0))
        grey = grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _photograph(chance, grey, f"a photograph of a sample of the {subject.noun}", subject)


def micrograph(chance: random.Random, _style: Style, subject: Subject) -> Diagram:
    """Grains, fibres or spheres under a microscope."""
    noise = np.random.default_rng(chance.getrandbits(32))
    size = (chance.choice((240, 300)), 320)
    down, across = np.mgrid[: size[0], : size[1]]
    form = chance.choice(("grains", "fibres", "spheres"))
    grey: Floats
    if form == "grains":
        seeds = noise.uniform(0, 1, (chance.randint(20, 160), 2)) * size
        near = np.full(size, np.inf)
        second, owner = near.copy(), np.zeros(size, int)
        for number, (y, x) in enumerate(seeds):
            gap = np.hypot(down - y, across - x)
            closer = gap < near
            second = np.where(closer, near, np.minimum(second, gap))
            owner[closer] = number
            near = np.minimum(near, gap)
        grey = noise.uniform(0.25, 0.85, len(seeds))[owner] - 0.5 * (second - near < 2.5)
    else:
        grey = np.full(size, chance.uniform(0.1, 0.35))
        for _ in range(chance.randint(25, 90)):
            y, x = noise.uniform(0, 1, 2) * size
            if form == "spheres":
                r = noise.uniform(5, 30)
                inside = np.hypot(down - y, across - x) / r
                lit = np.sqrt(np.clip(1 - inside**2, 0, 1)) * 0.6 + 0.25
            else:
                angle, r = noise.uniform(0, np.pi), noise.uniform(2, 7)
                inside = np.abs((across - x) * np.sin(angle) - (down - y) * np.cos(angle)) / r
                lit = np.sqrt(np.clip(1 - inside**2, 0, 1)) * 0.65 + 0.2
            grey = np.where(inside < 1, lit, grey)
    return _photograph(chance, grey, f"a micrograph of a surface of the {subject.noun}", subject, bar=True)


def scene(chance: random.Random, _style: Style, subject: Subject) -> Diagram:
    """Clouds, hills and blotches: what a camera sees out of doors, or of a patient."""
    noise = np.random.default_rng(chance.getrandbits(32))
    size = (240, 320)
    grey = np.zeros(size)
    rough = chance.uniform(0.45, 0.75)
    for octave in range(6):
        cells = noise.uniform(-1, 1, (2 + 2**octave, 2 + 2**octave)).astype(np.float32)
        grey += (
            np.asarray(Image.fromarray(cells).resize((320, 240), Image.Resampling.BICUBIC)) * rough**octave
        )
    grey = (grey - grey.min()) / np.ptp(grey)
    form = chance.choice(("hills", "blotches", "rooms"))
    if form == "hills":
        for layer in range(3):
            line = (
                90
                + 45 * layer
                + 25 * np.interp(np.arange(320), np.linspace(0, 320, 9), noise.uniform(-1, 1, 9))
            )
            below = np.arange(240)[:, None] > line
            grey = np.where(below, 0.6 - 0.18 * layer + 0.25 * (grey - 0.5), grey)
    elif form == "rooms":
        for _ in range(chance.randint(4, 10)):
            y, x = (int(v) for v in noise.uniform(0, 0.8, 2) * size)
            tall, wide = int(noise.uniform(20, 120)), int(noise.uniform(20, 140))
            grey[y : y + tall, x : x + wide] = 0.3 * grey[y : y + tall, x : x + wide] + noise.uniform(0, 0.7)
    return _photograph(chance, grey, f"a photograph of the {subject.noun} in use", subject)


def _photograph(
    chance: random.Random, grey: Floats, phrase: str, subject: Subject, bar: bool = False
) -> Diagram:
    """The picture with a camera's noise, gamma and blur, in or without a frame."""
    noise = np.random.default_rng(chance.getrandbits(32))
    paper = grey >= 0.999
    grey = _blurred(np.clip(grey, 0, 1), chance.uniform(0.2, 1.2)) ** chance.uniform(0.6, 1.6)
    grey = grey * chance.uniform(0.7, 1.0) + noise.normal(0, chance.uniform(0.005, 0.06), grey.shape)
    # Paper that was cut out stays paper: no noise, no grey.
    picture: npt.NDArray[np.uint8] = np.where(paper, np.uint8(255), np.uint8(np.clip(grey, 0, 0.95) * 255))
    height, width = (float(v) * 5 for v in picture.shape)
    lines = []
    if chance.random() < 0.3:
        corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height), (0.0, 0.0)]
        lines.append(Line(np.array(corners), 4.0))
    if bar:
        picture[-30:-22, -110:-20] = 245
        picture[-27:-25, -105:-25] = 0
    pitch = chance.uniform(7, 18) if chance.random() < 0.4 else 0.0
    drawing = Drawing(width, height, tuple(lines), grey=picture, pitch=pitch)
    return Diagram(drawing, phrase, f"The picture shows the {subject.noun} after a test.")


def _blurred(grey: Floats, radius: float) -> Floats:
    picture = Image.fromarray(np.uint8(np.clip(grey, 0, 1) * 255)).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(picture, dtype=float) / 255
