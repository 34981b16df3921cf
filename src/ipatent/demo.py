"""What the demo needs beyond the commands that it strings together: a data folder of its own."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

from ipatent.settings import Settings
from ipatent.web.server import listen


def demo_settings(settings: Settings, patents: Path | None) -> Settings:
    """The settings with a data folder for these patents alone.

    Invented patents must never be found among a user's own: the demo lives in `demo` inside the data
    folder, and each folder of patents that is tried in a folder named after it. Models are shared; what
    the settings name as servers, for index, objects and records, is left alone.
    """
    name = "demo"
    if patents is not None:
        place = hashlib.sha256(os.fsencode(patents.resolve())).hexdigest()[:8]
        name = f"demo-{place}"
    return replace(
        settings,
        data=str(settings.data_dir / name),
        models=str(settings.models_dir),
        index="",
        objects="",
        records="",
    )


def check_address(host: str, port: int) -> None:
    """Raises SettingsError when the server could not listen there, before any long work is begun."""
    listen(host, port).close()


def sample_is_complete(folder: Path, patents: int) -> bool:
    """Whether so many sample patents lie in the folder, each with its truth."""
    return sum(path.with_suffix(".truth.json").exists() for path in folder.glob("*.pdf")) >= patents
