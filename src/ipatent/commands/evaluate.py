"""`ipatent eval`: how well figures are found, in a collection, in a folder, or among generated patents."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ipatent.commands.options import Data, Json, Set, print_json, settings_from
from ipatent.commands.output import out, write
from ipatent.errors import QueryError, SettingsError, SourceError
from ipatent.settings import Settings

if TYPE_CHECKING:
    from ipatent.evaluate import Outcome
    from ipatent.evaluate.collection import Collection
    from ipatent.evaluate.suite import Plan
    from ipatent.opening import Opened
    from ipatent.query import SecondLook

eval_app = typer.Typer(
    help="Measure how well figures are found: tables with intervals, JSON, and the worst topics as a page.",
    rich_markup_mode=None,
)

Folder = Annotated[
    Path | None, typer.Argument(metavar="[FOLDER]", help="Patents to evaluate on; else the data folder's.")
]
EncoderNames = Annotated[
    list[str] | None, typer.Option("--encoder", metavar="NAME", help="Encoder to measure. Repeatable.")
]
Baselines = Annotated[
    bool,
    typer.Option("--baselines", help="Measure hog, ahdh, builtin and the CLIP models on disk as well."),
]
Queries = Annotated[int, typer.Option(min=1, help="Most topics of a task that draws them.")]
Seed = Annotated[int, typer.Option(min=0, help="Of what is drawn, and of the intervals.")]
To = Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Write all results as JSON.")]
Page = Annotated[
    Path | None, typer.Option("--page", metavar="FILE", help="Write the worst topics as HTML with pictures.")
]
Rerank = Annotated[
    list[str] | None,
    typer.Option(
        "--rerank",
        metavar="NAMES",
        help="Measure with these second looks, too (docs/quality.md). Repeatable.",
    ),
]
_WIDE = 200


@eval_app.callback(invoke_without_command=True)
def evaluate(
    context: typer.Context,
    suite: Annotated[bool, typer.Option("--suite", help="All tasks on newly generated patents.")] = False,
    patents: Annotated[int, typer.Option(min=2, help="How many patents to generate.")] = 60,
    queries: Queries = 300,
    seed: Seed = 0,
    to: To = None,
    page: Page = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Measure how well figures are found."""
    if context.invoked_subcommand is not None:
        return
    if not suite:
        print(context.get_help())
        raise typer.Exit(2)
    from ipatent.evaluate.suite import TASKS, Plan

    settings = settings_from(None, more)
    with tempfile.TemporaryDirectory(prefix="ipatent-eval-") as folder:
        from ipatent.progress import sample_with_progress

        sample = Path(folder) / "sample"
        sample_with_progress(sample, patents, seed, _err())
        name = f"{patents} generated patents, seed {seed}"
        with _collection(sample, settings, ["builtin"], name) as collection:
            plan = Plan(tuple(TASKS), queries, seed)
            _measure(collection, plan, settings, [], True, to, page, as_json)


@eval_app.command(epilog="Example: ipatent eval reid ~/my-patents --baselines --page worst.html")
def reid(
    folder: Folder = None,
    query_list: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Pictures in FOLDER to ask with: a path and label each."),
    ] = None,
    database_list: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Pictures in FOLDER to be found.")
    ] = None,
    encoder: EncoderNames = None,
    baselines: Baselines = False,
    seed: Seed = 0,
    to: To = None,
    page: Page = None,
    rerank: Rerank = None,
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """A figure finds the others of its patent, leaving itself out; or as two lists of pictures say."""
    if query_list or database_list:
        if not (folder and query_list and database_list):
            raise SettingsError(
                "Lists need both --query-list and --database-list, and the FOLDER that their paths begin in."
            )
        settings = settings_from(data, more)
        outcomes = list(_by_lists(folder, query_list, database_list, encoder, baselines, settings))
        _report(outcomes, None, seed, to, page, as_json)
        return
    _run(("reid",), folder, encoder, baselines, 1, seed, to, page, settings_from(data, more), as_json, rerank)


