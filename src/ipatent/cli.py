"""The command line: `ipatent COMMAND`. Each command parses, calls, prints; the work is done elsewhere."""

import errno
import os
import sys
import tempfile
import traceback
import webbrowser
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from ipatent import __version__
from ipatent.commands import evaluate as evaluate_commands
from ipatent.commands.adapt import adapt
from ipatent.commands.audit import audit_descriptions
from ipatent.commands.backup import backup, restore
from ipatent.commands.check import check
from ipatent.commands.encoders import encoders, runtime_lines
from ipatent.commands.mcp import mcp
from ipatent.commands.migrate import migrate
from ipatent.commands.options import Data, EncoderName, Json, Set
from ipatent.commands.options import print_json as _print_json
from ipatent.commands.options import settings_from as _settings
from ipatent.commands.patches import patches
from ipatent.commands.records import mount
from ipatent.commands.search import search
from ipatent.commands.synonyms import synonyms
from ipatent.commands.uploads import uploads
from ipatent.errors import IPatentError, SettingsError
from ipatent.opening import Opened, open_existing, open_or_create
from ipatent.progress import ingest_with_progress, re_encode_with_progress, sample_with_progress
from ipatent.tables import (
    patent_json,
    patent_table,
    status_json,
    status_table,
    summary_json,
    summary_table,
)

app = typer.Typer(
    name="ipatent",
    help="Search patent drawings by words, by picture, or by both. Start with: ipatent demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)

_WIDE = 300
"""Columns of a table that is written to no terminal."""

_out = Console(markup=False, emoji=False, highlight=False)
_err = Console(markup=False, emoji=False, highlight=False, stderr=True)


def main() -> None:
    """Run the command line; expected errors are printed as one sentence, with exit status 1."""
    if sys.stdout is None:  # closed by whoever started this
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - open to the end
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # names of files may hold what cannot be encoded
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            _run()
        finally:
            sys.stdout.flush()
    except OSError as error:
        # Python would try to write the rest once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # nobody reads on
            sys.exit(0)
        _report("Error:", f"The output cannot be written: {error.strerror or error}.", "")
        sys.exit(1)


def _run() -> None:
    try:
        app()
    except SystemExit as end:
        if end.code == 2 and "--json" in sys.argv:
            _print_json({"error": "The command is not understood.", "advice": "See ipatent --help."})
        raise
    except IPatentError as error:
        _report("Error:", error.message, error.advice)
        sys.exit(1)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.EPIPE, errno.ENOSPC) and not error.filename:
            raise  # the output
        _report(
            "This should not have happened:",
            f"{type(error).__name__}: {error}",
            f"Please report it, with what you did{_details_file()}.",
        )
        sys.exit(70)


