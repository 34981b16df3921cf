"""What a search address asks for: read from the query string, written back as an address."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final, Literal, cast, get_args
from urllib.parse import quote_plus, urlencode

from fastapi import Query, Request
from pydantic import BeforeValidator

from ipatent.errors import QueryError
from ipatent.filters import NO_FILTERS, Filters
from ipatent.fuse import TEXT_SHARES
from ipatent.patents import Box
from ipatent.query import MOST_EXAMPLES, Combine, SecondLook
from ipatent.rerank import NONE, read_second_looks
from ipatent.settings import Settings
from ipatent.web.grouping_asked import USUAL, GroupingAsked, check_grouping, read_grouping
from ipatent.web.map_asked import USUAL_MAP, USUAL_ON_MAP, MapAsked, read_map
from ipatent.web.picture_asked import PICTURE_NAMES, SHA256, PictureAsked

__all__ = [
    "SHA256",
    "WEIGHED",
    "Asked",
    "PictureAsked",
    "check_asked",
    "like_figure",
    "like_upload",
    "read_asked",
]

PartWeight = Literal["words", "caption", "tower", "image"]
WEIGHED: Final[tuple[PartWeight, ...]] = ("words", "caption", "tower", "image")
MOST_WEIGHT = 100.0
SAFE = "@~,/"
"""Characters that stand in an address as they are."""

Show = Literal["grid", "patents", "list", "clusters", "map"]
"""How results are laid out. (`view` is taken: it filters by the view drawn.)"""
Tiles = Literal["small", "medium", "large"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a search; empty text and None mean that they were not given."""

    q: str = ""
    pictures: tuple[PictureAsked, ...] = ()
    """Pictures to look for and, with `against`, to keep away from, in the address's order."""
    w: float | None = None
    k: int | None = None
    filters: Filters = field(default=NO_FILTERS)
    offset: int = 0
    """Hits to leave out at the beginning, for the pages after the first."""
    collapse: bool = True
    """Whether hits that show the same drawing become one (`same=one`, or `same=all` for each alone)."""
    less: str = ""
    """Words for which a hit is to be ranked lower."""
    combine: Combine = "any"
    """Whether one of several pictures is enough, or all must match."""
    weights: tuple[tuple[PartWeight, float], ...] = ()
    """The say of single parts (`w.words=`, `w.caption=`, `w.tower=`, `w.image=`) where given."""
    rerank: tuple[SecondLook, ...] | None = None
    """Second looks at the ranking by pictures; None for those of the setting."""
    synonyms: bool | None = None
    """Whether words are widened by other words for them; None for the setting."""
    figure: str = ""
    """A figure to add, by publication and label (`USD744296S1 FIG. 3`); resolved before the search."""
    browse: bool = False
    """Whether all figures are listed where nothing is asked (`browse=all`)."""
    show: Show = "grid"
    tiles: Tiles = "medium"
    reasons: bool = False
    """Whether a vision model puts the best hits in a new order and says why (`reasons=1`)."""
    grouping: GroupingAsked = USUAL
    """How the best figures are grouped, where clusters or a map are shown."""
    map: MapAsked = USUAL_MAP
    """How they are drawn on a map, where it is shown."""

    @property
    def is_grouped(self) -> bool:
        """Whether the best figures are shown in groups or on a map, all of them on one page."""
        return self.show in ("clusters", "map")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to search for."""
        return not (self.q or self.wanted or self.filters or self.figure or self.browses_all)

    @property
    def is_ranked(self) -> bool:
        """Whether hits are ranked; if not, they are only filtered, the newest first."""
        return bool(self.q or self.wanted)

    @property
    def browses_all(self) -> bool:
        """Whether every figure of the index is asked for."""
        return self.browse and not (self.q or self.pictures or self.filters or self.figure or self.less)

    @property
    def wanted(self) -> tuple[PictureAsked, ...]:
        """The pictures to look for."""
        return tuple(each for each in self.pictures if not each.against)

    @property
    def unwanted(self) -> tuple[PictureAsked, ...]:
        """The pictures to keep away from."""
        return tuple(each for each in self.pictures if each.against)

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The query string's names and values, those that say something, in their usual order."""
        several = len(self.wanted) > 1 and self.combine == "all"
        pairs = (
            ("q", self.q),
            ("less", self.less),
            *((each.parameter, str(each)) for each in self.pictures),
            ("figure", self.figure),
            ("combine", "all" if several else ""),
            ("w", "" if self.w is None else f"{self.w:g}"),
            *((f"w.{name}", f"{weight:g}") for name, weight in self.weights),
            ("rerank", "" if self.rerank is None else ",".join(self.rerank) or NONE),
            ("synonyms", "" if self.synonyms is None else "on" if self.synonyms else "off"),
            ("k", "" if self.k is None else str(self.k)),
            ("offset", str(self.offset) if self.offset else ""),
            ("same", "" if self.collapse else "all"),
            ("browse", "all" if self.browses_all else ""),
            ("show", "" if self.show == "grid" else self.show),
            ("tiles", "" if self.tiles == "medium" else self.tiles),
            ("reasons", "1" if self.reasons else ""),
            *self.grouping.parameters,
            *self.map.parameters,
        )
        said = tuple((name, value) for name, value in pairs if value)
        return (*said, *self.filters.parameters())

    def besides(self, *names: str) -> tuple[tuple[str, str], ...]:
        """The parameters that a form with fields of these names must carry along hidden."""
        return tuple(pair for pair in self.parameters if pair[0] not in (*names, "offset"))

    def url(self, page: str = "/search") -> str:
        """The address that asks for this."""
        parameters = self.parameters
        return f"{page}?{urlencode(parameters, safe=SAFE)}" if parameters else page

    def but(self, **changes: Any) -> "Asked":
        """The same with some parameters changed; for links such as "without the picture"."""
        return replace(self, **changes)

    def weight(self, part: PartWeight) -> float | None:
        """The say of one part, where the address gives it."""
        return dict(self.weights).get(part)

    def all_weights(self, usual_text_weight: float) -> dict[PartWeight, float]:
        """The say of each part: as the address gives it, else what `w` leaves it."""
        text_weight = usual_text_weight if self.w is None else self.w
        given = dict(self.weights)
        return {
            name: given.get(name, 1 - text_weight if name == "image" else text_weight * TEXT_SHARES[name])
            for name in WEIGHED
        }

    def with_all_weights(self, usual_text_weight: float) -> "Asked":
        """The same with the weight of every part written out, so that each can be moved alone."""
        weights = tuple((name, round(each, 2)) for name, each in self.all_weights(usual_text_weight).items())
        return replace(self, w=None, weights=weights, offset=0)

    def in_layout(self, show: Show, most: int) -> "Asked":
        """The same in another layout, from the first hit on; a map draws more figures, up to `most`."""
        of, on_map = self.grouping.of, min(USUAL_ON_MAP, most)
        if show == "map" and self.show != "map" and of == USUAL.of:
            of = on_map
        elif show != "map" and self.show == "map" and of == on_map:
            of = USUAL.of
        return replace(self, show=show, grouping=replace(self.grouping, of=of), offset=0)

    def with_picture(self, picture: PictureAsked) -> "Asked":
        """The same with one more picture, from the first hit on."""
        return replace(self, pictures=(*self.pictures, picture), offset=0)

    def with_like(self, figure_id: str, against: bool = False) -> "Asked":
        """The same with a figure as an example for (+) or against (−); it changes sides if it is one."""
        others = tuple(each for each in self.pictures if not (each.is_figure and each.name == figure_id))
        example = PictureAsked(figure_id, is_figure=True, against=against)
        return replace(self, pictures=(*others, example), offset=0)

    def without_like(self, figure_id: str) -> "Asked":
        """The same without a figure as an example."""
        others = tuple(each for each in self.pictures if not (each.is_figure and each.name == figure_id))
        return replace(self, pictures=others, offset=0)

    def only_like(self, figure_id: str) -> "Asked":
        """Figures that look like one, within the same filters and with nothing else of this query."""
        like = PictureAsked(figure_id, is_figure=True)
        return replace(self, q="", less="", pictures=(like,), combine="any", figure="", offset=0)

    def sign_of(self, figure_id: str) -> Literal["", "+", "-"]:
        """Whether a figure is an example for (`+`) or against (`-`) in this query, or none."""
        for each in self.pictures:
            if each.is_figure and each.name == figure_id:
                return "-" if each.against else "+"
        return ""

    def has_room(self, against: bool = False) -> bool:
        """Whether one more picture of that side is allowed."""
        return len(self.unwanted if against else self.wanted) < MOST_EXAMPLES

    def without(self, place: int) -> "Asked":
        """The same without the picture at `place`, 0-based among all."""
        return replace(self, pictures=(*self.pictures[:place], *self.pictures[place + 1 :]), offset=0)

    def changing(self, place: int, **changes: Any) -> "Asked":
        """The same with the picture at `place` changed, e.g. `changing(0, mirror=True)`."""
        changed = replace(self.pictures[place], **changes)
        pictures = (*self.pictures[:place], changed, *self.pictures[place + 1 :])
        return replace(self, pictures=pictures, offset=0)


