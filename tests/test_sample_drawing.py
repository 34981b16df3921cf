"""How generated drawings are made: hidden lines, solids, kinds of object, diagrams."""

import random

import numpy as np
import pypdfium2 as pdfium
import pytest

from ipatent.sample.diagrams import DIAGRAMS, Subject
from ipatent.sample.dice import Dice
from ipatent.sample.hidden_lines import look
from ipatent.sample.object_figures import object_drawing, object_view
from ipatent.sample.objects import KINDS
from ipatent.sample.pdf import Page, group4, write_pdf
from ipatent.sample.pen import Line, draw
from ipatent.sample.scene import Part, assemble
from ipatent.sample.sheet import FigureContent, Header, draw_sheet
from ipatent.sample.solids import ball, box, cylinder, lathe, pipe, torus
from ipatent.sample.style import draughtsman
from ipatent.sample.views import VIEWS, camera


def drawn_length(lines: list[np.ndarray]) -> float:
    return float(sum(np.linalg.norm(np.diff(line, axis=0), axis=1).sum() for line in lines))


def test_a_cube_seen_from_a_corner_shows_nine_edges_and_hides_three() -> None:
    scene = assemble([Part("cube", box(2, 2, 2))])
    seen = look(scene, camera(40, 30))
    visible = sum(
        np.linalg.norm(line.points[-1] - line.points[0]) for line in seen.lines if line.kind == "crease"
    )
    pixels, _ = seen.project(np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (0, 2)], float))
    edges = [(a, b) for a in range(8) for b in range(a + 1, 8) if bin(a ^ b).count("1") == 1]
    lengths = {pair: np.linalg.norm(pixels[pair[0]] - pixels[pair[1]]) for pair in edges}
    # The rear lower left corner (-1, 1, 0) is number 2; the three edges at it cannot be seen.
    expected = sum(length for pair, length in lengths.items() if 2 not in pair)
    assert len(edges) == 12
    assert visible == pytest.approx(expected, rel=0.02)


def test_what_stands_behind_a_wall_is_not_drawn() -> None:
    wall, hidden = Part("wall", box(6, 0.2, 6)), Part("ball", ball(1).moved(0, 3, 3))
    seen = look(assemble([wall, hidden]), camera(0, 0))
    assert {line.part for line in seen.lines} == {0}
    behind = look(assemble([wall, hidden]), camera(180, 0))
    assert {line.part for line in behind.lines} == {0, 1}


def test_a_ball_is_drawn_as_one_circle_whatever_its_triangles() -> None:
    seen = look(assemble([Part("ball", ball(1, 40))]), camera(30, 20), resolution=500)
    outline = [line.points for line in seen.lines if line.kind == "outline"]
    assert drawn_length(outline) == pytest.approx(np.pi * 500, rel=0.03)
    assert not [line for line in seen.lines if line.kind == "crease"]


def test_a_rod_through_a_block_is_drawn_with_the_curve_where_they_meet() -> None:
    seen = look(assemble([Part("block", box(2, 2, 2)), Part("rod", cylinder(0.5, 4))]), camera(30, 30))
    contact = [line.points for line in seen.lines if line.kind == "contact"]
    assert drawn_length(contact) > 100


