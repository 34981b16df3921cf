"""Where the actions on a hit lead: more like it, less like it, only it, a part of it."""

from urllib.parse import quote_plus

from ipatent.web.asked import SAFE, Asked, PictureAsked


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