def like_figure(figure_id: str) -> Asked:
    """A search for what looks like an indexed figure."""
    return Asked(pictures=(PictureAsked(figure_id, is_figure=True),))


def like_figure_url(figure_id: str) -> str:
    """The address of that search, quick to make for hundreds of figures."""
    return f"/search?like={quote_plus(str(PictureAsked(figure_id, is_figure=True)), SAFE)}"


def like_upload(sha: str) -> Asked:
    """A search for what looks like a stored picture."""
    return Asked(pictures=(PictureAsked(sha),))


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Text = Annotated[str, Query(description="Words to look for, or an expression.")]
Less = Annotated[str, Query(description="Words for which a result is ranked lower.")]
FigureText = Annotated[
    str, Query(description="A figure to add by publication and label, e.g. USD744296S1 FIG. 3.")
]
Pictures = Annotated[
    list[str],
    Query(
        description="Name of a stored picture (see POST /upload), then optionally @X,Y,W,H (the part of it,"
        " in its pixels), ~r90, ~r180 or ~r270 (turned clockwise), ~m (mirrored), ~c (a photo to be cleaned)."
        " May repeat."
    ),
]
Likes = Annotated[
    list[str], Query(description="Id of an indexed figure, then the same endings as `img`. May repeat.")
]
PicturesAgainst = Annotated[
    list[str], Query(alias="img.not", description="As `img`, for what results should not look like.")
]
LikesAgainst = Annotated[
    list[str], Query(alias="like.not", description="As `like`, for what results should not look like.")
]
BoxText = Annotated[
    str, Query(description="Part of the only picture: X,Y,W,H in its pixels; better written in `img`.")
]
CombineText = Annotated[
    Literal["any", "all"],
    BeforeValidator(lambda value: value or "any"),
    Query(description="Whether one of several pictures is enough, or all must match."),
]
Weight = Annotated[
    float | None,
    BeforeValidator(_none_if_blank),
    Query(description="How much the words count against the pictures, 0 to 1, where both are given."),
]
Count = Annotated[
    int | None, BeforeValidator(_none_if_blank), Query(description="How many results, at least 1.")
]


