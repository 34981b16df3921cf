"""Outcomes and comparisons as tables for the terminal."""

from collections.abc import Iterable, Sequence

from rich.table import Table

from ipatent.evaluate import MEASURES, Outcome
from ipatent.evaluate.statistics import Difference, Estimate, differences, estimates
from ipatent.evaluate.suite import TASKS


def outcome_tables(outcomes: Sequence[Outcome], seed: int) -> Iterable[Table]:
    """One table for each task: systems as rows, measures with their 95 % interval as columns.

    The last column says how probable a gap in mAP as large as that to the first system is by chance.
    """
    for task in dict.fromkeys(outcome.task for outcome in outcomes):
        here = [outcome for outcome in outcomes if outcome.task == task]
        yield _table(here, seed)


def _table(outcomes: Sequence[Outcome], seed: int) -> Table:
    first = outcomes[0]
    groups = len({one.topic.group for one in first.scored})
    told = TASKS.get(first.task, "")
    among = f" among {first.candidates:,}" if first.candidates else ""
    title = f"{first.task}: {told}" if told else first.task
    topics = (
        f"{len(first.scored):,} topics of {groups:,} {'families' if first.task == 'family' else 'patents'}"
    )
    table = _empty(f"{title}\n{first.collection}: {topics}{among}; 95 % intervals")
    table.add_column("system", no_wrap=True)
    for measure in MEASURES:
        table.add_column(measure, justify="right", no_wrap=True)
    if len(outcomes) > 1:
        table.add_column("p", justify="right", no_wrap=True)
    for outcome in outcomes:
        cells = [interval(estimate) for estimate in estimates(outcome.scored, seed).values()]
        if len(outcomes) > 1:
            cells.append("" if outcome is first else _chance(differences(first, outcome, seed)[0].p))
        table.add_row(outcome.system, *cells)
    return table


def comparison_table(title: str, found: Sequence[Difference]) -> Table:
    """What the second run gains over the first, measure by measure."""
    table = _empty(title)
    for name in ("measure", "first", "second", "gain", "p"):
        table.add_column(name, justify="left" if name == "measure" else "right", no_wrap=True)
    for one in found:
        gain = f"{one.gain.mean:+.3f} [{one.gain.low:+.3f}, {one.gain.high:+.3f}]"
        table.add_row(one.measure, f"{one.first:.3f}", f"{one.second:.3f}", gain, _chance(one.p))
    return table


def interval(estimate: Estimate) -> str:
    """`0.446 [0.39, 0.50]`."""
    return f"{estimate.mean:.3f} [{estimate.low:.2f}, {estimate.high:.2f}]"


def _chance(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _empty(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        header_style="bold",
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
