"""Where the actions on a hit lead: more like it, less like it, only it, a part of it."""

from dataclasses import dataclass
from urllib.parse import quote_plus

from ipatent.publication import PublicationNumber
from ipatent.web.answers import FigureSummary, PatentSummary
from ipatent.web.asked import SAFE, Asked, PictureAsked

_ANY = PublicationNumber("US", "1", "A1")
"""A publication number such as any other, in whose addresses that of another may be put."""
ANY_PATENT = str(_ANY)


@dataclass(frozen=True, slots=True)
class HitTools:
    """The actions on a hit: a figure, what is needed to compare it, and where its links lead."""

    figure: str
    thumbnail_url: str
    label: str
    """`FIG. 1, US D900,003 S1`."""
    sign: str
    """`+` or `-` where it is an example for or against in this query."""
    more_url: str
    less_url: str
    only_url: str
    espacenet_url: str
    google_url: str


class HitLinks:
    """Addresses that change one query by one figure, quick to make for hundreds of hits."""

    def __init__(self, asked: Asked) -> None:
        here = "figure-here"
        while here in asked.url():
            here += "-"
        self._asked = asked
        self._here = here
        self._more = asked.with_like(here).url() if asked.has_room() else ""
        self._less = asked.with_like(here, against=True).url() if asked.has_room(against=True) else ""
        self._only = asked.only_like(here).url()
        self._signs = {each.name for each in asked.pictures if each.is_figure}
        self._explain = asked.url("/explain") + "&hit="

    @property
    def usual(self) -> HitTools:
        """The tools of most hits; `figure` and `ANY_PATENT` in them stand for a hit's own names."""
        return HitTools(
            figure=self._here,
            thumbnail_url="",
            label="",
            sign="",
            more_url=self._more,
            less_url=self._less,
            only_url=self._only,
            espacenet_url=_ANY.espacenet_url,
            google_url=_ANY.google_url,
        )

    def is_usual(self, figure: FigureSummary, patent: PatentSummary) -> bool:
        """Whether the tools of a hit are `usual` with its names put in."""
        return (
            figure.id not in self._signs
            and figure.id.rsplit("/", 2)[0] == patent.id
            and _written(figure.id) == figure.id
            and patent.espacenet_url == _ANY.espacenet_url.replace(ANY_PATENT, patent.id)
            and patent.google_url == _ANY.google_url.replace(ANY_PATENT, patent.id)
        )

    def tools(self, figure: FigureSummary, patent: PatentSummary) -> HitTools:
        """All actions on a hit."""
        sign, more, less, only = self.of(figure.id)
        return HitTools(
            figure=figure.id,
            thumbnail_url=figure.thumbnail_url,
            label=f"{figure.label}, {patent.number}",
            sign=sign,
            more_url=more,
            less_url=less,
            only_url=only,
            espacenet_url=patent.espacenet_url,
            google_url=patent.google_url,
        )

    def explain(self, figure_id: str) -> str:
        """Why it was found, with its actions in words."""
        return self._explain + quote_plus(figure_id, SAFE)

    def sign(self, figure_id: str) -> str:
        """`+` or `-` where the figure is an example for or against in this query, else empty."""
        return self._asked.sign_of(figure_id) if figure_id in self._signs else ""

    def more(self, figure_id: str) -> str:
        """The query with the figure as an example, or without it where it is one; empty where full."""
        return self._changed(figure_id, "+", self._more)

    def less(self, figure_id: str) -> str:
        """The query with the figure as an example against, or without it where it is one."""
        return self._changed(figure_id, "-", self._less)

    def only(self, figure_id: str) -> str:
        """A search for what looks like the figure, within the same filters."""
        return self._filled(self._only, figure_id)

    def of(self, figure_id: str) -> tuple[str, str, str, str]:
        """Its sign, and where more, less and only lead."""
        if figure_id in self._signs:
            return self.sign(figure_id), self.more(figure_id), self.less(figure_id), self.only(figure_id)
        written = _written(figure_id)
        more, less, only = (
            each.replace(self._here, written) for each in (self._more, self._less, self._only)
        )
        return "", more, less, only

    def _changed(self, figure_id: str, sign: str, template: str) -> str:
        if figure_id not in self._signs:
            return self._filled(template, figure_id)
        if self.sign(figure_id) == sign:
            asked = self._asked.without_like(figure_id)
            return asked.url() if not asked.is_empty else "/"
        return self._asked.with_like(figure_id, against=sign == "-").url()

    def _filled(self, template: str, figure_id: str) -> str:
        return template.replace(self._here, _written(figure_id))


def _written(figure_id: str) -> str:
    return quote_plus(str(PictureAsked(figure_id, is_figure=True)), SAFE)
