"""Progress bars around the long jobs, for a terminal; plain lines where there is none."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ipatent.encode.choice import choose, open_encoder
from ipatent.index.embedded import FILE_NAME
from ipatent.ingest import IngestSummary, Step, ingest
from ipatent.opening import Ask, Opened, Say, objects_place, open_existing, open_objects
from ipatent.reencode import re_encode, re_encode_beside
from ipatent.sample import SampleSummary, generate
from ipatent.settings import Settings

if TYPE_CHECKING:
    from ipatent.ray_ingest import RayStages

_LINES_WITHOUT_TERMINAL = 20
"""How many plain lines a long job prints where there is no terminal."""


def progress_bar(console: Console) -> Progress:
    """A bar with counts and the time that is left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def ingest_with_progress(
    paths: Sequence[Path], opened: Opened, console: Console, ray: str = ""
) -> IngestSummary:
    """Ingest, showing how far it is; on the Ray cluster of an address where one is given."""
    with ExitStack() as stack:
        elsewhere = stack.enter_context(_on_ray(ray, opened)) if ray else None
        bar = stack.enter_context(progress_bar(console))
        task = bar.add_task("Indexing", total=None)
        open_objects(opened.settings)  # says at once, and once, what is wrong with the store

        def show(step: Step) -> None:
            bar.update(task, total=step.total, completed=step.done)
            _plain(console, "Indexing", step.done, step.total)

        return ingest(
            paths,
            opened.index,
            opened.encoder,
            objects_place(opened.settings),
            opened.settings,
            show,
            elsewhere,
        )


def _on_ray(address: str, opened: Opened) -> "RayStages":
    from ipatent.ray_ingest import RayStages

    spec = opened.encoder.spec
    make = partial(choose, replace(opened.settings, encoder="auto"), spec)
    return RayStages(address, make, spec, opened.settings)


def re_encode_with_progress(settings: Settings, ask: Ask | None, say: Say, console: Console) -> int:
    """Encode all stored figures anew with the encoder of the settings; the number of figures."""
    with open_existing(settings, say, encoder=False) as opened:
        objects = opened.open_objects()
    encoder = open_encoder(settings, ask, say)
    with progress_bar(console) as bar:
        task = bar.add_task("Encoding", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, total=total, completed=done)
            _plain(console, "Encoding", done, total)

        if settings.index:
            from ipatent.index.qdrant_opening import open_qdrant

            with open_qdrant(settings.index, settings) as index:
                return re_encode_beside(index, encoder, objects, settings.max_sheet_pixels, show)
        return re_encode(settings.data_dir / FILE_NAME, encoder, objects, settings.max_sheet_pixels, show)


def sample_with_progress(folder: Path, patents: int, seed: int, console: Console) -> SampleSummary:
    """Generate patents, showing how far it is."""
    with progress_bar(console) as bar:
        task = bar.add_task("Generating", total=patents)

        def show(done: int) -> None:
            bar.update(task, completed=done)
            _plain(console, "Generating", done, patents)

        return generate(folder, patents, seed, progress=show)


def _plain(console: Console, what: str, done: int, total: int | None) -> None:
    if console.is_terminal:
        return
    if total is None:  # as long as archives are gone through; lines come at 1, 2, ... 9, 10, 20, ...
        if done % 10 ** (len(str(done)) - 1) == 0:
            console.print(f"{what} {done}", highlight=False)
    elif done % max(total // _LINES_WITHOUT_TERMINAL, 1) == 0 or done == total:
        console.print(f"{what} {done}/{total}", highlight=False)
