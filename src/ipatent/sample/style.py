"""The hand of one patent's draughtsman: pens, letters, habits."""

from dataclasses import dataclass

from ipatent.sample.dice import Dice

_FACES = (
    "times",
    "times",
    "times bold",
    "sans",
    "sans bold",
    "vera",
    "courier",
    "times italic",
    "times bold italic",
    "vera italic",
    "sans italic",
    "vera bold",
)
_SPELLINGS = (
    "FIG. {}",
    "FIG. {}",
    "FIG. {}",
    "FIG. {}",
    "Fig. {}",
    "Fig.{}",
    "FIG.{}",
    "FIG {}",
    "Figure {}",
    "F I G.  {}",
    "FIGURE {}",
)


@dataclass(frozen=True, slots=True)
class Style:
    """How a patent is drawn. Lengths are pixels at 300 dpi."""

    pen: float
    outline: float
    """Pen for the outlines of curved surfaces and parts, at least `pen`."""
    shading: str
    """`none`, `strokes` (along curved surfaces), `glints` (oblique strokes), `both` or `tone`."""
    broken_strokes: bool
    """Whether shading strokes are lines of dashes and dots."""
    label_face: str
    label_size: int
    label: str
    """How a figure label is spelt, with {} for its number."""
    label_place: str
    """`below`, `above`, `right` or `corner`."""
    underline: bool
    numeral_face: str
    numeral_size: int
    curved_leads: bool
    arrow_leads: bool
    hatch: float
    """Distance of hatching lines."""
    fill: float
    """Share of its cell that a figure fills."""
    several: bool
    """Whether sheets carry two to four figures."""
    rotate: float
    """Share of sheets turned by 90 degrees."""
    azimuth: float
    elevation: float
    """Perspective views are turned by this much from the usual."""
    mirrored: bool
    distance: float


def draughtsman(dice: Dice, design: bool) -> Style:
    """A style drawn at random; design patents are shaded more often and show one figure a sheet."""
    pen = dice.pick((2.0, 2.2, 2.5, 2.5, 3.0, 3.0, 3.5, 4.0))
    shading = (
        ("none", "none", "none", "strokes", "strokes", "glints", "both", "tone")
        if design
        else ("none",) * 7 + ("strokes",)
    )
    return Style(
        pen=pen,
        outline=pen * dice.pick((1.0, 1.0, 1.0, 1.35, 1.6)),
        shading=dice.pick(shading),
        broken_strokes=dice.chance(0.5),
        label_face=dice.pick(_FACES),
        label_size=dice.whole(44, 84),
        label=dice.pick(_SPELLINGS),
        label_place=dice.pick(("below",) * 7 + ("above", "right", "corner")),
        underline=dice.chance(0.12),
        numeral_face=dice.pick(("times", "times", "sans", "vera", "times bold", "times italic", "courier")),
        numeral_size=dice.whole(38, 56),
        curved_leads=dice.chance(0.6),
        arrow_leads=dice.chance(0.15),
        hatch=dice.real(13, 26),
        fill=dice.real(0.62, 0.98),
        several=dice.chance(0.3 if design else 0.55),
        rotate=dice.pick((0.0, 0.0, 0.0, 0.0, 0.15, 0.4, 1.0)),
        azimuth=dice.real(-14, 16),
        elevation=dice.real(-9, 10),
        mirrored=dice.chance(0.45),
        distance=dice.real(2.6, 7.0),
    )
