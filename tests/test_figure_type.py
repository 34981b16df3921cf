"""Figure types: told right from pictures never trained on, from captions, and on real sheets."""

import json
import os
import random
from pathlib import Path

import numpy as np
import pytest

from ipatent.components import Ink
from ipatent.figure_traits import SIDE, measure, small_picture
from ipatent.figure_type import TYPES, caption_odds, network, picture_odds, prior_odds, type_of
from ipatent.patents import Pixels
from ipatent.reading import ReadingTask, read_job
from ipatent.sample.diagrams import DIAGRAMS, Subject
from ipatent.sample.dice import Dice
from ipatent.sample.object_figures import object_drawing, object_view
from ipatent.sample.objects import KINDS
from ipatent.sample.patent import make_patent
from ipatent.sample.scene import assemble
from ipatent.sample.sheet import FigureContent, draw_figure
from ipatent.sample.style import draughtsman
from ipatent.sources import Limits
from ipatent.sources.discovery import discover
from ipatent.views import view_of

LIMITS = Limits(200_000_000, 60_000_000, 2000)
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
REAL = Path(os.environ.get("IPATENT_REAL_PATENTS") or BESIDE)
TRUTH = Path(__file__).parent / "truth" / "figure_types.json"


def page(ink: Ink) -> Pixels:
    return np.where(np.pad(ink, 12), np.uint8(0), np.uint8(255))


def diagram(kind: str, manner: int, seed: str) -> tuple[Pixels, str]:
    """A figure of a type as drawn for a seed that training never saw, and its caption."""
    style = draughtsman(Dice(f"test style/{seed}"), False)
    made = DIAGRAMS[kind][manner](
        random.Random(f"test/{seed}"), style, Subject(100, "valve", ("body", "stem"))
    )
    content = FigureContent("1", "", kind, made.phrase, 1.0, made.drawing.fitted)
    return page(draw_figure(content, 1400, 1700, style)[0]), made.phrase


def object_picture(kind: str, view_name: str, seed: str) -> Pixels:
    """A drawing of an object for a seed that training never saw."""
    style = draughtsman(Dice(f"test style/{seed}"), True)
    parts = KINDS[kind].build(Dice(f"test object/{seed}"))
    view = object_view(assemble(parts), parts, view_name, style, seed)
    content = FigureContent(
        "1", view_name, "drawing", "", 1.0, lambda width, height: object_drawing(view, width, height, {})
    )
    return page(draw_figure(content, 1400, 1700, style)[0])


@pytest.fixture(scope="module")
def diagrams() -> list[tuple[str, Pixels, str]]:
    return [
        (kind, *diagram(kind, manner, f"{kind}/{manner}/{seed}"))
        for kind in sorted(DIAGRAMS)
        for manner in range(len(DIAGRAMS[kind]))
        for seed in range(2)
    ]


def test_figures_of_unseen_seeds_are_told_by_their_looks_and_nearly_all_with_their_captions(
    diagrams: list[tuple[str, Pixels, str]],
) -> None:
    by_looks = [TYPES[int(picture_odds(pixels).argmax())] == kind for kind, pixels, _ in diagrams]
    assert np.mean(by_looks) >= 0.9
    with_words = [
        type_of(pixels, caption=caption, view=view_of(caption)).name == kind
        for kind, pixels, caption in diagrams
    ]
    assert np.mean(with_words) >= 0.97


def test_drawings_of_objects_are_drawings_even_without_a_caption() -> None:
    chosen = random.Random(11).sample(sorted(KINDS), 12)
    found = [type_of(object_picture(kind, "perspective", f"object {kind}")).name for kind in chosen]
    assert found.count("drawing") >= 11


def test_in_a_design_patent_an_object_is_a_drawing_and_a_photograph_a_photograph() -> None:
    for kind in ("chair", *sorted(KINDS)[:3]):
        assert type_of(object_picture(kind, "front", f"design {kind}"), design=True).name == "drawing"
    photograph, _ = diagram("photograph", 0, "a photograph in a design patent")
    assert type_of(photograph, design=True).name == "photograph"


def test_a_design_for_a_screen_holds_screens_and_any_other_design_does_not() -> None:
    screen, _ = diagram("GUI", 1, "a design for a screen")
    title = "DISPLAY SCREEN WITH GRAPHICAL USER INTERFACE"
    assert type_of(screen, title=title, design=True).name == "GUI"
    assert prior_odds(True, title)[TYPES.index("GUI")] > prior_odds(True, "LAMP")[TYPES.index("GUI")]