Offset = Annotated[int, Query(ge=0, description="Results to leave out at the beginning.")]
Same = Annotated[
    Literal["one", "all"],
    Query(description="Whether results that show the same drawing become one, or are all listed."),
]
Rerank = Annotated[
    str,
    Query(
        description="Second looks at the ranking by pictures, with commas between several: expansion,"
        " augmentation, kreciprocal, patches, siblings; `none` for none. The default is the setting rerank."
    ),
]
Synonyms = Annotated[
    Literal["", "on", "off"],
    Query(
        description="Whether words also find other words for them, as the indexed patents use them. The"
        " default is the setting synonyms."
    ),
]
Browse = Annotated[
    Literal["", "all"], Query(description="`all` lists every figure where nothing else is asked.")
]
Shown = Annotated[
    Show,
    Query(
        description="How the page lays results out; patents are grouped by publication and family. Clusters"
        " and map read `of`, `method`, `clusters`, `captions` and `seed` besides."
    ),
]
Reasons = Annotated[
    Literal["", "0", "1"],
    Query(description="`1` has the best results re-ranked by the vision model, with a reason for each."),
]
TileSize = Annotated[Tiles, Query(description="How large the drawings of the grid are.")]


def _without_layout(given: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], Show | None]:
    """The parameters but for `view=list` and the like, and the layout those name.

    No drawing shows the view "list", so the names of layouts are free to be understood here too.
    """
    kept = [pair for pair in given if pair[0] != "view" or pair[1] not in get_args(Show)]
    layouts = [value for name, value in given if name == "view" and value in get_args(Show)]
    return kept, cast(Show, layouts[-1]) if layouts else None


def _weight_of(part: PartWeight) -> Any:
    return Query(alias=f"w.{part}", description=f"How much the part `{part}` counts, 0 or more.")


