"""The map of the best figures: a place for each, and the values that its colour may tell."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from ipatent.errors import NotFound, SettingsError
from ipatent.keywords import Keywords
from ipatent.patents import Vectors
from ipatent.project import Places, neighbours, principal
from ipatent.query import Hit
from ipatent.web.answers import Answer, FigureSummary, PatentSummary, summarise_figure, summarise_patent
from ipatent.web.asked import Asked
from ipatent.web.clusters_made import made
from ipatent.web.language import translate
from ipatent.web.map_asked import By, Layout
from ipatent.web.map_legend import Legend, legend_of_groups, legends_of_figures
from ipatent.web.map_plotly import Plotly, plotly_script
from ipatent.web.state import AppState

_NAMED_BY = 2
"""Keywords in the name of a cluster."""


class MapValueAnswer(Answer):
    """One value that points may be coloured by."""

    label: str
    count: int


class MapLegendAnswer(Answer):
    """A property of the figures, and its values."""

    by: By
    values: tuple[MapValueAnswer, ...]


class MapPointAnswer(Answer):
    """A figure on the map."""

    rank: int
    at: tuple[float, ...] = Field(description="Two or three coordinates, each from -1 to 1.")
    values: tuple[int, ...] = Field(description="For each of `legends`, the place of its value, from 0.")
    figure: FigureSummary
    patent: PatentSummary


class MapAnswer(Answer):
    """The best figures of a search on a map; near figures look alike, axes have no meaning."""

    dims: int
    project: Layout
    explained: str = Field(description="How the clusters came about; empty where there are none.")
    legends: tuple[MapLegendAnswer, ...]
    points: tuple[MapPointAnswer, ...]


class MapPlacesAnswer(Answer):
    """Places alone, in the order of rank."""

    dims: int
    project: Layout
    ids: tuple[str, ...]
    at: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class MapRow:
    """A figure in the table beside the map; `at` and `values` are read by the script."""

    rank: int
    figure: FigureSummary
    patent: PatentSummary
    at: str
    values: str
    texts: tuple[str, ...]
    """What the legends say of it, in their order."""


@dataclass(frozen=True, slots=True)
class MapView:
    """What the template of the map shows."""

    rows: tuple[MapRow, ...]
    legends: tuple[Legend, ...]
    by: By
    explained: str
    problem: str
    """Why there are no clusters, where they could not be made."""
    plotly: Plotly | None
    """Null where it is not installed: then there is the table alone."""
    places_url: str
    counts: tuple[int, ...]
    """How many figures may be drawn, to choose from."""


def map_view(asked: Asked, hits: Sequence[Hit], state: AppState) -> MapView:
    """The map with places by principal components, which are there at once."""
    legends, explained, problem = _legends(asked, hits, state)
    places = principal(_images(hits, state), 3, asked.grouping.seed)
    try:
        plotly = plotly_script()
    except NotFound:
        plotly = None
    return MapView(
        rows=tuple(
            MapRow(
                rank=hit.rank,
                figure=summarise_figure(hit.figure),
                patent=summarise_patent(hit.patent),
                at=",".join(f"{value:.4f}" for value in at),
                values=",".join(str(legend.of[place]) for legend in legends),
                texts=tuple(legend.values[legend.of[place]].label for legend in legends),
            )
            for place, (hit, at) in enumerate(zip(hits, places, strict=True))
        ),
        legends=legends,
        by=asked.map.by if asked.map.by in [legend.by for legend in legends] else legends[0].by,
        explained=explained,
        problem=problem,
        plotly=plotly,
        places_url=asked.url("/map/places.json"),
        counts=_counts(asked.grouping.of, state.settings.max_clustered),
    )


def answer_map(asked: Asked, hits: Sequence[Hit], state: AppState) -> MapAnswer:
    """The map with all that is known of its figures."""
    legends, explained, _ = _legends(asked, hits, state)
    places = places_of(asked, _images(hits, state))
    return MapAnswer(
        dims=int(asked.map.dims),
        project=asked.map.project,
        explained=explained,
        legends=tuple(
            MapLegendAnswer(
                by=legend.by,
                values=tuple(MapValueAnswer(label=each.label, count=each.count) for each in legend.values),
            )
            for legend in legends
        ),
        points=tuple(
            MapPointAnswer(
                rank=hit.rank,
                at=at,
                values=tuple(legend.of[place] for legend in legends),
                figure=summarise_figure(hit.figure),
                patent=summarise_patent(hit.patent),
            )
            for place, (hit, at) in enumerate(zip(hits, _rounded(places), strict=True))
        ),
    )


def answer_places(asked: Asked, hits: Sequence[Hit], state: AppState) -> MapPlacesAnswer:
    """The places alone, for the script of the page."""
    return MapPlacesAnswer(
        dims=int(asked.map.dims),
        project=asked.map.project,
        ids=tuple(hit.figure.id for hit in hits),
        at=_rounded(places_of(asked, _images(hits, state))),
    )


def places_of(asked: Asked, vectors: Vectors) -> Places:
    """Where the figures lie, in the layout and the dimensions asked for."""
    lay_out = neighbours if asked.map.project == "neighbours" else principal
    return lay_out(vectors, int(asked.map.dims), asked.grouping.seed)


def mark_of(asked: Asked, hits: Sequence[Hit], generation: int) -> str:
    """A name that changes with the places: the same figures, parameters and index give the same map."""
    digest = hashlib.sha256()
    for part in (generation, asked.map.dims, asked.map.project, asked.grouping.seed):
        digest.update(f"{part}\0".encode())
    for hit in hits:
        digest.update(hit.figure.id.encode() + b"\0")
    return f'"{digest.hexdigest()[:24]}"'


def _images(hits: Sequence[Hit], state: AppState) -> Vectors:
    return state.index.vectors_of([hit.figure.id for hit in hits])[0]


def _legends(asked: Asked, hits: Sequence[Hit], state: AppState) -> tuple[tuple[Legend, ...], str, str]:
    """The legends, how the clusters came about, and why there are none."""
    others = legends_of_figures([(hit.figure, hit.patent) for hit in hits])
    try:
        found = made(hits, asked.grouping, state.index, state.settings)
    except SettingsError as absent:
        return others, "", f"{translate(absent.message)} {translate(absent.advice)}".strip()
    names = [_name(number, group.keywords) for number, group in enumerate(found.described, 1)]
    clusters = legend_of_groups([each.members for each in found.clusters.groups], names, len(hits))
    return (clusters, *others), " ".join(map(translate, found.clusters.sentences)), ""


def _name(number: int, words: Keywords) -> str:
    said = ", ".join(word.text for word in words.main[:_NAMED_BY])
    return f"{number} · {said}" if said else str(number)


def _counts(chosen: int, most: int) -> tuple[int, ...]:
    return tuple(sorted({each for each in (100, 250, 500, 1000, 2000, most) if each <= most} | {chosen}))


def _rounded(places: Places) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(float(value), 4) for value in at) for at in places)
