"""How long sample patents take, and how large they are."""

import os
import tempfile
from pathlib import Path

from ipatent.sample import generate

PATENTS = 100


def main() -> None:
    """Generate patents into a temporary folder on all cores and print the rates."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        summary = generate(folder, PATENTS, seed=0)
        size = sum(path.stat().st_size for path in folder.glob("*.pdf"))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(
        f"{summary.patents} patents, {summary.sheets} sheets, {summary.figures} figures, "
        f"{summary.families} families on {cores} cores: {summary.seconds:.1f} s; "
        f"1,000 patents: {summary.seconds * 1000 / summary.patents:.0f} s; "
        f"{size / summary.patents / 1024:.0f} KiB a PDF"
    )


if __name__ == "__main__":
    main()