def read_asked(
    request: Request,
    img: Pictures = [],  # noqa: B006 - FastAPI copies it
    like: Likes = [],  # noqa: B006
    img_not: PicturesAgainst = [],  # noqa: B006
    like_not: LikesAgainst = [],  # noqa: B006
    q: Text = "",
    less: Less = "",
    figure: FigureText = "",
    box: BoxText = "",
    combine: CombineText = "any",
    w: Weight = None,
    w_words: Annotated[float | None, BeforeValidator(_none_if_blank), _weight_of("words")] = None,
    w_caption: Annotated[float | None, BeforeValidator(_none_if_blank), _weight_of("caption")] = None,
    w_tower: Annotated[float | None, BeforeValidator(_none_if_blank), _weight_of("tower")] = None,
    w_image: Annotated[float | None, BeforeValidator(_none_if_blank), _weight_of("image")] = None,
    k: Count = None,
    offset: Offset = 0,
    same: Same = "one",
    rerank: Rerank = "",
    synonyms: Synonyms = "",
    browse: Browse = "",
    show: Shown = "grid",
    tiles: TileSize = "medium",
    reasons: Reasons = "",
) -> Asked:
    """The parameters as given, trimmed; a dependency of the search pages.

    Raises QueryError for a box or a picture name that cannot be one.
    """
    del img, like, img_not, like_not  # named for the schema; read in their common order below
    weights = zip(WEIGHED, (w_words, w_caption, w_tower, w_image), strict=True)
    asked = Asked(
        q=" ".join(q.split()),
        w=w,
        k=k,
        offset=offset,
        collapse=same == "one",
        less=" ".join(less.split()),
        combine=combine,
        weights=tuple((name, weight) for name, weight in weights if weight is not None),
        synonyms=synonyms == "on" if synonyms else None,
        figure=" ".join(figure.split()),
        browse=browse == "all",
        show=show,
        tiles=tiles,
        reasons=reasons == "1",
    )
    request.state.asked = asked  # fills the form again should the rest be refused
    given, layout = _without_layout(request.query_params.multi_items())
    asked = replace(asked, show=layout or show, filters=Filters.parse(given))
    request.state.asked = asked
    asked = replace(asked, grouping=read_grouping(given), map=read_map(given))
    request.state.asked = asked
    asked = replace(asked, rerank=read_second_looks(rerank) if rerank.strip() else None)
    request.state.asked = asked
    asked = replace(asked, pictures=_pictures(given))
    request.state.asked = asked
    asked = replace(asked, pictures=_with_box(asked.pictures, box)) if box.strip() else asked
    request.state.asked = asked
    return asked


def _pictures(given: Iterable[tuple[str, str]]) -> tuple[PictureAsked, ...]:
    return tuple(
        PictureAsked.parse(name, value.strip())
        for name, value in given
        if name in PICTURE_NAMES and value.strip()
    )


def _with_box(pictures: tuple[PictureAsked, ...], box: str) -> tuple[PictureAsked, ...]:
    """The pictures with the box of an address that has one picture and names the box apart."""
    try:
        parsed = Box.parse(box)
    except ValueError as error:
        raise QueryError(
            f"The box is not valid: {error}.", "Leave it empty to use the whole picture."
        ) from None
    uploaded = [place for place, each in enumerate(pictures) if not each.is_figure]
    if not uploaded:
        raise QueryError("A box is given, but no picture to cut it from.", "Add a picture, or clear the box.")
    if len(uploaded) > 1 or pictures[uploaded[0]].box:
        raise QueryError(
            "The parameter box is only for a single picture without a box of its own.",
            "Write the box behind the picture's name: img=NAME@X,Y,W,H.",
        )
    place = uploaded[0]
    return (*pictures[:place], replace(pictures[place], box=parsed), *pictures[place + 1 :])


def check_asked(asked: Asked, settings: Settings) -> None:
    """Raises QueryError when a value lies outside the limits in force, or nothing is asked."""
    if asked.is_empty:
        if asked.less or asked.pictures:
            raise QueryError(
                "The query only says what hits should not be like.", "Add words or a picture to look for."
            )
        raise QueryError(
            "There is nothing to search for yet.", "Type some words, add a picture, or try an example below."
        )
    if asked.k is not None and not 1 <= asked.k <= settings.max_k:
        raise QueryError(
            f"k is {asked.k}, but the number of results must lie between 1 and {settings.max_k}.",
            "The upper limit is the setting max_k.",
        )
    if asked.w is not None and not 0 <= asked.w <= 1:
        raise QueryError(
            f"w is {asked.w:g}, but the weight of the words must lie between 0 and 1.",
            "0 counts the picture alone, 1 the words alone.",
        )
    for name, weight in asked.weights:
        if not (math.isfinite(weight) and 0 <= weight <= MOST_WEIGHT):
            raise QueryError(
                f"w.{name} is {weight:g}, but the weight of a part must lie between 0 and 100.",
                "0 leaves the part out of the ranking.",
            )
    for text in (asked.q, asked.less):
        if len(text) > settings.max_query_chars:
            raise QueryError(
                f"The text has {len(text):,} characters; the limit is {settings.max_query_chars:,}.",
                "Shorten it to the words that name what is drawn. The limit is the setting max_query_chars.",
            )
    check_grouping(asked.grouping, settings.max_clustered)
    if len(asked.wanted) > MOST_EXAMPLES:
        raise QueryError(
            f"The query has {len(asked.wanted)} pictures to look for; at most {MOST_EXAMPLES} are allowed.",
            "Remove some.",
        )
    if len(asked.unwanted) > MOST_EXAMPLES:
        raise QueryError(
            f"The query has {len(asked.unwanted)} pictures against; at most {MOST_EXAMPLES} are allowed.",
            "Remove some.",
        )
