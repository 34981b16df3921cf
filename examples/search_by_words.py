"""Search by words within filters: `search_by_words.py URL WORDS [PRIORITY_UNTIL]`."""

import sys

from ipatent import Client
from ipatent.client import FilterWords


def main(url: str, words: str, priority_until: str = "") -> None:
    with Client(url) as client:
        limit: FilterWords = {"priority_before": priority_until} if priority_until else {}
        found = client.search(words, k=10, **limit)
        print(f"{found.first.matching} figures of {found.first.searched} are ranked; the best are")
        for hit in found.hits:
            why = ", ".join(f"{word.word} in the {word.field}" for word in hit.words) or "near in meaning"
            print(f"{hit.rank:3} {hit.score:.3f} {hit.patent.number}, {hit.figure.label}: {why}")
        if found.facets:
            views = ", ".join(f"{each.label} ({each.count})" for each in found.facets["view"].values)
            print(f"Views to choose from: {views}")
        print(f"In the browser: {found.url}")


if __name__ == "__main__":
    main(*sys.argv[1:])
