"""The answer of a search: its first page at hand, the others fetched as they are read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from ipatent.client.answers import Facets, Hit, SearchAnswer


@dataclass(frozen=True, slots=True)
class Results:
    """A ranked list, best first. Iterating gives every hit, over all pages that the server gives.

    A server goes no deeper than its setting `max_k`; `first.matching` says how many figures there are.
    """

    first: SearchAnswer
    """The first page as answered."""
    parameters: tuple[tuple[str, str], ...]
    """The query as in the address of the search page."""
    url: str
    """The same search in a browser."""
    _ask: Callable[[int], SearchAnswer | None]

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The hits of the first page."""
        return self.first.hits

    @property
    def facets(self) -> Facets | None:
        """The facets; None where the search began after the first hit."""
        return self.first.facets

    def pages(self) -> Iterator[SearchAnswer]:
        """The pages from the first on; each is asked for when it is reached. Raises ClientError."""
        page: SearchAnswer | None = self.first
        while page is not None:
            yield page
            page = self._ask(page.offset + page.count) if page.more and page.count else None

    def __iter__(self) -> Iterator[Hit]:
        return (hit for page in self.pages() for hit in page.hits)

    def top(self, count: int) -> tuple[Hit, ...]:
        """The best `count` hits, over as many pages as it takes."""
        return tuple(islice(self, count))
