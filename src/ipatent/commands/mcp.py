"""The command that serves assistants: `ipatent mcp`."""

import sys
from contextlib import ExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from ipatent.commands.options import Data, Set, settings_from
from ipatent.errors import SettingsError

if TYPE_CHECKING:
    from ipatent.client import Client


def mcp(
    data: Data = None,
    server: Annotated[
        str,
        typer.Option(metavar="URL", help="Ask this running iPatent instead of opening a data folder."),
    ] = "",
    http: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", min=1, max=65535, help="Listen on http://127.0.0.1:PORT/mcp instead of stdio."
        ),
    ] = None,
    more: Set = None,
) -> None:
    """Serve search, figures and patents to assistants (Model Context Protocol), on stdio. Reads only."""
    if find_spec("mcp") is None:
        raise SettingsError(
            "The package mcp is not installed.", "Install it with: pip install 'ipatent[mcp]'"
        )
    if server and data:
        raise SettingsError("--server and --data exclude each other.", "Give one of them.")
    from ipatent.client import Client
    from ipatent.mcp_server import build_server

    with ExitStack() as stack:
        if server:
            client = stack.enter_context(Client(server))
        else:
            client = stack.enter_context(_in_process(data, more, stack))
        assistants = build_server(client, files=http is None)
        if http is None:
            assistants.run("stdio")
        else:
            from ipatent.web.server import listen

            listen("127.0.0.1", http).close()  # says what is wrong where that cannot be
            print(f"iPatent for assistants is at http://127.0.0.1:{http}/mcp", file=sys.stderr)
            assistants.run("streamable-http", host="127.0.0.1", port=http)


def _in_process(data: str | None, more: list[str] | None, stack: ExitStack) -> "Client":
    """A client of the data folder, opened in this process as a server would. Raises IndexProblem."""
    from ipatent.client import Client
    from ipatent.client.in_process import InProcess
    from ipatent.opening import open_existing
    from ipatent.web import create_app

    settings = settings_from(data, more)
    opened = stack.enter_context(open_existing(settings, lambda said: print(said, file=sys.stderr)))
    opened.warm_up()
    return Client("http://localhost", transport=InProcess(create_app(opened.web_state())))
