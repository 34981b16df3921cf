"""Commands for what is kept of the work: records, collections, judgements, saved searches."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ipatent.commands.options import Data, Json, Set, print_json, settings_from
from ipatent.commands.output import out, plain, silent, table, write
from ipatent.commands.records_tables import records_status, records_upgrade
from ipatent.commands.watching import verify, watch
from ipatent.errors import QueryError
from ipatent.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipatent.exports import Listing, Sight
    from ipatent.opening import Opened
    from ipatent.records import Database

records_app = typer.Typer(help="Searches as they were asked and answered.", no_args_is_help=True)
collections_app = typer.Typer(help="Figures collected, with notes.", no_args_is_help=True)
judgements_app = typer.Typer(help="Which figures are relevant to which query.", no_args_is_help=True)

Format = Annotated[
    str, typer.Option("--format", help="pdf, json, csv, ris, bibtex or run; else by the file's ending.")
]
To = Annotated[Path, typer.Option("--to", metavar="FILE", help="File to write; - is the standard output.")]


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    records_app.command("status", epilog="Example: ipatent records status")(records_status)
    records_app.command("upgrade", epilog="Example: ipatent records upgrade")(records_upgrade)
    app.add_typer(records_app, name="records", rich_help_panel=None)
    app.add_typer(collections_app, name="collections")
    app.add_typer(judgements_app, name="judgements")
    app.command(epilog="Example: ipatent watch --run")(watch)
    app.command(epilog="Example: ipatent verify report.json")(verify)


@records_app.command("list", epilog='Example: ipatent records list "folding chair"')
def list_records(
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="Only searches that hold these words.")] = "",
    offset: Annotated[int, typer.Option(min=0, help="How many of the newest to leave out.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="How many to list.")] = 50,
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """List the searches that were made, newest first."""
    from ipatent.records import searches

    with _opened(settings_from(data, more)) as database:
        page = searches.list_records(database, text, offset, limit)
    if as_json:
        print_json({"total": page.total, "records": [plain(asdict(record)) for record in page.records]})
        return
    table(
        ("record", "asked (UTC)", "times", "hits", "words", "pictures", "address"),
        (
            (r.id, f"{r.time:%Y-%m-%d %H:%M:%S}", r.count, r.hits, r.words, r.pictures, r.url)
            for r in page.records
        ),
        f"{len(page.records)} of {page.total:,} searches" if page.total else "No searches are recorded.",
    )


@records_app.command("show", epilog="Example: ipatent records show aBcDeFgHjKmN")
def show_record(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Id of the record.")],
    than: Annotated[
        str, typer.Option("--compare", metavar="RECORD", help="Say what changed since this older record.")
    ] = "",
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Say what was asked and answered, with the hash that the printed report carries."""
    from ipatent.records import compare, judgements, measures, record_hash, searches
    from ipatent.records.search_record import record_data

    with _opened(settings_from(data, more)) as database:
        found = searches.get(database, record)
        judged = judgements.judgements_of(database, found.query_key)
        change = compare(searches.get(database, than), found) if than else None
    if as_json:
        value = {"record": record_data(found), "sha256": record_hash(found), "count": found.count}
        value |= {"measures": asdict(measures(found, judged))}
        print_json(value | ({"change": asdict(change)} if change else {}))
        return
    encoder = found.encoder
    out().print(Text(f"{found.title}, {found.time:%Y-%m-%d %H:%M:%S} UTC", style="bold"), soft_wrap=True)
    index = found.index
    for name, value_of in (
        ("address", found.url),
        ("index", f"{index.patents:,} patents, {index.figures:,} figures, state {index.generation}"),
        (
            "encoder",
            f"{encoder.name} ({encoder.preprocessing}, weights {encoder.weights})" if encoder else "",
        ),
        ("sha256", record_hash(found)),
        ("change", change.sentence if change else ""),
    ):
        if value_of:
            out().print(Text(f"{name:8} {value_of}"), soft_wrap=True)
    table(
        ("#", "score", "figure", "judged"),
        (
            (rank, f"{hit.score:.3f}", hit.figure_id, _grade_name(judged.get(hit.figure_id)))
            for rank, hit in enumerate(found.ranked, 1)
        ),
        f"{len(found.ranked)} figures",
    )


@records_app.command("export", epilog="Example: ipatent records export aBcDeFgHjKmN --to report.pdf")
def export_record(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Id of the record.")],
    to: To,
    form: Format = "",
    top: Annotated[int | None, typer.Option(min=1, help="Only the first figures [all].")] = None,
    data: Data = None,
    more: Set = None,
) -> None:
    """Write a search as PDF report, JSON, CSV, RIS, BibTeX or TREC run."""
    from ipatent.exports import list_record, look_up_in
    from ipatent.records import judgements, searches

    settings = settings_from(data, more)
    with _opened(settings) as database:
        found = searches.get(database, record)
        judged = judgements.judgements_of(database, found.query_key)
    with _index(settings) as opened:
        listing = list_record(found, look_up_in(opened.index), judged, top=top)
        _export(listing, opened, to, form)


@collections_app.command("list", epilog="Example: ipatent collections list")
def list_collections(data: Data = None, more: Set = None, as_json: Json = False) -> None:
    """List the collections, last changed first."""
    from ipatent.records import collections

    with _opened(settings_from(data, more)) as database:
        found = collections.list_collections(database)
    if as_json:
        print_json({"collections": [plain(asdict(collection)) for collection in found]})
        return
    table(
        ("collection", "name", "figures", "changed (UTC)", "description"),
        ((c.id, c.name, c.figures, f"{c.changed:%Y-%m-%d %H:%M}", c.description) for c in found),
        f"{len(found)} collections" if found else "There are no collections.",
    )


