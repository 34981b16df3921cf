"""The worst topics of an evaluation as one HTML file, with pictures and without scripts."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ipatent.errors import NotFound, PictureError
from ipatent.evaluate import MEASURES, Outcome, Scored
from ipatent.evaluate.collection import Collection
from ipatent.evaluate.statistics import Estimate, estimates
from ipatent.evaluate.suite import TASKS
from ipatent.patents import Figure
from ipatent.pictures import encode_thumbnail, media_type

WORST = 12
_SIDE = 240


@dataclass(frozen=True, slots=True)
class _Shown:
    """A figure or patent of a ranking; `picture` is a data URI, empty where it has none."""

    id: str
    picture: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class _Topic:
    id: str
    text: str
    value: float
    picture: str
    hits: tuple[_Shown, ...]
    missed: _Shown | None


@dataclass(frozen=True, slots=True)
class _Part:
    task: str
    told: str
    system: str
    collection: str
    topics: int
    summary: Mapping[str, Estimate]
    worst: tuple[_Topic, ...]


def worst_page(
    outcomes: Sequence[Outcome], collection: Collection | None, seed: int, worst: int = WORST
) -> str:
    """The `worst` topics by average precision of every outcome, as a self-contained page.

    Without a collection, or where a drawing is missing, ids stand without pictures.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    pictures = _Pictures(collection)
    parts = [_part(outcome, pictures, seed, worst) for outcome in outcomes]
    return environment.get_template("worst.html").render(parts=parts)


class _Pictures:
    """Small pictures of figures and patents as data URIs, each made once."""

    def __init__(self, collection: Collection | None) -> None:
        self.collection = collection
        self._figures: dict[str, Figure] = {}
        self._made: dict[str, str] = {}
        for figure in collection.figures if collection else ():
            self._figures[figure.id] = figure
            self._figures.setdefault(figure.patent_id, figure)

    def of(self, name: str) -> str:
        """The thumbnail of a figure, or of a patent's first."""
        figure = self._figures.get(name)
        if figure is None or self.collection is None:
            return ""
        if name not in self._made:
            try:
                self._made[name] = _uri(self.collection.objects.get(figure.thumbnail))
            except NotFound:
                self._made[name] = ""
        return self._made[name]

    def asked(self, scored: Scored) -> str:
        """What the topic was asked with: the figure, or the part of it."""
        topic = scored.topic
        figure = self._figures.get(topic.figure)
        if topic.box is None or figure is None or self.collection is None:
            return self.of(topic.figure)
        try:
            return _uri(encode_thumbnail(topic.box.cut(self.collection.picture(figure)), _SIDE))
        except (NotFound, PictureError):
            return ""


def _part(outcome: Outcome, pictures: _Pictures, seed: int, worst: int) -> _Part:
    at = MEASURES.index("mAP")
    ordered = sorted(outcome.scored, key=lambda one: (one.values[at], one.topic.id))
    return _Part(
        task=outcome.task,
        told=TASKS.get(outcome.task, ""),
        system=outcome.system,
        collection=outcome.collection,
        topics=len(outcome.scored),
        summary=estimates(outcome.scored, seed),
        worst=tuple(_topic(one, pictures, one.values[at]) for one in ordered[:worst]),
    )


def _topic(scored: Scored, pictures: _Pictures, value: float) -> _Topic:
    topic = scored.topic
    missed = next((name for name in topic.relevant if name not in scored.best), None)
    return _Topic(
        id=topic.id,
        text=topic.text,
        value=value,
        picture=pictures.asked(scored),
        hits=tuple(_Shown(name, pictures.of(name), name in topic.relevant) for name in scored.best),
        missed=_Shown(missed, pictures.of(missed)) if missed else None,
    )


def _uri(data: bytes) -> str:
    return f"data:{media_type(data)};base64,{base64.b64encode(data).decode()}"
