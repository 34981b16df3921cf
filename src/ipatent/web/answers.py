"""What the pages answer: the same values are rendered as HTML and sent as JSON."""

from datetime import date
from pathlib import PurePath
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from ipatent.patents import Component, Figure, Numeral, Patent
from ipatent.views import spelled_out
from ipatent.web.asked import like_figure_url


class Answer(BaseModel):
    """A typed, unchangeable answer."""

    model_config = ConfigDict(frozen=True)


class Problem(Answer):
    """Why a request was not answered, and what to do about it."""

    error: str
    advice: str = ""
    request_id: str = Field(
        default="", description="Set for faults of the server; it stands in the server's log."
    )


class PatentSummary(Answer):
    """A patent as named beside its figures."""

    id: str
    number: str = Field(description="The publication number as printed, or the id where there is none.")
    title: str
    published: date | None
    applicants: tuple[str, ...]
    classes: tuple[str, ...] = Field(description="Subclasses of CPC, or of Locarno, or of another scheme.")
    family: str
    url: str
    espacenet_url: str = Field(description="Empty where there is no publication number.")
    google_url: str = Field(description="Empty where there is no publication number.")


class FigureSummary(Answer):
    """A figure as shown in a grid or strip; sizes in pixels of the full-resolution drawing."""

    id: str
    label: str
    caption: str
    caption_in_full: str = Field(description="The caption with `thereof` replaced by what it refers to.")
    view: str = Field(
        description="The dominant view, e.g. `perspective`; empty where the caption tells none."
    )
    type: str = Field(
        description="`drawing`, `photograph`, `flowchart`, `block diagram`, `GUI` …; empty where not known."
    )
    type_confidence: float = Field(description="0 to 1.")
    depicts: str = Field(description="The object shown, e.g. `napkin holder`; empty where not known.")
    width: int
    height: int
    url: str
    thumbnail_url: str
    image_url: str
    more_like_this_url: str


class QueryPicture(Answer):
    """A picture searched with; what is compared is its box, cleaned, turned, then mirrored."""

    sha256: str = Field(description="Name of an uploaded or stored picture; empty for an indexed figure.")
    width: int
    height: int
    box: str = Field(description="X,Y,W,H in the original's pixels, or empty for the whole.")
    turn: int = Field(description="Clockwise degrees: 0, 90, 180 or 270.")
    mirror: bool
    clean: bool = Field(description="Whether it was straightened and made black on white as a photo.")
    against: bool = Field(description="Whether results should not look like it.")
    preview_url: str = Field(description="What is compared, small.")
    original_url: str
    figure: FigureSummary | None = Field(description="The indexed figure, where it is one.")
    patent: PatentSummary | None


class Symbol(Answer):
    """One classification symbol of a scheme."""

    scheme: str
    symbol: str


class ComponentAnswer(Answer):
    """A part that the description names, behind its reference numeral."""

    numeral: str
    term: str
    forms: tuple[str, ...] = Field(description="The wordings met in the text, commonest first.")
    passages: tuple[str, ...] = Field(description="Sentences that mention it; long ones are shortened.")
    figures: tuple[str, ...] = Field(description="Labels of the figures spoken of where it is mentioned.")


class PatentAnswer(Answer):
    """A patent with its bibliographic data and all its figures; what is unknown is empty."""

    patent: PatentSummary
    filed: date | None
    applicants: tuple[str, ...]
    inventors: tuple[str, ...]
    classifications: tuple[Symbol, ...]
    abstract: str
    source: str = Field(description="Name of the file it was read from.")
    figures: tuple[FigureSummary, ...]
    components: tuple[ComponentAnswer, ...]


class NumeralAnswer(Answer):
    """A reference numeral that stands in a drawing; the same numeral may stand there several times."""

    text: str
    box: str = Field(description="X,Y,W,H in pixels of the drawing, or of the sheet where that is shown.")
    term: str = Field(description="What the description calls the part; empty where it names none.")
    component: int | None = Field(
        description="Its place in `components`, from 0; null where it is not there."
    )


class OutlineAnswer(Answer):
    """A figure's place on its sheet."""

    id: str
    label: str
    url: str
    box: str = Field(description="X,Y,W,H in pixels of the sheet.")


class SheetAnswer(Answer):
    """A whole drawing sheet, with the places of its figures and the numerals of the one asked for."""

    width: int
    height: int
    url: str = Field(description="Its picture in full resolution.")
    figures: tuple[OutlineAnswer, ...]
    numerals: tuple[NumeralAnswer, ...]