@eval_app.command(epilog="Example: ipatent eval family ./generated-patents")
def family(
    folder: Folder = None,
    encoder: EncoderNames = None,
    baselines: Baselines = False,
    seed: Seed = 0,
    to: To = None,
    page: Page = None,
    rerank: Rerank = None,
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """A figure finds those of other patents of its family."""
    _run(
        ("family",), folder, encoder, baselines, 1, seed, to, page, settings_from(data, more), as_json, rerank
    )


@eval_app.command(epilog="Example: ipatent eval region --data ./data --queries 200")
def region(
    folder: Folder = None,
    encoder: EncoderNames = None,
    baselines: Baselines = False,
    queries: Queries = 300,
    seed: Seed = 0,
    to: To = None,
    page: Page = None,
    rerank: Rerank = None,
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """A cut-out with at least a quarter of a figure's ink finds the figure."""
    _run(
        ("region",),
        folder,
        encoder,
        baselines,
        queries,
        seed,
        to,
        page,
        settings_from(data, more),
        as_json,
        rerank,
    )


@eval_app.command(epilog="Example: ipatent eval text --data ./data")
def text(
    folder: Folder = None,
    encoder: Annotated[str | None, typer.Option("--encoder", metavar="NAME", help="Encoder to use.")] = None,
    queries: Queries = 300,
    seed: Seed = 0,
    to: To = None,
    page: Page = None,
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """A caption finds its figure, a title its patent, a description in other words its patent."""
    tasks, named = ("caption", "title", "description"), [encoder] if encoder else None
    _run(tasks, folder, named, False, queries, seed, to, page, settings_from(data, more), as_json)


@eval_app.command(epilog="Example: ipatent eval both --data ./data")
def both(
    folder: Folder = None,
    encoder: Annotated[str | None, typer.Option("--encoder", metavar="NAME", help="Encoder to use.")] = None,
    queries: Queries = 300,
    seed: Seed = 0,
    to: To = None,
    page: Page = None,
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """A figure with the name of what it shows finds the same thing elsewhere; against each alone."""
    named = [encoder] if encoder else None
    _run(("both",), folder, named, False, queries, seed, to, page, settings_from(data, more), as_json)


@eval_app.command(epilog="Example: ipatent eval judged --qrels qrels.txt --run search.run")
def judged(
    qrels: Annotated[Path, typer.Option(metavar="FILE", help="Judgements: ipatent judgements export.")],
    run: Annotated[
        list[Path], typer.Option(metavar="FILE", help="A search's ranking in TREC's format. Repeatable.")
    ],
    seed: Seed = 0,
    to: To = None,
    as_json: Json = False,
) -> None:
    """Score rankings by judgements that were made in the product. Unjudged figures count as not relevant."""
    from ipatent.evaluate import Outcome
    from ipatent.evaluate.measures import score
    from ipatent.evaluate.trec import judged_runs

    outcomes = [Outcome("judged", path.name, qrels.name, score(judged_runs(qrels, path))) for path in run]
    _report(outcomes, None, seed, to, None, as_json)


@eval_app.command(epilog="Example: ipatent eval compare before.json after.json")
def compare(
    first: Annotated[Path, typer.Argument(metavar="A.json", help="Results of an evaluation.")],
    second: Annotated[Path, typer.Argument(metavar="B.json", help="Results of another one.")],
    system: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="Names of the two systems, where a file holds several of a task."),
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Compare two runs topic by topic: the gain with its interval, and a paired test over patents."""
    from ipatent.evaluate.results import read_outcomes
    from ipatent.evaluate.statistics import differences
    from ipatent.evaluate.tables import comparison_table

    pairs = list(_pairs(read_outcomes(first), read_outcomes(second), system))
    if not pairs:
        raise QueryError(
            "The two files have no task in common that the same system, or one alone, answered.",
            "Name the systems to compare: --system 'A' 'B'.",
        )
    found = [(one, other, differences(one, other, seed)) for one, other in pairs]
    if as_json:
        compared = [
            {"task": a.task, "first": a.system, "second": b.system, "measures": [asdict(d) for d in gaps]}
            for a, b, gaps in found
        ]
        print_json({"comparisons": compared})
        return
    for one, other, gaps in found:
        _print(comparison_table(f"{one.task}: {one.system} → {other.system}", gaps))


def mount(app: typer.Typer) -> None:
    """Add `eval` to the command line."""
    app.add_typer(eval_app, name="eval")


def _pairs(
    first: "Sequence[Outcome]", second: "Sequence[Outcome]", names: tuple[str, str] | None
) -> "Iterator[tuple[Outcome, Outcome]]":
    """Outcomes of one task by the systems named; else by the same system, or the only ones there are."""
    for task in dict.fromkeys(outcome.task for outcome in first):
        ours = {outcome.system: outcome for outcome in first if outcome.task == task}
        theirs = {outcome.system: outcome for outcome in second if outcome.task == task}
        if names:
            if names[0] in ours and names[1] in theirs:
                yield ours[names[0]], theirs[names[1]]
        elif len(ours) == len(theirs) == 1:
            yield next(iter(ours.values())), next(iter(theirs.values()))
        else:
            for name in ours.keys() & theirs.keys():
                yield ours[name], theirs[name]


def _run(
    tasks: tuple[str, ...],
    folder: Path | None,
    encoders: list[str] | None,
    baselines: bool,
    queries: int,
    seed: int,
    to: Path | None,
    page: Path | None,
    settings: Settings,
    as_json: bool,
    rerank: list[str] | None = None,
) -> None:
    from ipatent.evaluate.suite import Plan
    from ipatent.rerank import read_second_looks

    looks = [read_second_looks(names) for names in rerank or ()]
    with _collection(folder, settings, encoders or [], "") as collection:
        plan = Plan(tasks, queries, seed)
        _measure(collection, plan, settings, encoders or [], baselines, to, page, as_json, looks)


@contextmanager
def _collection(
    folder: Path | None, settings: Settings, encoders: Sequence[str], name: str
) -> "Iterator[Collection]":
    """The figures of the data folder, or of patents in `folder`, read into one that is deleted afterwards."""
    from ipatent.evaluate.collection import open_collection
    from ipatent.opening import open_existing
    from ipatent.progress import ingest_with_progress

    with ExitStack() as stack:
        opened: Opened
        if folder is None:
            opened = stack.enter_context(open_existing(settings, _say))
            name = name or printable_name(settings.data_dir)
        else:
            opened = stack.enter_context(_temporary(settings, encoders))
            summary = ingest_with_progress([folder.expanduser()], opened, _err())
            for skip in summary.skipped:
                _say(f"Left out: {skip.path}: {skip.reason}")
            if not summary.patents:
                raise SourceError(f"There is no patent in {folder}.", "Name a folder with PDFs or pictures.")
            name = name or printable_name(folder)
        made = open_collection(
            name,
            opened.index,
            opened.encoder,
            opened.open_objects(),
            settings.max_sheet_pixels,
            folder.expanduser() if folder else settings.data_dir / "sample",
        )
        yield replace(made, synonyms=settings.synonyms == "on")


@contextmanager
def _temporary(settings: Settings, encoders: Sequence[str]) -> "Iterator[Opened]":
    from ipatent.opening import open_or_create

    with tempfile.TemporaryDirectory(prefix="ipatent-eval-") as place:
        chosen = replace(
            settings,
            data=place,
            models=str(settings.models_dir),
            encoder=encoders[0] if encoders else settings.encoder,
        )
        with open_or_create(chosen, None, _say) as opened:
            yield opened


def _measure(
    collection: "Collection",
    plan: "Plan",
    settings: Settings,
    names: Sequence[str],
    with_baselines: bool,
    to: Path | None,
    page: Path | None,
    as_json: bool,
    looks: "Sequence[tuple[SecondLook, ...]]" = (),
) -> None:
    from ipatent.evaluate import suite

    encoders = {collection.encoder.spec.name: collection.encoder}
    if names:
        encoders = {name: suite.named(name, settings) for name in names}
    for encoder in suite.baselines(settings, _say) if with_baselines else ():
        encoders.setdefault(encoder.spec.name, encoder)
    compared: list[suite.System] = []
    if set(plan.tasks) & set(suite.PICTURES):
        compared = suite.systems(collection, encoders.values(), _say, looks)
    outcomes: list[Outcome] = []
    for outcome in suite.run(collection, plan, compared, _say):
        _say(f"Measured: {outcome.task}, {outcome.system}")
        outcomes.append(outcome)
    _report(outcomes, collection, plan.seed, to, page, as_json)


def _by_lists(
    folder: Path,
    queries: Path,
    database: Path,
    names: list[str] | None,
    with_baselines: bool,
    settings: Settings,
) -> "Iterator[Outcome]":
    from ipatent.evaluate import Outcome, suite
    from ipatent.evaluate.lists import read_list, reid_by_lists
    from ipatent.evaluate.measures import score

    asking, there = read_list(queries), read_list(database)
    encoders = [suite.named(name, settings) for name in names or [settings.encoder]]
    encoders += suite.baselines(settings, _say) if with_baselines else []
    for encoder in {encoder.spec.name: encoder for encoder in encoders}.values():
        _say(f"Encoding {len(set(asking) | set(there)):,} pictures with {encoder.spec.name}")
        answers = reid_by_lists(folder.expanduser(), asking, there, encoder, settings.max_sheet_pixels)
        name = f"{queries.name} in {database.name}"
        yield Outcome("reid", encoder.spec.name, name, score(answers), len(there))


def _report(
    outcomes: "Sequence[Outcome]",
    collection: "Collection | None",
    seed: int,
    to: Path | None,
    page: Path | None,
    as_json: bool,
) -> None:
    import json

    from ipatent.evaluate.page import worst_page
    from ipatent.evaluate.results import outcomes_json
    from ipatent.evaluate.tables import outcome_tables

    results = outcomes_json(outcomes, seed)
    if as_json:
        print_json(results)
    else:
        for table in outcome_tables(outcomes, seed):
            _print(table)
    if to:
        write(to, json.dumps(results, ensure_ascii=False).encode("utf-8", "replace"))
    if page:
        write(page, worst_page(outcomes, collection, seed).encode("utf-8", "replace"))


def _print(table: object) -> None:
    console = out()
    if not console.is_terminal:
        console.width = _WIDE
    console.print(table)
    console.print()


def printable_name(path: Path) -> str:
    """The last part of a path, as a collection is called in tables."""
    from ipatent.sources.names import printable

    return printable(path.expanduser().absolute().name) or printable(path)


def _err() -> Console:
    return Console(markup=False, emoji=False, highlight=False, stderr=True)


def _say(message: str) -> None:
    _err().print(message, style="dim", soft_wrap=True)
