"""The client: searches, figures, patents, pictures, and what is kept of the work, of a running server."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, TypeAlias, Unpack
from urllib.parse import quote, urlencode

import httpx2

from ipatent.client.answers import (
    CompareAnswer,
    FigureAnswer,
    FigureSummary,
    Hit,
    PatentAnswer,
    PatentSummary,
    SearchAnswer,
    StatusAnswer,
    UploadAnswer,
)
from ipatent.client.connection import Connection, Pairs
from ipatent.client.errors import Absent
from ipatent.client.filtering import FilterWords, filters_from
from ipatent.client.keeping import Collections, Judging, Records, Saved
from ipatent.client.pictures import Figure, Picture, bytes_of, figure_id, written
from ipatent.client.results import Results
from ipatent.filters import NO_FILTERS, Filters

if TYPE_CHECKING:
    from PIL.Image import Image

PictureLike: TypeAlias = "Picture | str | Path | bytes | Image | UploadAnswer | Figure"


class Client:
    """A running iPatent server, asked over HTTP.

    `url` may have a path, where a proxy serves iPatent below one. `auth` is a user's name and password
    for a proxy that asks for them (they may also stand in the URL), `headers` go with every request,
    `verify` names a file of certificates for an https server of your own. Reading is tried `retries`
    more times where the connection breaks or a proxy says 502, 503 or 504; what writes is sent once.

    Every method raises ClientError with the server's message and advice. Safe in several threads.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 60.0,
        retries: int = 2,
        verify: bool | str = True,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._connection = Connection(url, auth, headers, timeout, retries, verify, transport)
        self._max_k = 0
        self.records = Records(self._connection)
        self.collections = Collections(self._connection)
        self.judgements = Judging(self._connection)
        self.saved = Saved(self._connection)

    @property
    def url(self) -> str:
        """The server's address, without a password."""
        return self._connection.url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._connection.close()

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def search(
        self,
        text: str = "",
        *,
        pictures: Iterable[PictureLike] = (),
        against: Iterable[PictureLike] = (),
        less: str = "",
        combine: Literal["any", "all"] = "any",
        filters: Filters = NO_FILTERS,
        text_weight: float | None = None,
        weights: Mapping[Literal["words", "caption", "tower", "image"], float] | None = None,
        k: int | None = None,
        offset: int = 0,
        same: Literal["one", "all"] = "one",
        **more_filters: Unpack[FilterWords],
    ) -> Results:
        """The figures that fit words, pictures, filters, or all of them, best first.

        `text` may be an expression; docs/search.md tells its language and the filters. `pictures` are
        views of one thing to look for (at most 7), `against` and `less` what hits should not be like;
        files, bytes and images are uploaded first. `k` is the number of hits on a page. With
        `same="one"`, hits that show the same drawing become one. Nothing asked lists all figures.
        Raises QueryError for a box or filter that cannot be one.
        """
        chosen = filters_from(more_filters, filters)
        wanted, unwanted = [_picture(each) for each in pictures], [_picture(each) for each in against]
        pairs = [
            ("q", text),
            ("less", less),
            *(self._named(each, "") for each in wanted),
            *(self._named(each, ".not") for each in unwanted),
            ("combine", "all" if combine == "all" else ""),
            ("w", "" if text_weight is None else f"{text_weight:g}"),
            *((f"w.{part}", f"{weight:g}") for part, weight in (weights or {}).items()),
            ("same", "all" if same == "all" else ""),
            *chosen.parameters(),
        ]
        asked = tuple(pair for pair in pairs if pair[1])
        if not (text or less or wanted or unwanted or chosen):
            asked = (*asked, ("browse", "all"))
        return self._results(asked, k, offset)

    def figure(self, figure: str | Figure) -> FigureAnswer:
        """A figure with its numerals, components and patent, by its id or as found."""
        return self._connection.get(f"/figures/{quote(figure_id(figure), safe='/')}.json", FigureAnswer)

    def figure_named(self, name: str) -> FigureAnswer:
        """A figure by publication and label, such as `USD744296S1 FIG. 3`."""
        answer = self._connection.get("/search.json", SearchAnswer, (("figure", name), ("k", "1")))
        found = next((each.figure for each in answer.pictures if each.figure), None)
        if found is None:
            raise Absent(f"The server knows no figure {name}.", "Write it like USD744296S1 FIG. 3.", 404)
        return self.figure(found)

    def patent(self, patent: str | PatentSummary | Hit) -> PatentAnswer:
        """A patent with all its figures and components, by its id or as found."""
        if isinstance(patent, Hit):
            patent = patent.patent
        wanted = patent if isinstance(patent, str) else patent.id
        return self._connection.get(f"/patents/{quote(wanted, safe='/')}.json", PatentAnswer)

    def compare(self, *figures: str | Figure) -> CompareAnswer:
        """Two to four figures with their data and printed scale, side by side."""
        pairs = tuple(("figure", figure_id(each)) for each in figures)
        return self._connection.get("/compare.json", CompareAnswer, pairs)

    def image(self, figure: str | Figure, size: Literal["full", "thumbnail"] = "full") -> bytes:
        """A figure's drawing as the bytes of a PNG in full resolution, or a small WebP."""
        if isinstance(figure, str):
            figure = self.figure(figure)
        summary = figure if isinstance(figure, FigureSummary) else figure.figure
        address = summary.image_url if size == "full" else summary.thumbnail_url
        return self._connection.fetch(address).content

    def upload(self, picture: "str | Path | bytes | Image", page: int = 1) -> UploadAnswer:
        """Store a query picture on the server; search with the answer in `pictures`.

        Text names a file here. `page` is that of a PDF or TIFF.
        """
        name, data = bytes_of(picture)
        files = {"file": (name, data, "application/octet-stream")}
        return self._connection.send(
            "POST", "/upload.json", UploadAnswer, files=files, data={"page": str(page)}
        )

    def status(self) -> StatusAnswer:
        """What is indexed, and the limits in force."""
        return self._connection.get("/status.json", StatusAnswer)

    def address(self, path: str) -> str:
        """The whole address of a path that an answer holds, such as `figure.url`."""
        return f"{self.url}/{path.lstrip('/')}"

    def _results(self, asked: Pairs, k: int | None, offset: int) -> Results:
        def page(first: int, count: int | None) -> SearchAnswer:
            place = (("offset", str(first)),) if first else ()
            size = () if count is None else (("k", str(count)),)
            return self._connection.get("/search.json", SearchAnswer, (*asked, *size, *place))

        answer = page(offset, k)

        def following(first: int) -> SearchAnswer | None:
            room = self._deepest() - first
            return page(first, min(answer.k, room)) if room > 0 else None

        size = () if k is None else (("k", str(k)),)
        url = f"{self.url}/search?{urlencode((*asked, *size), safe='@~,/')}"
        return Results(answer, asked, url, following)

    def _deepest(self) -> int:
        """How many hits the server gives at most."""
        if not self._max_k:
            self._max_k = self.status().max_k
        return self._max_k

    def _named(self, picture: Picture, side: str) -> tuple[str, str]:
        """The parameter that names the picture, uploaded first where it has to be."""
        stored = ""
        if isinstance(picture.source, UploadAnswer):
            stored = picture.source.sha256
        elif not picture.figure_id:
            written(replace(picture, source="checked"), "")  # before it travels
            stored = self.upload(picture.source, picture.page).sha256  # type: ignore[arg-type]
        name, value = written(picture, stored)
        return name + side, value


def _picture(given: PictureLike) -> Picture:
    return given if isinstance(given, Picture) else Picture(given)