Collection = Annotated[str, typer.Argument(metavar="COLLECTION", help="Name or id of the collection.")]


@collections_app.command("show", epilog='Example: ipatent collections show "Folding chairs"')
def show_collection(
    collection: Collection, data: Data = None, more: Set = None, as_json: Json = False
) -> None:
    """List the figures of a collection with their notes."""
    from ipatent.exports.listing import collection_data
    from ipatent.records import collections

    with _opened(settings_from(data, more)) as database:
        found = collections.get(database, collection)
    if as_json:
        print_json(collection_data(found))
        return
    table(
        ("#", "figure", "record", "note"),
        ((place, i.figure_id, i.record, i.note) for place, i in enumerate(found.items, 1)),
        f"{found.name}: {len(found.items)} figures. {found.description}".strip(),
    )


@collections_app.command("create", epilog='Example: ipatent collections create "Folding chairs"')
def create_collection(
    name: Annotated[str, typer.Argument(help="Its name.")],
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    data: Data = None,
    more: Set = None,
) -> None:
    """Make an empty collection; prints its id."""
    from ipatent.records import collections

    with _opened(settings_from(data, more)) as database:
        print(collections.create(database, name, description))


@collections_app.command("add", epilog='Example: ipatent collections add "Folding chairs" USD744296S1/1/1')
def add_to_collection(
    collection: Collection,
    figures: Annotated[list[str], typer.Argument(metavar="FIGURE...", help="Ids of figures.")],
    note: Annotated[str, typer.Option(help="A note for each.")] = "",
    data: Data = None,
    more: Set = None,
) -> None:
    """Put figures into a collection."""
    from ipatent.records import collections

    settings = settings_from(data, more)
    with _index(settings) as opened:
        for figure in figures:
            opened.index.figure(figure)
    with _opened(settings) as database:
        found = collections.get(database, collection)
        added = sum([collections.add(database, found.id, figure, note) for figure in figures])
    out().print(f"Added {added} of {len(figures)} figures; the others were in already.", soft_wrap=True)


@collections_app.command("export", epilog='Example: ipatent collections export "Folding chairs" --to x.csv')
def export_collection(
    collection: Collection, to: To, form: Format = "", data: Data = None, more: Set = None
) -> None:
    """Write a collection as PDF report, JSON, CSV, RIS or BibTeX."""
    from ipatent.exports import list_collection, look_up_in
    from ipatent.records import collections

    settings = settings_from(data, more)
    with _opened(settings) as database:
        found = collections.get(database, collection)
    with _index(settings) as opened:
        _export(list_collection(found, look_up_in(opened.index)), opened, to, form)


@judgements_app.command("export", epilog="Example: ipatent judgements export --qrels judged.qrels")
def export_judgements(
    qrels: Annotated[
        Path, typer.Option("--qrels", metavar="FILE", help="File for the qrels; - is the standard output.")
    ] = Path("-"),
    topics: Annotated[
        Path | None, typer.Option("--topics", metavar="FILE", help="File that says what each topic asks.")
    ] = None,
    data: Data = None,
    more: Set = None,
) -> None:
    """Write all judgements as TREC qrels; the topics are the keys of the queries."""
    from ipatent.exports.trec import to_qrels, to_topics
    from ipatent.records import judgements

    with _opened(settings_from(data, more)) as database:
        judged = judgements.judgements_of_all(database)
        parameters = judgements.judged_parameters(database)
    write(qrels, to_qrels(judged).encode("utf-8", "replace"))
    if topics:
        write(topics, to_topics(parameters).encode("utf-8", "replace"))


@contextmanager
def _opened(settings: Settings) -> "Iterator[Database]":
    from ipatent.records import open_records

    with open_records(settings) as database:
        yield database


def _index(settings: Settings) -> "Opened":
    from ipatent.opening import open_existing

    return open_existing(settings, silent, encoder=False)


def _export(listing: "Listing", opened: "Opened", to: Path, form: str) -> None:
    from ipatent import exports

    writers: dict[str, Callable[[], bytes]] = {
        "pdf": lambda: exports.to_pdf(listing, _sight(opened), opened.settings.report_font),
        "json": lambda: exports.to_json(listing).encode(),
        "csv": lambda: exports.to_csv(listing),
        "ris": lambda: exports.to_ris(listing).encode("utf-8", "replace"),
        "bibtex": lambda: exports.to_bibtex(listing).encode("utf-8", "replace"),
    }
    if record := listing.record:
        writers["run"] = lambda: exports.to_run(record).encode("utf-8", "replace")
    name = form.lower() or {"bib": "bibtex"}.get(to.suffix[1:].lower(), to.suffix[1:].lower())
    if name not in writers:
        raise QueryError(
            f"{name or to.name!r} is not a format that this can be written in.",
            f"Give one with --format: {', '.join(writers)}.",
        )
    write(to, writers[name]())


def _sight(opened: "Opened") -> "Sight":
    from ipatent.exports.sight import sight_of
    from ipatent.opening import open_uploads

    return sight_of(opened.index, opened.open_objects(), open_uploads(opened.settings))


def _grade_name(grade: Any) -> str:
    from ipatent.exports.listing import GRADES

    return "" if grade is None else GRADES[grade]
