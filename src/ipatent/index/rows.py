"""Patents, figures and encoder specs as JSON text, and back without loss."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from ipatent.classification import Classification
from ipatent.encode import EncoderSpec
from ipatent.patents import Box, Caption, Component, Figure, Numeral, Patent
from ipatent.publication import PublicationNumber


def patent_to_json(patent: Patent) -> str:
    """All of `patent` as a JSON object."""
    number = patent.number
    return _dump(
        {
            "id": patent.id,
            "number": [number.office, number.number, number.kind] if number else None,
            "title": patent.title,
            "published": patent.published.isoformat() if patent.published else None,
            "filed": patent.filed.isoformat() if patent.filed else None,
            "priority": patent.priority.isoformat() if patent.priority else None,
            "applicants": patent.applicants,
            "inventors": patent.inventors,
            "classifications": [
                [c.scheme, c.symbol, c.section, c.class_, c.subclass] for c in patent.classifications
            ],
            "abstract": patent.abstract,
            "captions": [[c.labels, c.text] for c in patent.captions],
            "description": patent.description,
            "source": patent.source,
            "family": patent.family,
            "components": [[c.numeral, c.term, c.forms, c.passages, c.figures] for c in patent.components],
            "titles": patent.titles,
        }
    )


def patent_from_json(text: str) -> Patent:
    """The patent that `patent_to_json` wrote."""
    body: dict[str, Any] = json.loads(text)
    number = body["number"]
    return Patent(
        id=body["id"],
        number=PublicationNumber(*number) if number else None,
        title=body["title"],
        published=_day(body["published"]),
        filed=_day(body["filed"]),
        priority=_day(body.get("priority")),
        applicants=tuple(body["applicants"]),
        inventors=tuple(body["inventors"]),
        classifications=tuple(Classification(*levels) for levels in body["classifications"]),
        abstract=body["abstract"],
        captions=tuple(Caption(tuple(labels), line) for labels, line in body["captions"]),
        description=body["description"],
        source=body["source"],
        family=body["family"],
        components=tuple(
            Component(numeral, term, *(tuple(more) for more in lists))
            for numeral, term, *lists in body.get("components", ())
        ),
        titles=tuple((language, title) for language, title in body.get("titles", ())),
    )


def figure_to_json(figure: Figure) -> str:
    """All of `figure` as a JSON object."""
    box = figure.box
    return _dump(
        {
            "id": figure.id,
            "patent_id": figure.patent_id,
            "sheet": figure.sheet,
            "box": [box.x, box.y, box.width, box.height],
            "image": figure.image,
            "sheet_image": figure.sheet_image,
            "thumbnail": figure.thumbnail,
            "width": figure.width,
            "height": figure.height,
            "labels": figure.labels,
            "caption": figure.caption,
            "terms": figure.terms,
            "view": figure.view,
            "depicts": figure.depicts,
            "numerals": [[n.text, n.box.x, n.box.y, n.box.width, n.box.height] for n in figure.numerals],
            "type": figure.type,
            "type_confidence": figure.type_confidence,
            "turn": figure.turn,
        }
    )


def figure_from_json(text: str) -> Figure:
    """The figure that `figure_to_json` wrote."""
    body: dict[str, Any] = json.loads(text)
    body["box"] = Box(*body["box"])
    body["labels"] = tuple(body["labels"])
    body["terms"] = tuple(body["terms"])
    body["numerals"] = tuple(Numeral(name, Box(*box)) for name, *box in body.get("numerals", ()))
    return Figure(**body)


def spec_to_json(spec: EncoderSpec) -> str:
    """All of `spec` as a JSON object."""
    return _dump(asdict(spec))


def spec_from_json(text: str) -> EncoderSpec:
    """The spec that `spec_to_json` wrote."""
    return EncoderSpec(**json.loads(text))


def plain(text: str) -> str:
    """`text` as SQLite can hold it: what UTF-8 cannot carry is written as an escape.

    Only names of files that are not UTF-8 differ; their lone surrogates would be an error else.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _dump(body: dict[str, Any]) -> str:
    # Inside JSON the escape of a lone surrogate is read back as itself.
    return plain(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