def test_a_section_through_a_pipe_shows_two_cut_walls() -> None:
    seen = look(assemble([Part("pipe", pipe(1, 0.7, 4))]), camera(0, 0), section=True)
    middle = seen.surface_map[seen.height // 2] == -2
    assert np.count_nonzero(np.diff(middle.astype(int)) == 1) + int(middle[0]) == 2
    assert middle.mean() == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("solid", [lathe([(1, 0), (2, 1), (1, 3)]), torus(2, 0.5), box(1, 2, 3, 0.2)])
def test_surfaces_of_a_solid_face_outwards(solid) -> None:
    corners = solid.vertices[solid.triangles]
    volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert volume > 0.5


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_is_drawn_in_every_view(name: str) -> None:
    style = draughtsman(Dice(f"style {name}"), False)
    parts = KINDS[name].build(Dice(f"object {name}"))
    whole, apart = assemble(parts), assemble(parts, 1.0)
    views = random.Random(name).sample(sorted(set(VIEWS) - {"exploded", "section"}), 2)
    for view_name in (*views, "exploded", "section"):
        direction = (90.0, 0.0) if view_name == "section" else None
        scene = apart if view_name == "exploded" else whole
        view = object_view(scene, parts, view_name, style, "seed", direction)
        numerals = {index: (str(index), part.term) for index, part in enumerate(parts)}
        drawing = object_drawing(view, 700, 700, numerals)
        ink = np.zeros((720, 720), dtype=bool)
        draw(ink, [Line(line.points + 8, line.width, line.dash) for line in drawing.lines])
        assert 0.002 < ink.mean() < 0.6, view_name
        assert drawing.callouts


@pytest.mark.parametrize("name", sorted(KINDS))
def test_two_families_of_a_kind_differ_more_than_two_members_of_one(name: str) -> None:
    def shape(seed: str, member: int) -> np.ndarray:
        parts = KINDS[name].build(Dice(seed, member))
        corners = np.concatenate([part.solid.vertices for part in parts])
        size = np.ptp(corners, axis=0)
        return np.array([len(parts), *(size / size.max()), len(corners) / 500])

    founder = shape("one", 0)
    near = min(float(np.abs(founder - shape("one", member)).sum()) for member in (4, 9))
    far = max(float(np.abs(founder - shape(f"other {n}", 0)).sum()) for n in range(6))
    assert near < far
    assert near > 0


@pytest.mark.parametrize(
    ("name", "manner"), [(name, n) for name in sorted(DIAGRAMS) for n in range(len(DIAGRAMS[name]))]
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_diagram_fits_its_sheet_and_names_its_numerals(name: str, manner: int, seed: int) -> None:
    style = draughtsman(Dice(f"style {seed}"), False)
    diagram = DIAGRAMS[name][manner](random.Random(seed), style, Subject(100, "valve", ("body", "stem")))
    content = FigureContent("1", "", name, diagram.phrase, 1.0, diagram.drawing.fitted)
    sheet = draw_sheet(
        [content], style, Header("Jan. 2, 2024", "US 99,000,001 B2", 1), 1, False, random.Random(0)
    )
    assert "valve" in diagram.phrase or "body" in diagram.phrase or "stem" in diagram.phrase
    assert diagram.text
    for numeral in sheet.figures[0].numerals:
        assert numeral.term
    x, y, w, h = sheet.figures[0].box
    assert sheet.ink[y : y + h, x : x + w].mean() > 0.001


def test_figures_of_one_sheet_do_not_overlap_and_a_rotated_sheet_is_the_upright_one_turned() -> None:
    style = draughtsman(Dice("style"), True)
    parts = KINDS["chair"].build(Dice("chair"))
    view = object_view(assemble(parts), parts, "front", style, "seed")
    contents = [
        FigureContent(str(n), "front", "drawing", "", 0.5, lambda w, h: object_drawing(view, w, h, {}))
        for n in range(1, 5)
    ]
    header = Header("Jan. 2, 2024", "US D2,000,001 S", 1)
    for rotated in (False, True):
        sheet = draw_sheet(contents, style, header, 1, rotated, random.Random(0))
        boxes = [box for figure in sheet.figures for box in (figure.box, figure.label_box)]
        for number, (x, y, w, h) in enumerate(boxes):
            for a, b, c, d in boxes[:number]:
                assert x >= a + c or a >= x + w or y >= b + d or b >= y + h
        assert all((figure.label_box[3] > figure.label_box[2]) == rotated for figure in sheet.figures)


def test_group_4_pictures_are_coded_without_loss() -> None:
    ink = np.random.default_rng(0).random((330, 256)) < 0.2
    page = Page()
    page.picture(group4(ink), 0, 0, 614.4, 792)
    document = pdfium.PdfDocument(write_pdf([page], "test"))
    picture = next(iter(document[0].get_objects())).get_bitmap().to_pil().convert("L")
    assert np.array_equal(np.asarray(picture) < 128, ink)
