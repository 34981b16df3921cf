"""The command that searches: words, a picture, a known figure, and filters."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ipatent.commands import filtering
from ipatent.commands.options import Data, EncoderName, Json, Set, print_json, settings_from
from ipatent.commands.output import WIDE, out, silent
from ipatent.errors import PictureError, QueryError
from ipatent.patents import Box
from ipatent.query import Example, Query, Results
from ipatent.settings import Settings
from ipatent.sources.names import printable


def search(
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="Words to look for.")] = "",
    image: Annotated[Path | None, typer.Option(help="Picture to look for.", metavar="FILE")] = None,
    box: Annotated[
        str | None, typer.Option(metavar="X,Y,W,H", help="Search only this part of the picture, in pixels.")
    ] = None,
    like: Annotated[
        str, typer.Option(metavar="FIGURE", help="An indexed figure to look for, e.g. USD744296S1/1/1.")
    ] = "",
    text_weight: Annotated[
        float | None, typer.Option(help="Say of the words against the picture, 0 to 1.")
    ] = None,
    k: Annotated[int | None, typer.Option("-k", help="How many results.")] = None,
    rerank: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Second looks: expansion, augmentation, kreciprocal, siblings."),
    ] = None,
    synonyms: Annotated[
        bool | None, typer.Option("--synonyms/--no-synonyms", help="Also find other words for the words.")
    ] = None,
    office: filtering.Office = None,
    kind: filtering.Kind = None,
    cpc: filtering.Cpc = None,
    locarno: filtering.Locarno = None,
    figure_type: filtering.FigureType = None,
    view: filtering.View = None,
    applicant: filtering.Applicant = None,
    none_of: filtering.NoneOf = None,
    all_of: filtering.AllOf = None,
    year: filtering.Year = None,
    after: filtering.After = None,
    before: filtering.Before = None,
    priority_before: filtering.CutOff = None,
    captioned: filtering.Captioned = None,
    within: filtering.Within = None,
    data: Data = None,
    encoder: EncoderName = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Find the figures that fit words, a picture, or both, best first; or the newest that pass filters."""
    from ipatent.rerank import read_second_looks

    settings = settings_from(data, more, encoder=encoder, text_weight=text_weight, rerank=rerank)
    widen = settings.synonyms == "on" if synonyms is None else synonyms
    choices = {
        "office": office,
        "kind": kind,
        "cpc": cpc,
        "locarno": locarno,
        "type": figure_type,
        "view": view,
        "applicant": applicant,
    }
    single = filtering.Single(year, after, before, priority_before, captioned)
    picture = _picture(image, box, settings)
    pictured = [Example(picture)] if picture is not None else []
    _print(
        _found(
            Query(
                text,
                (*pictured, *([Example(like=like)] if like else [])),
                filters=filtering.filters_from(choices, none_of, all_of, single, within),
                text_weight=settings.text_weight,
                k=settings.k if k is None else k,
                collapse=True,
                rerank=read_second_looks(settings.rerank),
                synonyms=widen,
            ),
            settings,
        ),
        as_json,
    )


def _found(query: Query, settings: Settings) -> Results:
    from ipatent.opening import open_existing
    from ipatent.patches import closer_look
    from ipatent.search import search as find

    with open_existing(settings, silent) as opened:
        return find(
            query,
            opened.index,
            opened.encoder,
            candidates=settings.candidates,
            max_k=settings.max_k,
            max_query_chars=settings.max_query_chars,
            closer=closer_look(settings),
        )


def _print(results: Results, as_json: bool) -> None:
    from ipatent.tables import hits_table, results_json

    if as_json:
        print_json(results_json(results))
    elif results.hits:
        console = out()
        if not console.is_terminal:
            console.width = WIDE
        console.print(hits_table(results))
    else:
        out().print("Nothing found. Try other words, fewer filters, or a picture.")


def _picture(image: Path | None, box: str | None, settings: Settings) -> Any:
    from ipatent.pictures import open_picture

    if image is None:
        if box:
            raise QueryError("--box needs a picture.", "Name it with --image FILE.")
        return None
    name = printable(image)
    try:
        if image.exists() and not image.is_file():
            raise QueryError(f"{name} is no file.", "Name a picture with --image FILE.")
        if image.stat().st_size > settings.max_upload_bytes:
            raise QueryError(
                f"{name} is larger than the limit of {settings.max_upload_bytes:,} bytes.",
                "Make it smaller, or raise the setting max_upload_bytes.",
            )
        data = image.read_bytes()
    except OSError as error:
        raise QueryError(f"{name} cannot be read: {error.strerror or error}.", "Check the path.") from None
    try:
        pixels = open_picture(data, settings.max_upload_pixels)
    except PictureError as error:
        raise QueryError(f"{name}: {error.message}", error.advice) from None
    if box is None:
        return pixels
    try:
        part = Box.parse(box)
    except ValueError as error:
        raise QueryError(f"{error}.") from None
    height, width = pixels.shape[:2]
    if not part.within(width, height):
        raise QueryError(f"The box {part} does not lie in the picture of {width} × {height} pixels.")
    return part.cut(pixels)