def _details_file() -> str:
    """Where the details of the error in hand are written, as the end of a sentence."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="ipatent-error-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            traceback.print_exc(file=file)
    except OSError:
        return ""
    return f" and the file {file.name}"


def _report(heading: str, message: str, advice: str) -> None:
    if "--json" in sys.argv:
        _print_json({"error": message, "advice": advice})
        return
    _err.print(Text.assemble((heading, "bold red"), " ", message), soft_wrap=True)
    if advice:
        _err.print(advice, soft_wrap=True)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"ipatent {__version__}")
        raise typer.Exit()


def _say(message: str) -> None:
    _err.print(message, style="dim", soft_wrap=True)


def _ask() -> Callable[[str], bool] | None:
    """How to ask the user, where there is one at a terminal."""
    if not sys.stdin.isatty():
        return None
    return lambda question: typer.confirm(question, default=False, err=True)


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command(epilog="Example: ipatent sample ./patents --patents 120 --seed 0")
def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to; made when absent.")],
    patents: Annotated[int, typer.Option(help="How many patents to write.")] = 120,
    seed: Annotated[int, typer.Option(help="The same seed gives the same patents.")] = 0,
    as_json: Json = False,
) -> None:
    """Write generated patents (PDF, with their truth as JSON), to try everything on."""
    summary = sample_with_progress(folder, patents, seed, _err)
    if as_json:
        _print_json(asdict(summary))
        return
    _out.print(
        f"{summary.patents} patents of {summary.families} families, {summary.sheets} sheets,"
        f" {summary.figures} figures in {folder} ({summary.seconds:.0f} s)",
        highlight=False,
        soft_wrap=True,
    )


@app.command(epilog="Example: ipatent ingest ~/my-patents cover.pdf drawings/")
def ingest(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH...", help="PDFs, pictures, and folders of them.")
    ] = None,
    re_encode: Annotated[
        bool,
        typer.Option("--re-encode", help="Encode all that is stored anew with --encoder; needs no PATH."),
    ] = False,
    data: Data = None,
    encoder: EncoderName = None,
    processes: Annotated[int | None, typer.Option(help="Reader processes; 0 is one per core.")] = None,
    ray: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Read and encode on a Ray cluster: auto or HOST:PORT.")
    ] = "",
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Read patents and index their drawings. Doing it twice changes nothing; a broken-off run goes on."""
    settings = _settings(data, more, encoder=encoder, processes=processes)
    if re_encode:
        figures = re_encode_with_progress(settings, _ask(), _say, _err)
        _say(f"{figures:,} figures encoded anew. Running servers go over to them.")
        if not paths:
            if as_json:
                _print_json({"encoded": figures})
            return
    if not paths:
        raise SettingsError("There is nothing to ingest.", "Name files or folders: ipatent ingest PATH...")
    paths = [path.expanduser() for path in paths]
    with open_or_create(settings, _ask(), _say) as opened:
        summary = ingest_with_progress(paths, opened, _err, ray)
    if as_json:
        _print_json(summary_json(summary))
    else:
        _out.print(summary_table(summary), soft_wrap=True)
    if summary.interrupted:
        sys.exit(130)
    if summary.patents == 0:
        sys.exit(1)


app.command(epilog='Example: ipatent search "folding chair" --image sketch.png --cpc A47C -k 20')(search)


@app.command(epilog="Example: ipatent serve --port 8080")
def serve(
    data: Data = None,
    encoder: EncoderName = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes any free one.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer requests.")] = None,
    more: Set = None,
) -> None:
    """Answer searches in the browser, until Ctrl-C."""
    from ipatent.serving import prepare, serve_workers

    settings = _settings(data, more, encoder=encoder, host=host, port=port, workers=workers)
    if settings.workers > 1:
        prepare(settings, _ask(), _say)
        serve_workers(settings)
        return
    with open_or_create(settings, _ask(), _say) as opened:
        _serve(opened, None)


def _serve(opened: Opened, on_ready: Callable[[str], None] | None) -> None:
    from ipatent.web.logs import set_up_logs
    from ipatent.web.server import serve as run_server

    set_up_logs(opened.settings)
    opened.warm_up()
    run_server(opened.web_state(), on_ready=on_ready)


@app.command(epilog="Example: ipatent status --json")
def status(data: Data = None, more: Set = None, as_json: Json = False) -> None:
    """Say what the index holds, which encoder filled it, and where it lies."""
    settings = _settings(data, more)
    with open_existing(settings, _say, encoder=False) as opened:
        state = opened.index.status()
    if as_json:
        _print_json(status_json(state))
        return
    _out.print(status_table(state))
    for line in runtime_lines(settings, state.encoder.weights) if state.encoder else ():
        _out.print(line, highlight=False, soft_wrap=True)


