"""Search by a part of a picture: `search_by_part.py URL PICTURE X Y WIDTH HEIGHT`."""

import sys
from pathlib import Path

from ipatent import Client
from ipatent.client import Picture


def main(url: str, file: str, *box: str) -> None:
    x, y, width, height = (int(each) for each in box)
    with Client(url) as client:
        part = Picture(Path(file), box=(x, y, width, height))
        for hit in client.search(pictures=[part]).top(5):
            print(f"{hit.rank} {hit.score:.3f} {hit.patent.number}, {hit.figure.label}: {hit.patent.title}")
            name = hit.figure.id.replace("/", "-")
            Path(f"{name}.png").write_bytes(client.image(hit))


if __name__ == "__main__":
    main(*sys.argv[1:])
