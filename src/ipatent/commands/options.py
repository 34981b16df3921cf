"""What the commands share: common options, the settings they give, and how JSON is printed."""

import json
import sys
from typing import Annotated, Any

import typer

from ipatent.errors import SettingsError
from ipatent.settings import Settings, load_settings

Data = Annotated[
    str | None, typer.Option("--data", metavar="DIR", help="Data folder [~/.local/share/ipatent].")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any other setting; see docs/settings.md. Repeatable."),
]

EncoderName = Annotated[
    str | None,
    typer.Option("--encoder", metavar="NAME", help="auto, builtin, a model's name, hf:… or local-dir:…"),
]


def settings_from(data: str | None, more: list[str] | None, **flags: Any) -> Settings:
    """The settings in force for a command with these flags. Raises SettingsError."""
    given: dict[str, Any] = {}
    for pair in more or []:
        key, separator, value = pair.partition("=")
        if not separator:
            raise SettingsError(f"--set {pair!r} lacks a value.", "Write it as --set KEY=VALUE.")
        given[key.strip()] = value
    flags["data"] = data
    return load_settings({**given, **{key: value for key, value in flags.items() if value is not None}})


def print_json(value: Any) -> None:
    """Print as JSON that the output's encoding can hold."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(value, ensure_ascii=not unicode, indent=2))
