"""Where clusters and their keywords lead: search within, add to the query, exclude, more or less like it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ipatent.errors import QueryError
from ipatent.filters import MOST_FIGURES
from ipatent.keywords import Keyword
from ipatent.language import ENGLISH, SMALL_WORDS
from ipatent.web.asked import Asked
from ipatent.web.grouping_asked import USUAL
from ipatent.wording import leaves, read_wording, tokens


@dataclass(frozen=True, slots=True)
class KeywordLinks:
    """A keyword with its actions; an address that would be no valid query is empty."""

    keyword: Keyword
    where_url: str
    add_url: str
    exclude_url: str


def within_url(asked: Asked, figure_ids: Sequence[str]) -> str:
    """The same search among some figures only, the first 500 of them, as a grid."""
    return _without_groups(_among(asked, figure_ids)).url()


def keyword_links(asked: Asked, keyword: Keyword) -> KeywordLinks:
    """What can be done with a keyword of a cluster."""
    return KeywordLinks(
        keyword,
        where_url=within_url(asked, keyword.where),
        add_url=_asking(asked, _added(asked.q, keyword.text)),
        exclude_url=_asking(asked, _excluded(asked.q, keyword.text)),
    )


def like_url(asked: Asked, examples: Sequence[str], against: bool = False) -> str:
    """The same search with as many of the examples as there is room for; empty where there is none."""
    found = asked
    for each in examples:
        if found.has_room(against) and not found.sign_of(each):
            found = found.with_like(each, against)
    return found.url() if found != asked else ""


def _among(asked: Asked, figure_ids: Sequence[str]) -> Asked:
    # One after the other by patent, as the address writes them: the shorter it is.
    of_patent: dict[str, list[str]] = {}
    for each in figure_ids[:MOST_FIGURES]:
        of_patent.setdefault(each.rsplit("/", 2)[0], []).append(each)
    figures = tuple(each for own in of_patent.values() for each in own)
    return asked.but(filters=replace(asked.filters, figures=figures), offset=0, browse=False)


def _without_groups(asked: Asked) -> Asked:
    return asked.but(show="grid", grouping=USUAL)


def _asking(asked: Asked, words: str) -> str:
    try:
        read_wording(words)
    except QueryError:
        return ""
    return asked.but(q=words, offset=0, browse=False).url()


def _added(words: str, keyword: str) -> str:
    """Plain words go on; to an expression the keyword is one more condition."""
    if not words:
        return keyword
    if read_wording(words).expression is None:
        return f"{words} {keyword}"
    return f"({words}) AND {_quoted(keyword)}"


def _excluded(words: str, keyword: str) -> str:
    """The words as an expression without the keyword. Plain words need not all occur, and still need not."""
    refused = f"NOT {_quoted(keyword)}"
    wording = read_wording(words)
    if wording.expression is not None:
        if not leaves(wording.expression):
            return f"{words} {refused}"
        return f"({words}) {refused}"
    plain = [word for word in dict.fromkeys(tokens(words)) if word not in SMALL_WORDS[ENGLISH]]
    if not plain:
        return refused
    return f"({' OR '.join(plain)}) {refused}" if len(plain) > 1 else f"{plain[0]} {refused}"


def _quoted(keyword: str) -> str:
    return f'"{keyword}"' if len(tokens(keyword)) > 1 else keyword
