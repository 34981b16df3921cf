"""Several views of one thing, and what it must not look like: `several_views.py URL -NOT.png VIEW.png...`.

Pictures whose names begin with a minus are those against.
"""

import sys
from pathlib import Path

from ipatent import Client


def main(url: str, *files: str) -> None:
    wanted = [Path(file) for file in files if not file.startswith("-")]
    unwanted = [Path(file[1:]) for file in files if file.startswith("-")]
    with Client(url) as client:
        found = client.search(pictures=wanted, against=unwanted, combine="all", k=20)
        best: dict[str, float] = {}
        for hit in found.hits:
            best.setdefault(hit.patent.id, hit.score)
            view = next((part.view for part in hit.evidence if part.part == "image"), 0)
            print(f"{hit.rank:3} {hit.score:.3f} {hit.figure.id}, nearest to view {view}")
        print("Patents, best first:", ", ".join(best))


if __name__ == "__main__":
    main(*sys.argv[1:])
