"""The page of clusters: rows of hits with titles, keywords and actions, and how they came about."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ipatent.cluster import METHODS
from ipatent.describe.endpoint import endpoint_of
from ipatent.describe.extractive import extractive_title
from ipatent.errors import IPatentError, SettingsError
from ipatent.filters import MOST_FIGURES
from ipatent.query import Hit
from ipatent.settings import Settings
from ipatent.views import spelled_out
from ipatent.web.asked import Asked
from ipatent.web.clusters_links import KeywordLinks, keyword_links, like_url, within_url
from ipatent.web.clusters_made import Made
from ipatent.web.grouping_asked import USUAL
from ipatent.web.language import gettext, ngettext, noted, translate
from ipatent.web.result_page import ShownHit

MOST_SHOWN = 40
"""Hits that a row shows; the others are one click away."""
MOST_KEYWORDS = 8

METHOD_NAMES = {
    "kmeans": noted("k groups (k-means)"),
    "auto": noted("choose the number for me"),
    "agglomerative": noted("near-duplicates"),
    "hdbscan": noted("dense groups (HDBSCAN)"),
}

TOGETHER_NAMES = {
    0.0: noted("each alone"),
    USUAL.together: noted("drawn together"),
    1.0: noted("whole patents"),
}
"""How far the figures of a patent are drawn together, to choose from."""


@dataclass(frozen=True, slots=True)
class Row:
    """One cluster, or with `is_rest` what fits into none."""

    number: int
    """1-based; also in the address of its title."""
    medoid: str
    """Id of the figure most like all others of the group; of the rest, the best-ranked."""
    title: str
    description: str
    told: str
    """`14 figures of 6 patents, mostly perspective`."""
    keywords: tuple[tuple[str, tuple[KeywordLinks, ...]], ...]
    hits: tuple[ShownHit, ...]
    count: int
    within_url: str
    within: int
    """How many of the figures the address to search within names."""
    like_url: str
    unlike_url: str
    picks: str
    """Ranks and ids of the best figures, one a line, for a form that collects them."""
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class ClustersPage:
    """What `show=clusters` shows; `problem` says why there are no rows where there are none."""

    rows: tuple[Row, ...]
    explained: str
    seconds: float
    titles_url: str
    """Where titles come from as they are written; empty where they are only extracted."""
    titles_problem: str
    model: str
    methods: tuple[tuple[str, str], ...]
    counts: tuple[int, ...]
    together: tuple[tuple[str, str], ...]
    """Shares of a patent's figures, as in the address, with their names."""
    problem: str = ""
    advice: str = ""


def shown_places(made: Made) -> tuple[int, ...]:
    """The places of the hits that the rows show, in the order of the ranking."""
    groups = [group.members[:MOST_SHOWN] for group in made.clusters.groups]
    return tuple(sorted({*(place for group in groups for place in group), *made.clusters.rest[:MOST_SHOWN]}))


def clusters_page(asked: Asked, made: Made, shown: Sequence[ShownHit], settings: Settings) -> ClustersPage:
    """The page for hits in groups; `shown` are at least those that `shown_places` names."""
    by_id = {each.figure.id: each for each in shown}
    rows = []
    for place, group in enumerate(made.described):
        members = made.members(place)
        title = extractive_title(group)
        rows.append(
            _row(
                asked,
                place + 1,
                members,
                by_id,
                title=title.text.rpartition(" — ")[0] or title.text,
                description=_typical(members),
                keywords=tuple(
                    (language, tuple(keyword_links(asked, one) for one in words[:MOST_KEYWORDS]))
                    for language, words in group.keywords.by_language
                ),
                examples=made.examples[place],
            )
        )
    if rest := made.rest:
        rows.append(
            _row(
                asked,
                len(rows) + 1,
                rest,
                by_id,
                title=gettext("Does not fit anywhere"),
                description=gettext("Drawings that no group holds: each is unlike the others."),
            )
        )
    model, url, problem = _endpoint(asked, settings)
    return ClustersPage(
        rows=tuple(rows),
        explained=" ".join((*map(translate, made.clusters.sentences), _compared(asked))),
        seconds=made.seconds,
        titles_url=url if made.described else "",
        titles_problem=problem,
        model=model,
        methods=_methods(),
        counts=_counts(asked, settings),
        together=_together(asked),
    )


