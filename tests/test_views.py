"""Views and depicted objects, in the wording of real captions and of their noisy text layers."""

import pytest

from ipatent.patents import Caption
from ipatent.views import VIEWS, depicted, spelled_out, view_of, views


@pytest.mark.parametrize(
    ("caption", "view"),
    [
        ("front, right side, top perspective view of a bubble machine", "perspective"),
        ("per spective view thereof", "perspective"),
        ("top plan view thereof", "top"),
        ("bottom plan view thereof", "bottom"),
        ("rear elevational view thereof", "rear"),
        ("rear side elevational view thereof", "rear"),
        ("front elevation al view thereof", "front"),
        ("Left - side view thereof", "left side"),
        ("right elevation view there", "right side"),
        ("right side elevation view, the left side elevation view being a mirror image", "right side"),
        ("side views thereof", "side"),
        ("plan view of the floor", "plan"),
        ("cross - sectional view taken along line 8-8 of FIG. 4", "sectional"),
        ("longitudinal section through the pump", "sectional"),
        ("exploded perspective view of the valve", "exploded"),
        ("enlarged view of a portion indicated in FIG. 1", "enlarged"),
        ("fragmentary view of the hinge", "fragmentary"),
        ("schematic representation of a simulation device", "schematic"),
        ("flow chart of a method", "flowchart"),
        ("a flowchart illustrating an exemplary process", "flowchart"),
        ("schematic block diagram of a controller", "block diagram"),
        ("circuit diagram of the amplifier", "circuit"),
        ("graph of torque against speed", "graph"),
        ("structural formula of a compound", "chemical structure"),
        ("an exemplary network environment with a right to access", ""),
    ],
)
def test_a_caption_tells_the_dominant_view(caption: str, view: str) -> None:
    assert view_of(caption) == view
    assert view == "" or view in VIEWS


def objects(title: str, *captions: str) -> list[str]:
    lines = [Caption((str(number),), text) for number, text in enumerate(captions, 1)]
    return list(depicted(lines, title).values())


def test_thereof_means_what_the_caption_before_shows() -> None:
    assert objects("NAPKIN HOLDER", "front view thereof") == ["napkin holder"]
    assert (
        objects(
            "TOOLS",
            "perspective view of a crimping tool, showing my new design",
            "rear view thereof",
            "top view there",
        )
        == ["crimping tool"] * 3
    )


def test_an_object_named_through_another_figure_is_that_figures() -> None:
    found = objects(
        "KIT",
        "perspective view of a first embodiment of a pump according to the invention",
        "perspective view of a valve",
        "side view of the pump of FIG. 1",
        "enlarged view of a portion indicated in FIG. 2",
        "top view of the invention",
        "sectional view taken along line 6-6 of FIG. 1",
    )
    assert found == ["pump", "valve", "pump", "valve", "valve", "pump"]


def test_the_object_is_named_without_numerals_conditions_and_embodiments() -> None:
    assert objects(
        "DISC CARTRIDGE",
        "front view of one embodiment of a disc cartridge showing our new design on an enlarged scale",
        "view of the air pressure regulation system (31), showing its parts",
        "block diagram of a control system of the pump in accordance with the invention",
        "graph of torque against speed for the pump",
        "front elevational view of the another embodiment",
    )[:4] == [
        "disc cartridge",
        "air pressure regulation system",
        "control system of the pump",
        "torque against speed for the pump",
    ]


def test_a_view_of_another_figure_is_from_the_same_side() -> None:
    captions = [
        Caption(("7",), "cross-sectional view of the actuator"),
        Caption(("8",), "view of FIG. 7 in a compressed position"),
    ]
    assert views(captions) == {"7": "sectional", "8": "sectional"}


@pytest.mark.parametrize(
    ("caption", "depicts", "text"),
    [
        ("front view thereof", "napkin holder", "front view of the napkin holder"),
        ("right elevation view there", "pet fountain", "right elevation view of the pet fountain"),
        ("top view of the same", "pump", "top view of the pump"),
        ("rear view of the tea infuser thereof", "tea infuser", "rear view of the tea infuser"),
        ("front view of a pump", "pump", "front view of a pump"),
        ("front view thereof", "", "front view thereof"),
    ],
)
def test_captions_are_spelled_out(caption: str, depicts: str, text: str) -> None:
    assert spelled_out(caption, depicts) == text
