"""Results, summaries and states as tables for a terminal and as JSON for programs."""

from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ipatent.index import IndexStatus
from ipatent.ingest import IngestSummary
from ipatent.patents import Figure, Patent
from ipatent.query import Hit, Results
from ipatent.sources.discovery import Skip
from ipatent.terms import components_in

_MOST_LINES = 60
_MOST_PATHS = 8


def summary_table(summary: IngestSummary) -> RenderableType:
    """What an ingest did, then what was skipped and why."""
    table = Table(show_header=True, header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("patents", "sheets", "figures", "new", "unchanged", "replaced", "skipped", "seconds"):
        table.add_column(name, justify="right")
    counts = (
        summary.patents,
        summary.sheets,
        summary.figures,
        summary.new,
        summary.unchanged,
        summary.replaced,
        len(summary.skipped),
    )
    table.add_row(*(f"{count:,}" for count in counts), f"{summary.seconds:.1f}")
    parts: list[RenderableType] = [table]
    if summary.skipped:
        parts.append(Text("\nSkipped:", style="bold"))
        parts.extend(_reasons(summary.skipped))
    if summary.notes:
        parts.append(Text("\nIndexed, but:", style="bold"))
        parts.extend(_reasons(summary.notes))
    if summary.interrupted:
        parts.append(Text("\nInterrupted. All counted above is stored; run the same again to go on."))
    return Group(*parts)


def _reasons(skips: tuple[Skip, ...]) -> list[Text]:
    """One line for each file; where very many share a reason, one line for them all."""
    by_reason: dict[str, list[str]] = {}
    for skip in skips:
        by_reason.setdefault(skip.reason, []).append(skip.path)
    lines: list[Text] = []
    for reason, paths in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        if len(paths) <= _MOST_PATHS:
            lines.extend(Text(f"  {path}: {reason}") for path in paths)
        else:
            lines.append(Text(f"  {paths[0]}: {reason} (and {len(paths) - 1:,} more like it)"))
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = [Text(f"  … and {len(lines) - _MOST_LINES:,} more lines; see --json")]
    return lines


def summary_json(summary: IngestSummary) -> dict[str, Any]:
    """An ingest's summary with every skipped file."""
    return {
        "files": summary.files,
        "patents": summary.patents,
        "sheets": summary.sheets,
        "figures": summary.figures,
        "new": summary.new,
        "unchanged": summary.unchanged,
        "replaced": summary.replaced,
        "skipped": [{"path": skip.path, "reason": skip.reason} for skip in summary.skipped],
        "notes": [{"path": note.path, "reason": note.reason} for note in summary.notes],
        "seconds": round(summary.seconds, 3),
        "interrupted": summary.interrupted,
    }


def hits_table(results: Results) -> Table:
    """The ranked figures, one line each."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("#", justify="right")
    table.add_column("score", justify="right")
    table.add_column("figure", no_wrap=True)
    table.add_column("label", no_wrap=True)
    table.add_column("title")
    table.add_column("caption")
    for hit in results.hits:
        figure, patent = hit.figure, hit.patent
        table.add_row(
            str(hit.rank),
            f"{hit.score:.3f}",
            Text(figure.id),
            Text(figure.display_label),
            Text(patent.title or PurePath(patent.source).name),
            Text(figure.caption),
        )
    table.caption = (
        f"{len(results.hits)} of {results.searched:,} figures, {results.seconds * 1000:.0f} ms,"
        f" encoder {results.encoder}"
    )
    table.caption_justify = "left"
    return table


def results_json(results: Results) -> dict[str, Any]:
    """A search's answer."""
    return {
        "searched": results.searched,
        "candidates": results.candidates,
        "generation": results.generation,
        "encoder": results.encoder,
        "seconds": round(results.seconds, 4),
        "hits": [_hit_json(hit) for hit in results.hits],
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
    figure, patent = hit.figure, hit.patent
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "figure": figure.id,
        "publication": patent.id,
        "label": figure.display_label,
        "title": patent.title,
        "caption": figure.caption,
        "published": patent.published.isoformat() if patent.published else None,
        "source": patent.source,
        "evidence": [
            {"part": c.part, "raw": c.raw, "calibrated": c.calibrated, "weight": c.weight}
            for c in hit.evidence
        ],
    }


def patent_table(patent: Patent, figures: tuple[Figure, ...]) -> RenderableType:
    """What was understood of a patent: its data, its figures with view and object, its components."""
    data = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name, value in (
        ("publication", patent.display),
        ("title", patent.title),
        ("published", patent.published.isoformat() if patent.published else ""),
        ("filed", patent.filed.isoformat() if patent.filed else ""),
        ("applicants", "; ".join(patent.applicants)),
        ("inventors", "; ".join(patent.inventors)),
        ("classes", ", ".join(f"{c.scheme} {c.symbol}" for c in patent.classifications)),
        ("source", patent.source),
    ):
        if value:
            data.add_row(name, Text(value))
    drawn = _columns("sheet", "figure", "type", "view", "shows", "caption", "components")
    for figure in figures:
        drawn.add_row(
            str(figure.sheet),
            Text(figure.display_label),
            figure.type,
            figure.view,
            Text(figure.depicts),
            Text(figure.caption),
            Text(", ".join(c.numeral for c in components_in(figure, patent))),
        )
    parts: list[RenderableType] = [data, Text("\nFigures:", style="bold"), drawn]
    if patent.components:
        named = _columns("numeral", "component", "figures", "first passage")
        for c in patent.components:
            passage = c.passages[0] if c.passages else ""
            named.add_row(Text(c.numeral), Text(c.term), ", ".join(c.figures), Text(passage))
        parts += [Text("\nComponents:", style="bold"), named]
    return Group(*parts)


def _columns(*names: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name)
    return table


def patent_json(patent: Patent, figures: tuple[Figure, ...]) -> dict[str, Any]:
    """What was understood of a patent."""
    return {
        "publication": patent.id,
        "title": patent.title,
        "published": patent.published.isoformat() if patent.published else None,
        "filed": patent.filed.isoformat() if patent.filed else None,
        "applicants": list(patent.applicants),
        "inventors": list(patent.inventors),
        "classifications": [{"scheme": c.scheme, "symbol": c.symbol} for c in patent.classifications],
        "source": patent.source,
        "figures": [
            {
                "figure": figure.id,
                "sheet": figure.sheet,
                "label": figure.display_label,
                "caption": figure.caption,
                "type": figure.type,
                "type_confidence": figure.type_confidence,
                "view": figure.view,
                "depicts": figure.depicts,
                "terms": list(figure.terms),
                "components": [c.numeral for c in components_in(figure, patent)],
            }
            for figure in figures
        ],
        "components": [asdict(component) for component in patent.components],
    }


def status_table(status: IndexStatus) -> Table:
    """What an index holds."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name, value in status_json(status).items():
        if isinstance(value, dict):
            value = f"{value['name']} (weights {value['weights'][:12]}, {value['preprocessing']})"
        table.add_row(name, Text(f"{value:,}" if isinstance(value, int) else str(value or "none yet")))
    return table


def status_json(status: IndexStatus) -> dict[str, Any]:
    """What an index holds."""
    encoder = status.encoder
    return {
        "patents": status.patents,
        "sheets": status.sheets,
        "figures": status.figures,
        "generation": status.generation,
        "bytes": status.bytes,
        "path": status.path,
        "encoder": {
            "name": encoder.name,
            "weights": encoder.weights,
            "preprocessing": encoder.preprocessing,
            "image_dim": encoder.image_dim,
            "caption_dim": encoder.caption_dim,
            "has_text_tower": encoder.has_text_tower,
        }
        if encoder
        else None,
    }
