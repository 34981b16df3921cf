"""From what an address asks to the query that is searched: pictures fetched, cut, cleaned and turned."""

import re
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from ipatent.components import ink_of
from ipatent.errors import NotFound, QueryError
from ipatent.index import Index
from ipatent.patents import Box, Figure, Patent, Pixels
from ipatent.photo import clean_photo
from ipatent.pictures import open_picture
from ipatent.publication import PublicationNumber
from ipatent.query import Example, Query, Weights
from ipatent.rerank import read_second_looks
from ipatent.web.answers import QueryPicture, summarise_figure, summarise_patent
from ipatent.web.asked import Asked, PictureAsked
from ipatent.web.objects import find_picture, picture_limit
from ipatent.web.state import AppState

_FIGURE_NAMED = re.compile(r"^(?P<number>\S.*?)[\s,;/]+fig(?:ure|s|\.)*\.?\s*(?P<label>\d+\w{0,3}'*)$", re.I)


def read_query(asked: Asked, state: AppState) -> tuple[Query, tuple[QueryPicture, ...]]:
    """The query that `asked` means, and its pictures as they are answered, in the same order.

    Raises NotFound for an unknown picture or figure, QueryError for a box outside the picture or a
    part without ink, PictureError for a picture that cannot be decoded.
    """
    settings = state.settings
    opened = [_opened(picture, state) for picture in asked.pictures]
    text_weight = settings.text_weight if asked.w is None else asked.w
    query = Query(
        text=asked.q,
        examples=tuple(example for example, _ in opened),
        less=asked.less,
        combine=asked.combine,
        filters=asked.filters,
        text_weight=text_weight,
        weights=Weights(**asked.all_weights(settings.text_weight)) if asked.weights else None,
        k=min(settings.k, settings.max_k) if asked.k is None else asked.k,
        offset=asked.offset,
        collapse=asked.collapse,
        rerank=read_second_looks(settings.rerank) if asked.rerank is None else asked.rerank,
        synonyms=settings.synonyms == "on" if asked.synonyms is None else asked.synonyms,
    )
    return query, tuple(answer for _, answer in opened)


def resolve(asked: Asked, index: Index) -> Asked:
    """The same with a figure that is named by publication and label made an example.

    It may be given as `figure`, or be all that the words say: `USD744296S1 FIG. 3`. Raises NotFound
    when the index holds no such patent, QueryError when the patent has no such figure.
    """
    if asked.figure:
        return replace(asked, figure="").with_like(find_figure(asked.figure, index).id)
    if asked.q and (named := _named(asked.q)):
        return replace(asked, q="").with_like(_figure_of(*named, index).id)
    return asked


def find_figure(text: str, index: Index) -> Figure:
    """The figure that `text` names: `USD744296S1 FIG. 3`, a publication (its first), or an id.

    Raises NotFound or QueryError as `resolve` does.
    """
    if named := _named(text):
        return _figure_of(*named, index)
    try:
        return index.figure(text)
    except NotFound:
        pass
    try:
        return _figure_of(PublicationNumber.parse(text), "", index)
    except ValueError:
        raise QueryError(
            f"“{text[:80]}” does not name a figure.",
            "Write the publication and the label, e.g. USD744296S1 FIG. 3.",
        ) from None


def _named(text: str) -> tuple[PublicationNumber, str] | None:
    found = _FIGURE_NAMED.match(text.strip())
    if not found:
        return None
    try:
        return PublicationNumber.parse(found["number"]), found["label"]
    except ValueError:
        return None


def _figure_of(number: PublicationNumber, label: str, index: Index) -> Figure:
    figures = _figures_of(number, index)
    wanted = [each for each in figures if label.upper() in (one.upper() for one in each.labels)]
    if wanted or not label:
        return (wanted or list(figures))[0]
    known = ", ".join(dict.fromkeys(chain.from_iterable(each.labels for each in figures)))
    raise QueryError(
        f"{number.display} has no FIG. {label}.",
        f"Its figures are {known[:200]}." if known else "Its figures have no labels; open the patent's page.",
    )


