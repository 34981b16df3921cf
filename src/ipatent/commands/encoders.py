"""The command that lists encoders, and what runs them on this machine."""

from dataclasses import asdict
from typing import Any

from ipatent.commands.options import Data, Json, Set, print_json, settings_from
from ipatent.settings import Settings


def encoders(data: Data = None, more: Set = None, as_json: Json = False) -> None:
    """List the encoders known by name, what can run them here, and what was measured (setting runtime)."""
    from rich.console import Console
    from rich.table import Table

    settings = settings_from(data, more)
    listed = _listed(settings)
    if as_json:
        print_json(listed)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("encoder", "weights", "licence", "about"):
        table.add_column(heading, overflow="fold")
    for row in listed["encoders"]:
        table.add_row(row["name"], row["weights"], row["licence"], row["about"])
    out = Console()
    out.print(table)
    out.print(f"Runtimes installed: {', '.join(listed['runtimes'])}.", highlight=False, soft_wrap=True)
    for line in runtime_lines(settings):
        out.print(line, highlight=False, soft_wrap=True)


def runtime_lines(settings: Settings, weights: str | None = None) -> list[str]:
    """What runs the picture models here, as sentences: what is asked for, and what was measured."""
    from ipatent.encode import runtimes
    from ipatent.encode.measuring import measured

    found = measured(settings.models_dir, weights)
    lines = [f"{one.model}, measured {one.when[:10]}. {one.summary}" for one in found]
    extra = [name for name in runtimes.installed() if name != runtimes.ONNXRUNTIME]
    if settings.runtime == runtimes.ONNXRUNTIME and settings.precision == runtimes.FULL:
        hint = f" {', '.join(extra)} could be measured with --set runtime=auto." if extra else ""
        lines.append(f"Runtime in use: {runtimes.ONNXRUNTIME}.{hint}")
    else:
        lines.append(f"Runtime asked for: {settings.runtime}, precision {settings.precision}.")
    return lines


def _listed(settings: Settings) -> dict[str, Any]:
    from ipatent.encode import hub, runtimes
    from ipatent.encode.builtin import NAME
    from ipatent.encode.classic import DESCRIPTORS
    from ipatent.encode.measuring import measured
    from ipatent.encode.models import MODELS

    rows = [{"name": NAME, "weights": "included", "licence": "Apache-2.0", "about": "Trained on drawings."}]
    rows += [
        {"name": name, "weights": "needs none", "licence": "", "about": "An old descriptor, to compare with."}
        for name in DESCRIPTORS
    ]
    for model in MODELS.values():
        here = hub.is_complete(hub.folder_of(settings.models_dir, model.repository))
        weights = "on disk" if here else f"{model.download / 1e9:.1f} GB to download"
        rows.append({"name": model.name, "weights": weights, "licence": model.licence, "about": model.about})
    return {
        "encoders": rows,
        "runtimes": runtimes.installed(),
        "runtime": settings.runtime,
        "precision": settings.precision,
        "measured": [asdict(one) for one in measured(settings.models_dir)],
    }
