"""The page of results: what its templates show beside the answer itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from ipatent.grouping import by_family
from ipatent.query import Hit
from ipatent.settings import Settings
from ipatent.synonyms import FOR
from ipatent.web.answers import FigureSummary, PatentSummary, summarise_patent
from ipatent.web.asked import Asked
from ipatent.web.facet_links import Chip, Sidebar, without_filters
from ipatent.web.formats import decimal
from ipatent.web.hit_links import ANY_PATENT, HitLinks, HitTools
from ipatent.web.language import gettext, noted
from ipatent.web.marking import Pieces, marked_words
from ipatent.web.rendering import FIELD_NAMES, PART_NAMES
from ipatent.web.results import Evidence, HitAnswer, SearchAnswer

_EAGER = 12
"""Thumbnails of the first rows are not loaded lazily."""
_TELLING = 0.5
"""Parts that add less than this to a score, in hundredths, are not named in short."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one part adds to a hit's score: a piece of a bar of length 100, from `x`, `width` long."""

    part: str
    name: str
    x: int
    width: int
    is_against: bool
    adds: str
    """The number, as it is read."""
    is_told: bool
    """Whether it is large enough to be named in short."""


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit as the views show it, with the addresses of its actions."""

    rank: int
    score: str
    """Empty where nothing is ranked."""
    name: str
    """`FIG. 1 of US D900,003 S1`."""
    judge_name: str
    """`Judge FIG. 1 of US D900,003 S1`."""
    figure: FigureSummary
    patent: PatentSummary
    title: Pieces
    caption: Pieces
    elsewhere: tuple[tuple[str, str], ...]
    """Words of the query that occur in other fields, with the names of those fields."""
    shares: tuple[Share, ...]
    why: str
    """What the parts add, in short: `words 0.66 · caption 0.29`."""
    duplicates: tuple[FigureSummary, ...]
    explain_url: str
    tools: HitTools | None
    """Its actions, where they are not those that `ResultPage.tools` says for all."""
    is_eager: bool


@dataclass(frozen=True, slots=True)
class ShownPatent:
    """A publication with its hits, best first."""

    patent: PatentSummary
    hits: tuple[ShownHit, ...]


@dataclass(frozen=True, slots=True)
class ShownFamily:
    """Publications of a family, best first."""

    patents: tuple[ShownPatent, ...]

    @property
    def rank(self) -> int:
        """The rank of its best hit."""
        return self.patents[0].hits[0].rank


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A filter without which `figures` would match."""

    chip: Chip
    figures: int


@dataclass(frozen=True, slots=True)
class ResultPage:
    """What the templates of `/search` show: the hits in the chosen layout, and the ways on from them."""

    asked: Asked
    answer: SearchAnswer
    hits: tuple[ShownHit, ...]
    families: tuple[ShownFamily, ...]
    sidebar: Sidebar | None
    chips: tuple[Chip, ...]
    suggestions: tuple[Suggestion, ...]
    find: str
    line_before: int | None
    """The rank before which the line "probably nothing relevant below here" stands, if it does here."""
    more_url: str
    """The following hits as a page of their own; empty where there are none."""
    previous_url: str
    tools: HitTools
    """The actions of most hits, with names in them in whose place a hit's own are put."""
    most: int
    """How many hits can be reached at all where there are more than that, else 0."""

    @property
    def clear_url(self) -> str:
        """The same search without any filter."""
        return without_filters(self.asked)

    @property
    def any_patent(self) -> str:
        """The id in `tools` that stands for that of a hit's patent."""
        return ANY_PATENT

    @property
    def last(self) -> int:
        """The rank of the last hit."""
        return self.answer.offset + self.answer.count


def result_page(
    asked: Asked,
    answer: SearchAnswer,
    hits: Sequence[Hit],
    settings: Settings,
    sidebar: Sidebar | None,
    chips: tuple[Chip, ...],
    suggestions: tuple[Suggestion, ...] = (),
    find: str = "",
) -> ResultPage:
    """The page for an answer; `hits` are those it was made of."""
    links = HitLinks(asked)
    shown = _shown(asked, answer, links)
    families: tuple[ShownFamily, ...] = ()
    if asked.show == "patents":
        by_rank = {each.rank: each for each in shown}
        families = tuple(
            ShownFamily(
                tuple(
                    ShownPatent(
                        summarise_patent(group.patent), tuple(by_rank[hit.rank] for hit in group.hits)
                    )
                    for group in family.patents
                )
            )
            for family in by_family(hits)
        )
    last = answer.offset + answer.count
    size = asked.k or min(settings.k, settings.max_k)
    room = settings.max_k - last
    more_url = ""
    if answer.more and room > 0:
        if asked.show == "patents":
            # Hits to come may belong to publications that are shown already.
            more_url = asked.but(k=min(answer.count + max(size, 100), settings.max_k), offset=0).url()
        else:
            more_url = asked.but(offset=last, k=room if size > room else asked.k).url()
    previous_url = ""
    if answer.offset:
        previous_url = asked.but(offset=max(0, answer.offset - size)).url()
    return ResultPage(
        asked=asked,
        answer=answer,
        hits=shown,
        families=families,
        sidebar=sidebar,
        chips=chips,
        suggestions=suggestions,
        find=find,
        line_before=_line_before(answer, shown, families),
        more_url=more_url,
        previous_url=previous_url,
        tools=links.usual,
        most=settings.max_k if answer.more and room <= 0 else 0,
    )