def _figures_of(number: PublicationNumber, index: Index) -> tuple[Figure, ...]:
    from ipatent.opening import KINDS

    kinds = (number.kind,) if number.kind else ("", *KINDS)
    for kind in kinds:
        try:
            if figures := index.figures_of(f"{number.office}{number.number}{kind}"):
                return figures
        except NotFound:
            continue
    raise NotFound(
        f"The index does not hold {number.display}.", "Check the number, or ingest the publication."
    )


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """The whole picture that a part is cut from: its pixels and where they are kept."""

    pixels: Pixels
    object_name: str
    figure: Figure | None = None


def open_original(picture: PictureAsked, state: AppState) -> Original:
    """The original of a query picture; raises NotFound or PictureError."""
    figure = _figure(picture.name, state.index) if picture.is_figure else None
    name = figure.image if figure else picture.name
    data = find_picture(state, name)
    with state.decoding:
        return Original(open_picture(data, picture_limit(state)), name, figure)


def searched_pixels(picture: PictureAsked, pixels: Pixels) -> Pixels:
    """What is searched of the original's `pixels`: cut, cleaned, turned and mirrored.

    Raises QueryError when the box reaches outside.
    """
    cut = _cut(pixels, picture.box) if picture.box else pixels
    if picture.clean:
        cut = clean_photo(cut)
    turned = np.rot90(cut, -(picture.turn // 90))
    return np.ascontiguousarray(turned[:, ::-1] if picture.mirror else turned)


def _opened(picture: PictureAsked, state: AppState) -> tuple[Example, QueryPicture]:
    if picture.is_figure and picture.is_whole:
        figure = _figure(picture.name, state.index)
        answer = _answer(picture, figure.width, figure.height, figure.image, figure, state)
        return Example(like=picture.name, against=picture.against), answer
    original = open_original(picture, state)
    with state.decoding:
        searched = searched_pixels(picture, original.pixels)
        blank = not ink_of(searched).any()
    if blank and picture.box:
        raise QueryError(
            "The part of the picture inside the box is blank.",
            "Draw the box around some lines, or leave it empty for the whole picture.",
        )
    if blank:
        raise QueryError(
            "The picture is blank: there is no line in it to search for.",
            "Choose another picture, or scan it darker.",
        )
    height, width = original.pixels.shape[:2]
    answer = _answer(picture, width, height, original.object_name, original.figure, state)
    # Who turned or took a drawing that stands upright wants it this way up.
    any_way_up = not (picture.is_figure or picture.turn)
    return Example(searched, against=picture.against, any_way_up=any_way_up), answer


def _answer(
    picture: PictureAsked, width: int, height: int, name: str, figure: Figure | None, state: AppState
) -> QueryPicture:
    patent: Patent | None = state.index.patent(figure.patent_id) if figure else None
    shown = Asked(pictures=(replace(picture, against=False),))
    return QueryPicture(
        sha256="" if picture.is_figure else picture.name,
        width=width,
        height=height,
        box=str(picture.box) if picture.box else "",
        turn=picture.turn,
        mirror=picture.mirror,
        clean=picture.clean,
        against=picture.against,
        preview_url=shown.url("/preview"),
        original_url=f"/pictures/{name}",
        figure=summarise_figure(figure) if figure else None,
        patent=summarise_patent(patent) if patent else None,
    )


def _figure(figure_id: str, index: Index) -> Figure:
    try:
        return index.figure(figure_id)
    except NotFound:
        raise NotFound(
            f"The index holds no figure {figure_id[:80]}.", "It may have been deleted; search again."
        ) from None


def _cut(pixels: Pixels, box: Box) -> Pixels:
    height, width = pixels.shape[:2]
    if not box.within(width, height):
        raise QueryError(
            f"The box {box} reaches outside the picture, which is {width} × {height} pixels.",
            "X + W must not exceed the width, Y + H not the height. Leave it empty for the whole picture.",
        )
    return box.cut(pixels)