@app.command(epilog="Example: ipatent show USD744296S1")
def show(
    publication: Annotated[str, typer.Argument(metavar="PUBLICATION", help="Publication number or id.")],
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Say what was understood of a patent: its data, figures, views, and components by numeral."""
    from ipatent.opening import patent_id_of

    settings = _settings(data, more)
    with open_existing(settings, _say, encoder=False) as opened:
        patent_id = patent_id_of(publication, opened.index)
        patent, figures = opened.index.patent(patent_id), opened.index.figures_of(patent_id)
    if as_json:
        _print_json(patent_json(patent, figures))
        return
    if not _out.is_terminal:
        _out.width = _WIDE
    _out.print(patent_table(patent, figures))


@app.command(epilog="Example: ipatent delete USD744296S1")
def delete(
    publications: Annotated[
        list[str], typer.Argument(metavar="PUBLICATION...", help="Publication numbers or ids.")
    ],
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Take patents out of the index, and their drawings off the disk."""
    from ipatent.opening import patent_id_of
    from ipatent.removal import remove_patent

    settings = _settings(data, more)
    deleted: dict[str, int] = {}
    with open_existing(settings, _say, encoder=False) as opened:
        objects = opened.open_objects()
        wanted = [patent_id_of(name, opened.index) for name in publications]
        for patent_id in dict.fromkeys(wanted):
            deleted[patent_id] = remove_patent(patent_id, opened.index, objects)
    if as_json:
        _print_json({"deleted": deleted})
        return
    for patent_id, figures in deleted.items():
        _out.print(f"Deleted {patent_id} with {figures} figures.", soft_wrap=True)


@app.command(epilog="Example: ipatent demo --patents ~/my-pdfs")
def demo(
    patents: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Index this folder instead of generated patents.")
    ] = None,
    count: Annotated[int, typer.Option(help="How many patents to generate.")] = 120,
    data: Data = None,
    encoder: EncoderName = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes any free one.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    more: Set = None,
) -> None:
    """Make sample patents, index them, and open the search page: everything in one go."""
    from ipatent.demo import check_address, demo_settings, sample_is_complete

    patents = patents.expanduser() if patents else None
    settings = demo_settings(_settings(data, more, encoder=encoder, host=host, port=port), patents)
    check_address(settings.host, settings.port)
    steps = 2 if patents else 3
    if patents is None:
        patents = settings.data_dir / "sample"
        if sample_is_complete(patents, count):
            _say(f"1/3  The sample patents are there already, in {patents}")
        else:
            _say(f"1/3  Generating {count} sample patents in {patents}")
            made = sample_with_progress(patents, count, 0, _err)
            _say(f"     {made.patents} patents, {made.figures} figures")
    with open_or_create(settings, _ask(), _say) as opened:
        _say(f"{steps - 1}/{steps}  Indexing {patents}")
        summary = ingest_with_progress([patents], opened, _err)
        _err.print(summary_table(summary), soft_wrap=True)
        if summary.interrupted:
            sys.exit(130)
        _say(f"{steps}/{steps}  Serving; later again with: ipatent serve --data {settings.data_dir}")
        _serve(opened, _open_browser if browser else None)


def _open_browser(url: str) -> None:
    webbrowser.open(url)


mount(app)
app.command(epilog='Example: ipatent audit-descriptions "folding chair" --page audit.html')(
    audit_descriptions
)
app.command(epilog="Example: ipatent adapt --trial")(adapt)
app.command(epilog="Example: ipatent mcp --server http://127.0.0.1:8000")(mcp)
app.command(epilog="Example: ipatent migrate --to qdrant://localhost:6334")(migrate)
app.command(epilog="Example: ipatent backup ipatent-2026-11-23.tar")(backup)
app.command(epilog="Example: ipatent restore ipatent-2026-11-23.tar --data ~/other")(restore)
app.command(epilog="Example: ipatent check --mend")(check)
app.command(epilog="Example: ipatent patches")(patches)
app.command(epilog="Example: ipatent uploads --sweep")(uploads)
app.command(epilog="Example: ipatent encoders")(encoders)
app.command(epilog="Example: ipatent synonyms bottle")(synonyms)
evaluate_commands.mount(app)