def _line_before(
    answer: SearchAnswer, shown: tuple[ShownHit, ...], families: tuple[ShownFamily, ...]
) -> int | None:
    if answer.relevant_until is None:
        return None
    ranks = [family.rank for family in families] or [hit.rank for hit in shown]
    if ranks and ranks[0] > answer.relevant_until + 1:
        return None  # it stands on an earlier page
    return next((rank for rank in ranks if rank > answer.relevant_until), None)


def _shown(asked: Asked, answer: SearchAnswer, links: HitLinks) -> tuple[ShownHit, ...]:
    said = _Said(asked)
    hits, is_ranked = answer.hits, asked.is_ranked
    titles = [(hit.patent.title, _words(hit, "title")) for hit in hits]
    captions = [(hit.figure.caption_in_full, _words(hit, "caption")) for hit in hits]
    pieces = marked_words([*titles, *captions])
    shares = [said.shares(hit) for hit in hits]
    return tuple(
        ShownHit(
            rank=hit.rank,
            score=decimal(hit.score, 3) if is_ranked else "",
            name=said.name % {"label": hit.figure.label, "number": hit.patent.number},
            judge_name=said.judge % {"label": hit.figure.label, "number": hit.patent.number},
            figure=hit.figure,
            patent=hit.patent,
            title=title,
            caption=caption,
            elsewhere=said.elsewhere(hit),
            shares=own,
            why=" · ".join(f"{each.name} {each.adds}" for each in own if each.is_told),
            duplicates=hit.duplicates,
            explain_url=links.explain(hit.figure.id),
            tools=None if links.is_usual(hit.figure, hit.patent) else links.tools(hit.figure, hit.patent),
            is_eager=place < _EAGER,
        )
        for place, (hit, title, caption, own) in enumerate(
            zip(hits, pieces[: len(hits)], pieces[len(hits) :], shares, strict=True)
        )
    )


def _words(hit: HitAnswer, field: str) -> tuple[str, ...]:
    return tuple(each.word for each in hit.words if each.field == field)


class _Said:
    """What stands on every hit, with its words looked up once in the language of the page."""

    def __init__(self, asked: Asked) -> None:
        self.name = gettext(noted("%(label)s of %(number)s"))
        self.judge = gettext(noted("Judge %(label)s of %(number)s"))
        self._parts = {name: gettext(said) for name, said in PART_NAMES.items()}
        self._fields = {name: gettext(said) for name, said in FIELD_NAMES.items()}
        self._several = {"image": len(asked.wanted) > 1, "unlike": len(asked.unwanted) > 1}

    def elsewhere(self, hit: HitAnswer) -> tuple[tuple[str, str], ...]:
        """Words that occur in other fields than those that are shown."""
        fields: dict[str, list[str]] = {}
        for each in hit.words:
            # A synonym stands there, too, but is not marked.
            if each.field not in ("title", "caption") or FOR in each.word:
                fields.setdefault(each.word, []).append(self._fields[each.field])
        return tuple((word, ", ".join(own)) for word, own in fields.items())

    def shares(self, hit: HitAnswer) -> tuple[Share, ...]:
        """The parts that have a say, as pieces of one bar; those against lie over its beginning."""
        shares = []
        at = 0.0
        for each in hit.evidence:
            if not each.weight:
                continue
            width = 100 * abs(each.share)
            is_against = each.weight < 0
            shares.append(self._share(each, 0.0 if is_against else at, width))
            if not is_against:
                at += width
        return tuple(shares)

    def _share(self, found: Evidence, x: float, width: float) -> Share:
        name = self._parts[found.part]
        return Share(
            part=found.part,
            name=f"{name} {found.view}" if self._several.get(found.part) and found.view else name,
            x=round(x),
            width=round(x + width) - round(x),
            is_against=found.weight < 0,
            adds=decimal(found.share, 2),
            is_told=100 * abs(found.share) >= _TELLING,
        )