def no_clusters(asked: Asked, error: IPatentError, settings: Settings) -> ClustersPage:
    """The page where the hits could not be grouped as asked, with the form to ask otherwise."""
    return ClustersPage(
        rows=(),
        explained="",
        seconds=0.0,
        titles_url="",
        titles_problem="",
        model="",
        methods=_methods(),
        counts=_counts(asked, settings),
        together=_together(asked),
        problem=translate(error.message),
        advice=translate(error.advice),
    )


def told(hits: Sequence[Hit]) -> str:
    """How many figures of how many patents, and which view most of them show."""
    patents = len({hit.patent.id for hit in hits})
    figures = ngettext("%(number)s figure", "%(number)s figures", len(hits)) % {"number": len(hits)}
    of = ngettext("of %(number)s patent", "of %(number)s patents", patents) % {"number": patents}
    views = Counter(hit.figure.view or hit.figure.type for hit in hits)
    views.pop("", None)
    view, count = views.most_common(1)[0] if views else ("", 0)
    parts = [f"{figures} {of}"]
    if 2 * count > len(hits):
        said = gettext("%(view)s") if count == len(hits) else gettext("mostly %(view)s")
        parts.append(said % {"view": gettext(view)})
    return ", ".join(parts)


def _row(
    asked: Asked,
    number: int,
    members: Sequence[Hit],
    by_id: dict[str, ShownHit],
    title: str,
    description: str,
    keywords: tuple[tuple[str, tuple[KeywordLinks, ...]], ...] = (),
    examples: tuple[str, ...] = (),
) -> Row:
    by_rank = sorted(members, key=lambda hit: hit.rank)[:MOST_FIGURES]
    return Row(
        number=number,
        medoid=members[0].figure.id,
        title=title,
        description=description,
        told=told(members),
        keywords=keywords,
        hits=tuple(by_id[hit.figure.id] for hit in members[:MOST_SHOWN] if hit.figure.id in by_id),
        count=len(members),
        within_url=within_url(asked, [hit.figure.id for hit in by_rank]),
        within=len(by_rank),
        like_url=like_url(asked, examples),
        unlike_url=like_url(asked, examples, against=True) if asked.is_ranked else "",
        picks="\n".join(f"{hit.rank} {hit.figure.id}" for hit in by_rank),
        is_rest=not examples,
    )


def _typical(members: Sequence[Hit]) -> str:
    found = next((hit.figure for hit in members if hit.figure.caption), None)
    caption = spelled_out(found.caption, found.depicts) if found else ""
    return gettext("Most typical: %(caption)s") % {"caption": caption} if caption else ""


def _endpoint(asked: Asked, settings: Settings) -> tuple[str, str, str]:
    """The model that writes titles, where they come from, and why they do not."""
    try:
        endpoint = endpoint_of(settings)
    except SettingsError as error:
        return "", "", " ".join(map(translate, (error.message, error.advice)))
    return (endpoint.model, asked.url("/clusters/titles"), "") if endpoint else ("", "", "")


def _methods() -> tuple[tuple[str, str], ...]:
    return tuple((name, gettext(METHOD_NAMES[name])) for name in METHODS)


def _together(asked: Asked) -> tuple[tuple[str, str], ...]:
    chosen = asked.grouping.together
    names = {share: gettext(name) for share, name in TOGETHER_NAMES.items()}
    return tuple((f"{share:g}", name) for share, name in sorted({chosen: f"{chosen:g}", **names}.items()))


def _compared(asked: Asked) -> str:
    """What the figures were grouped by, in a sentence."""
    if asked.grouping.method == "agglomerative":
        return gettext("The drawings alone are compared.")
    percents = {"captions": round(100 * asked.grouping.captions), "own": round(100 * asked.grouping.together)}
    return (
        gettext(
            "Captions count %(captions)s %%, a figure's patent %(own)s %%;"
            " what all front views, side views and so on have in common is left out of account."
        )
        % percents
    )


def _counts(asked: Asked, settings: Settings) -> tuple[int, ...]:
    usual = {50, 100, 200, 500, 1000, 2000, 5000, settings.max_clustered}
    return tuple(sorted({each for each in usual if each <= settings.max_clustered} | {asked.grouping.of}))