@pytest.mark.parametrize(
    ("caption", "kind"),
    [
        ("a flow chart of a method of closing the valve", "flowchart"),
        ("shows a flow diagram illustrating the process", "flowchart"),
        ("a schematic block diagram of the control unit", "block diagram"),
        ("a circuit diagram of the driver", "circuit"),
        ("is a graph of pressure over time", "graph"),
        ("a plot showing the measured torque", "graph"),
        ("an X-ray diffraction spectrum of compound 1", "graph"),
        ("a scanning electron micrograph of the fibres", "photograph"),
        ("a color photograph of the sample", "photograph"),
        ("an example of a screen shot of the application", "GUI"),
        ("illustrates an exemplary user interface for ordering", "GUI"),
        ("shows the amino acid sequence of the enzyme", "sequence listing"),
        ("an alignment of the sequences", "sequence listing"),
        ("a program listing of the routine", "program listing"),
        ("pseudo-code for the main loop", "program listing"),
        ("a table of measured values", "table"),
        ("the chemical structure of the monomer", "chemical structure"),
        ("shows the equation of the model", "mathematics"),
        ("a map of the area", "other"),
    ],
)
def test_a_caption_names_the_type_whatever_the_picture_looks_like(caption: str, kind: str) -> None:
    odds = caption_odds(caption, view_of(caption))
    assert TYPES[int(odds.argmax())] == kind
    doubtful = object_picture("chair", "front", "a doubtful picture")
    assert type_of(doubtful, caption=caption, view=view_of(caption)).name == kind


@pytest.mark.parametrize(
    "caption",
    [
        "a perspective view of a table",
        "a front view of a photograph holder",
        "a plan view of a circuit board with its cover removed",
        "an exploded view of a map case",
        "a top view of the sign post",
    ],
)
def test_a_thing_named_like_a_type_is_still_a_drawing(caption: str) -> None:
    assert TYPES[int(caption_odds(caption, view_of(caption)).argmax())] == "drawing"


def test_a_caption_that_names_no_type_says_nothing() -> None:
    assert not caption_odds("shows the invention in use").any()
    assert not caption_odds("").any()


@pytest.mark.parametrize("shape", [(1, 1), (3, 4000), (4000, 3), (700, 500, 3)])
def test_blank_and_odd_pictures_have_a_type_and_a_confidence(shape: tuple[int, ...]) -> None:
    found = type_of(np.full(shape, 255, np.uint8))
    assert found.name in TYPES
    assert 0 <= found.confidence <= 1


def test_black_and_noisy_pictures_give_finite_traits() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (900, 700), np.uint8)
    for pixels in (np.zeros((300, 200), np.uint8), noise, np.full((9, 9), 7, np.uint8)):
        traits = measure(small_picture(pixels))
        assert np.isfinite(traits).all()
        assert traits.shape == network().mean.shape


def test_the_same_figure_has_the_same_type_at_half_the_resolution_and_in_colour() -> None:
    pixels, _ = diagram("table", 0, "two resolutions")
    half = small_picture(pixels)
    assert max(half.shape) == SIDE
    assert type_of(pixels).name == type_of(np.repeat(pixels[:, :, None], 3, axis=2)).name == "table"
    assert type_of(np.ascontiguousarray(pixels[::2, ::2])).name == "table"


def test_the_model_is_small() -> None:
    assert (Path(__file__).parents[1] / "src/ipatent/assets/figure-types.npz").stat().st_size < 500_000


def test_a_patent_that_is_read_has_the_types_of_its_figures(tmp_path: Path) -> None:
    patent = next(
        p for p in (make_patent(8, n) for n in range(40)) if '"figure_type": "flowchart"' in p.truth
    )
    (tmp_path / f"{patent.number}.pdf").write_bytes(patent.pdf)
    truth = {
        figure["label"]: figure["figure_type"]
        for sheet in json.loads(patent.truth)["sheets"]
        for figure in sheet["figures"]
    }
    (job,) = discover([tmp_path], LIMITS).jobs
    (tmp_path / "objects").mkdir()
    reading = read_job(ReadingTask(job, LIMITS, str(tmp_path / "objects"), 200))
    named = [figure for figure in reading.figures if len(figure.labels) == 1 and figure.labels[0] in truth]
    assert len(named) >= 2
    assert {figure.labels[0]: figure.type for figure in named} == {
        f.labels[0]: truth[f.labels[0]] for f in named
    }
    assert all(figure.type_confidence > 0.5 for figure in named)


@pytest.mark.real
@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real patents in {REAL}")
def test_real_figures_have_the_types_that_were_found_by_looking_at_them(tmp_path: Path) -> None:
    truth: dict[str, str] = json.loads(TRUTH.read_text("utf-8"))
    numbers = ("D815896", "D865377", "D886202", "D854892", "D840724", "US20250204297")
    paths = [path for path in REAL.rglob("*.*") if any(number in path.name for number in numbers)]
    jobs = [job for job in discover(paths, LIMITS).jobs if job.paths]
    found: dict[str, str] = {}
    for job in jobs:
        reading = read_job(ReadingTask(job, LIMITS, str(tmp_path), 200))
        found |= {figure.id: figure.type for figure in reading.figures}
    lines = [
        found[figure] == kind for figure, kind in truth.items() if figure in found and kind != "photograph"
    ]
    photographs = [
        found[figure] == kind for figure, kind in truth.items() if figure in found and kind == "photograph"
    ]
    assert len(lines) >= 30
    assert all(lines)
    assert len(photographs) >= 20
    assert np.mean(photographs) >= 0.5
