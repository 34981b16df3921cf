"""The best figures of a search in groups, each with its keywords and with what a title is made of."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ipatent.cluster import Clusters, cluster, representatives
from ipatent.cluster_vectors import level_views, share_siblings
from ipatent.describe import Group
from ipatent.index import Index
from ipatent.keywords import Keywords, keywords
from ipatent.patents import Vectors
from ipatent.query import MOST_EXAMPLES, Hit
from ipatent.settings import Settings
from ipatent.web.grouping_asked import GroupingAsked

__all__ = ["Made", "grouped", "made"]

MOST_KEYWORDS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Hits in groups; `described` and `examples` have one entry per group, in the order of the groups."""

    hits: tuple[Hit, ...]
    clusters: Clusters
    described: tuple[Group, ...]
    examples: tuple[tuple[str, ...], ...]
    """Ids of the figures that show a group best: its medoid and the most different members."""
    seconds: float

    def members(self, group: int) -> tuple[Hit, ...]:
        """The hits of a group, the medoid first, then by rank."""
        return tuple(self.hits[place] for place in self.clusters.groups[group].members)

    @property
    def rest(self) -> tuple[Hit, ...]:
        """The hits that fit into no group, by rank."""
        return tuple(self.hits[place] for place in self.clusters.rest)


def grouped(hits: Sequence[Hit], asked: GroupingAsked, index: Index) -> Clusters:
    """The hits in groups, as the address asks; SettingsError where the method is not installed."""
    images, captions = index.vectors_of([hit.figure.id for hit in hits])
    return _clusters(hits, images, captions, asked)


def made(hits: Sequence[Hit], asked: GroupingAsked, index: Index, settings: Settings) -> Made:
    """The same with keywords and examples for each group."""
    started = time.perf_counter()
    images, captions = index.vectors_of([hit.figure.id for hit in hits])
    clusters = _clusters(hits, images, captions, asked)
    shown = [
        [(hits[place].figure, hits[place].patent) for place in group.members] for group in clusters.groups
    ]
    found: tuple[Keywords, ...] = keywords(
        shown, index.phrase_counts, index.status().figures, limit=MOST_KEYWORDS
    )
    count = max(MOST_EXAMPLES, settings.lvlm_figures)
    examples = [representatives(images, group.members, count) for group in clusters.groups]
    return Made(
        hits=tuple(hits),
        clusters=clusters,
        described=tuple(
            Group(
                tuple(own),
                words,
                tuple(hits[place].figure.image for place in best[: settings.lvlm_figures]),
            )
            for own, words, best in zip(shown, found, examples, strict=True)
        ),
        examples=tuple(tuple(hits[place].figure.id for place in best[:MOST_EXAMPLES]) for best in examples),
        seconds=time.perf_counter() - started,
    )


def _clusters(hits: Sequence[Hit], images: Vectors, captions: Vectors, asked: GroupingAsked) -> Clusters:
    if asked.method == "agglomerative":
        # Near-duplicates are drawings that are nearly the same, whatever is said of them.
        return cluster(images, asked.method)
    views = [hit.figure.view for hit in hits]
    patents = [hit.patent.id for hit in hits]
    images, captions = (
        share_siblings(level_views(vectors, views), patents, asked.together) for vectors in (images, captions)
    )
    return cluster(
        images,
        asked.method,
        asked.clusters,
        captions=captions if captions.shape[1] else None,
        caption_weight=asked.captions,
        seed=asked.seed,
    )
