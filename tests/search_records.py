"""Search records for tests, with plausible values for what is not given."""

from dataclasses import replace
from datetime import UTC, datetime

from ipatent.patents import Box
from ipatent.records import IndexState, QueryImage, RankedFigure, SearchRecord
from tiny_encoder import SPEC

TIME = datetime(2026, 3, 4, 9, 30, 15, 250_000, tzinfo=UTC)
STATE = IndexState("index.sqlite#7", generation=12, patents=3, figures=9)


def ranked(*figure_ids: str) -> tuple[RankedFigure, ...]:
    """The figures with falling scores."""
    return tuple(RankedFigure(figure, round(0.9 - n / 1000, 6)) for n, figure in enumerate(figure_ids))


def search_record(*figure_ids: str, **others: object) -> SearchRecord:
    """A search for a folding chair with a picture; figures P1/1/1 to P3/1/1 where none are given."""
    record = SearchRecord(
        time=TIME,
        url="/search?q=folding+chair&img=" + "a" * 64 + "&box=10,20,30,40&k=100",
        parameters=(("q", "folding chair"), ("img", "a" * 64), ("box", "10,20,30,40"), ("k", "100")),
        index=STATE,
        encoder=SPEC,
        ranked=ranked(*(figure_ids or ("P1/1/1", "P2/1/1", "P3/1/1"))),
        seconds=0.125,
        words="folding chair",
        pictures=(QueryImage(sha256="a" * 64, box=Box(10, 20, 30, 40)),),
        filters=(("CPC", "A47G"), ("Before", "2020-01-01")),
        program="0.1.0",
    )
    return replace(record, **others)  # type: ignore[arg-type]