class FigureAnswer(Answer):
    """A figure with its sheet, its terms and its patent."""

    figure: FigureSummary
    type: str = Field(description="`drawing`, `photograph`, `flowchart` …; empty where not known.")
    sheet: int
    box: str = Field(description="X,Y,W,H of the figure in pixels of its sheet.")
    turn: int = Field(
        description="Clockwise degrees by which the cut-out of the sheet was turned to give the drawing."
    )
    sheet_url: str
    whole_sheet: SheetAnswer | None = Field(description="The sheet; null unless asked for by `view=sheet`.")
    numerals: tuple[NumeralAnswer, ...] = Field(description="The reference numerals read in the drawing.")
    terms: tuple[str, ...]
    components: tuple[ComponentAnswer, ...] = Field(
        description="The components of this figure, or of the whole patent where the text tells none."
    )
    components_are_of_figure: bool
    previous_url: str = Field(description="The figure before this one in the patent, or empty.")
    next_url: str = Field(description="The figure after this one in the patent, or empty.")
    part_search_url: str = Field(description="Search with a part of this drawing.")
    patent: PatentAnswer


class Example(Answer):
    """A query worth trying, taken from a patent in the index."""

    words: str
    words_url: str
    figure: FigureSummary
    patent: PatentSummary


class HomeAnswer(Answer):
    """What the first page offers."""

    patents: int
    figures: int
    examples: tuple[Example, ...]
    both_url: str = Field(description="An example of words and a drawing together, or empty.")
    both_words: str


class EncoderAnswer(Answer):
    """An encoder's identity; equal identities give equal vectors."""

    name: str
    weights: str
    preprocessing: str
    image_dim: int
    caption_dim: int
    has_text_tower: bool


class StatusAnswer(Answer):
    """What is indexed, by which encoder, and the limits in force."""

    version: str
    patents: int
    sheets: int
    figures: int
    generation: int
    bytes: int
    index_encoder: EncoderAnswer | None
    encoder: EncoderAnswer
    encoders_agree: bool
    k: int
    max_k: int
    max_query_chars: int
    max_upload_bytes: int
    max_upload_pixels: int


class UploadAnswer(Answer):
    """A stored query picture; size in pixels, upright."""

    sha256: str
    width: int
    height: int
    pages: int = Field(description="Pages of the document that was sent; 1 for a picture.")
    search_url: str
    preview_url: str


def figure_url(figure_id: str) -> str:
    """The address of a figure's page; ids hold slashes, and anything a file name may hold."""
    return f"/figures/{quote(figure_id, safe='/')}"


def patent_url(patent_id: str) -> str:
    """The address of a patent's page."""
    return f"/patents/{quote(patent_id, safe='/')}"


def summarise_patent(patent: Patent) -> PatentSummary:
    """The patent as named beside its figures."""
    number = patent.number
    return PatentSummary(
        id=patent.id,
        number=patent.display,
        title=patent.title,
        published=patent.published,
        applicants=patent.applicants,
        classes=_classes(patent),
        family=patent.family,
        url=patent_url(patent.id),
        espacenet_url=number.espacenet_url if number else "",
        google_url=number.google_url if number else "",
    )


def _classes(patent: Patent) -> tuple[str, ...]:
    for scheme in ("CPC", "IPC", "LOC", "USPC"):
        found = [each.subclass or each.symbol for each in patent.classifications if each.scheme == scheme]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def summarise_figure(figure: Figure) -> FigureSummary:
    """The figure as shown in a grid or strip."""
    return FigureSummary(
        id=figure.id,
        label=figure.display_label,
        caption=figure.caption,
        caption_in_full=spelled_out(figure.caption, figure.depicts),
        view=figure.view,
        type=figure.type,
        type_confidence=figure.type_confidence,
        depicts=figure.depicts,
        width=figure.width,
        height=figure.height,
        url=figure_url(figure.id),
        thumbnail_url=f"/thumbnails/{figure.thumbnail}",
        image_url=f"/images/{figure.image}",
        more_like_this_url=like_figure_url(figure.id),
    )


def answer_patent(patent: Patent, figures: tuple[Figure, ...]) -> PatentAnswer:
    """The patent with all its figures."""
    return PatentAnswer(
        patent=summarise_patent(patent),
        filed=patent.filed,
        applicants=patent.applicants,
        inventors=patent.inventors,
        classifications=tuple(Symbol(scheme=c.scheme, symbol=c.symbol) for c in patent.classifications),
        abstract=patent.abstract,
        source=PurePath(patent.source).name,  # the folders of the server are nobody's business
        figures=tuple(summarise_figure(figure) for figure in figures),
        components=answer_components(patent.components),
    )


def answer_components(components: tuple[Component, ...]) -> tuple[ComponentAnswer, ...]:
    """The components in their order."""
    return tuple(
        ComponentAnswer(numeral=c.numeral, term=c.term, forms=c.forms, passages=c.passages, figures=c.figures)
        for c in components
    )


def answer_numerals(
    numerals: tuple[Numeral, ...], components: tuple[Component, ...]
) -> tuple[NumeralAnswer, ...]:
    """The numerals of a drawing with what `components` call them, in reading order."""
    places = {component.numeral: place for place, component in enumerate(components)}
    answers = []
    for numeral in numerals:
        place = places.get(numeral.text)
        term = "" if place is None else components[place].term
        answers.append(NumeralAnswer(text=numeral.text, box=str(numeral.box), term=term, component=place))
    return tuple(answers)
