"""The command line run in this process: what it printed and how it ended."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ipatent.cli import main


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Said]


def runner(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> Run:
    """Runs commands in `folder` with an environment that says nothing of iPatent."""
    monkeypatch.chdir(folder)
    for key in list(os.environ):
        if key.startswith("IPATENT_"):
            monkeypatch.delenv(key)

    def run(*args: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["ipatent", *map(str, args)])
        status = _status()
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err + captured.out
        return Said(status, captured.out, captured.err)

    return run


def _status() -> int:
    """How the command ends; in a thread of its own where tests in a browser left a loop running here."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _ended()
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_ended).result()


def _ended() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
