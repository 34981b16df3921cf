"""`ipatent adapt`: a head on the encoder, learned from the figures that are indexed."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console

from ipatent.commands.options import Data, Json, Set, print_json, settings_from
from ipatent.commands.output import table
from ipatent.errors import QueryError

_LINES_APART = 5


def adapt(
    undo: Annotated[bool, typer.Option("--undo", help="Give the index the plain encoder's vectors.")] = False,
    trial: Annotated[bool, typer.Option("--trial", help="Only say what a head would gain.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the parts that patents are dealt into.")] = 0,
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Learn from figures of one patent, and from judgements, what makes drawings alike in this index.

    What is learned is tested on patents held back, and kept only where it helps. No drawing is read
    again. Running servers go over to what was learned.
    """
    from ipatent import adapting
    from ipatent.encode.head import FOLDER
    from ipatent.index.embedded import FILE_NAME
    from ipatent.opening import open_existing
    from ipatent.records.database import open_records
    from ipatent.records.judged_groups import judged_groups

    if undo and trial:
        raise QueryError("--undo and --trial exclude each other.", "Give one of them.")
    settings = settings_from(data, more)
    if settings.index:
        raise QueryError(
            "An index on a server cannot be adapted.",
            "Adapt one in a data folder: leave the setting index empty.",
        )
    with open_existing(settings, _silent) as opened:
        encoder, objects = opened.encoder, opened.open_objects()
    folder = settings.data_dir
    place = adapting.Place(folder / FILE_NAME, encoder, objects, folder / FOLDER, settings.max_sheet_pixels)
    if undo:
        count = adapting.undo(place, _progress())
        if as_json:
            print_json({"undone": True, "encoder": place.base.spec.name, "figures": count})
        else:
            print(f"{count:,} figures have the vectors of {place.base.spec.name} again.")
            _err().print("Running servers go over to it.", style="dim")
        return
    with open_records(settings) as records:
        judged = judged_groups(records)
    adapted = adapting.adapt(place, judged, seed, trial, _progress())
    if as_json:
        print_json(_json(adapted))
        return
    verdict = adapted.verdict
    rows = [
        (name, f"{gain.before:.3f}", f"{gain.after:.3f}", _signed(gain.gain))
        for name, gain in (("mAP", verdict.average_precision), ("R@1", verdict.first))
    ]
    table(
        ("on patents held back", "plain", "adapted", "gain [95 % interval]"),
        rows,
        f"{verdict.topics:,} figures of {verdict.patents:,} patents asked for the others of theirs;"
        f" {verdict.judged:,} groups from judgements; shrinkage {verdict.shrinkage:g}.",
    )
    if adapted.kept:
        print(f"Kept: {adapted.figures:,} figures now have the vectors of {adapted.encoder}.")
        _err().print("Running servers go over to it. Back with: ipatent adapt --undo", style="dim")
    elif verdict.helps:
        print("It would help. Adapt with: ipatent adapt")
    else:
        print("Not kept: it does not help beyond chance. The index is as it was.")


def _json(adapted: Any) -> dict[str, Any]:
    verdict = adapted.verdict
    return {
        "kept": adapted.kept,
        "helps": verdict.helps,
        "encoder": adapted.encoder,
        "figures": adapted.figures,
        "mAP": asdict(verdict.average_precision),
        "R@1": asdict(verdict.first),
        "topics": verdict.topics,
        "patents": verdict.patents,
        "judged": verdict.judged,
        "shrinkage": verdict.shrinkage,
    }


def _signed(gain: Any) -> str:
    return f"{gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"


def _progress() -> Any:
    console = _err()
    if not console.is_terminal:
        return None

    def show(what: str, done: int, total: int) -> None:
        if done % _LINES_APART == 0 or done == total:
            console.print(f"{what} {done:,}/{total:,}", style="dim", highlight=False)

    return show


def _err() -> Console:
    return Console(markup=False, emoji=False, highlight=False, stderr=True)


def _silent(_: str) -> None:
    pass
