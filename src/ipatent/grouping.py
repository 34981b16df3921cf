"""Grouping: the hits of a result by publication, and publications by family."""

from collections.abc import Iterable
from dataclasses import dataclass

from ipatent.patents import Patent
from ipatent.query import Hit


@dataclass(frozen=True, slots=True)
class PatentGroup:
    """A publication with its hits, best first."""

    patent: Patent
    hits: tuple[Hit, ...]

    @property
    def best(self) -> Hit:
        """The hit by which the publication is ranked."""
        return self.hits[0]


@dataclass(frozen=True, slots=True)
class FamilyGroup:
    """Publications of one family, best first; `family` is empty for one that names none."""

    family: str
    patents: tuple[PatentGroup, ...]

    @property
    def best(self) -> Hit:
        """The hit by which the family is ranked."""
        return self.patents[0].best


def by_patent(hits: Iterable[Hit]) -> tuple[PatentGroup, ...]:
    """Publications in the order of their best hit; `hits` are ranked, as in `Results.hits`."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.patent.id, []).append(hit)
    return tuple(PatentGroup(found[0].patent, tuple(found)) for found in groups.values())


def by_family(hits: Iterable[Hit]) -> tuple[FamilyGroup, ...]:
    """Families in the order of their best hit; a publication without a family is one of its own."""
    families: dict[tuple[str, str], list[PatentGroup]] = {}
    for group in by_patent(hits):
        family = group.patent.family
        families.setdefault((family, "" if family else group.patent.id), []).append(group)
    return tuple(FamilyGroup(family, tuple(groups)) for (family, _), groups in families.items())
