"""One job read to the end: a document's sheets become figures, their bytes go to the object store."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from ipatent import figure_type, numerals, ocr, sheets
from ipatent.bucket import Bucket
from ipatent.errors import SourceError
from ipatent.numerals import find_numerals, sought
from ipatent.objects import Objects
from ipatent.patents import Box, Figure, Patent, Pixels, Sheet
from ipatent.pictures import encode_png, encode_thumbnail
from ipatent.references import own_labels
from ipatent.sheets import CutFigure, cut_figures
from ipatent.sources import BrokenSheet, Document, Limits
from ipatent.sources.discovery import Job, Skip
from ipatent.sources.names import printable
from ipatent.sources.opening import open_job
from ipatent.surroundings import section_marks
from ipatent.terms import components_of_figure, read_components, terms_of
from ipatent.views import depicted, views

VERSION = f"3.{sheets.VERSION}.{numerals.VERSION}.{figure_type.VERSION}"
"""Version of all that happens between a file and its figures."""


def version() -> str:
    """VERSION and whether OCR takes part: files are read again once it is installed."""
    return f"{VERSION}.ocr" if ocr.available() else VERSION


@dataclass(frozen=True, slots=True)
class ReadingTask:
    """A job with what a reader needs to do it; travels to another process."""

    job: Job
    limits: Limits
    objects: str | Bucket
    thumbnail: int


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a job gave: the patent, its figures and their pictures as PNG, in the same order.

    `notes` tell what the source lacked or which sheets were left out; `complete` is false when
    sheets were.
    """

    patent: Patent
    figures: tuple[Figure, ...]
    pictures: tuple[bytes, ...]
    sheets: int
    notes: tuple[Skip, ...]
    complete: bool


def read_job(task: ReadingTask) -> Reading:
    """Reads one job, storing sheets, figures and thumbnails in the object store.

    Objects are named by content, so doing it twice stores nothing twice. Raises SourceError when
    the source cannot be read to its end, IndexProblem when the store cannot be written.
    """
    document = _open(task)
    store = _store(task.objects)
    patent = document.patent
    components = () if _is_design(patent) else read_components(patent.description)
    patent = replace(patent, components=components)
    known = sought(patent.description, components)
    marks = section_marks("\n".join((*(one.text for one in patent.captions), patent.description)))
    seen, shown = views(patent.captions), depicted(patent.captions, patent.title)
    captions = {label: caption.text for caption in patent.captions for label in caption.labels}

    def described(figure: Figure) -> Figure:
        """The figure with what the text says of its labels."""
        return replace(
            figure,
            caption=_caption(figure.labels, captions),
            terms=terms_of(components_of_figure(components, figure.labels) or components),
            view=_first(seen, figure.labels),
            depicts=_first(shown, figure.labels),
        )

    figures: list[Figure] = []
    pictures: list[bytes] = []
    notes = [Skip(task.job.name, note) for note in document.notes]
    broken: list[Skip] = []
    count = 0
    try:
        for sheet in document.sheets():
            count += 1
            if isinstance(sheet, BrokenSheet):
                broken.append(Skip(task.job.name, f"{sheet.name}: {sheet.reason}"))
                continue
            cuts = _cuts(sheet)
            if not cuts:
                notes.append(Skip(task.job.name, f"sheet {sheet.number} is blank"))
                continue
            drawn = [encode_png(cut.pixels) for cut in cuts]
            small = [encode_thumbnail(cut.pixels, task.thumbnail) for cut in cuts]
            sheet_image, *names = store.put_all([encode_png(sheet.pixels), *drawn, *small])
            pictures.extend(drawn)
            for number, cut in enumerate(cuts, 1):
                figure = Figure(
                    id=f"{patent.id}/{sheet.number}/{number}",
                    patent_id=patent.id,
                    sheet=sheet.number,
                    box=cut.box,
                    image=names[number - 1],
                    sheet_image=sheet_image,
                    thumbnail=names[len(cuts) + number - 1],
                    width=cut.pixels.shape[1],
                    height=cut.pixels.shape[0],
                    labels=cut.labels,
                    numerals=find_numerals(cut.pixels, known, marks),
                    turn=cut.turn,
                )
                figures.append(described(figure))
            if len(cuts) == 1:
                figures[-1] = as_told(sheet, figures[-1])
            here = zip(figures[-len(cuts) :], cuts, strict=True)
            figures[-len(cuts) :] = [_typed(figure, cut.pixels, patent) for figure, cut in here]
    except MemoryError:
        raise SourceError("needs more memory than a reader may use") from None
    if not figures:
        if broken:
            raise SourceError(broken[0].reason)
        raise SourceError("holds no drawing" if count == 0 else "holds only blank sheets")
    own = own_labels([figure.labels for figure in figures])
    figures = [
        figure if figure.labels == labels else described(replace(figure, labels=labels))
        for figure, labels in zip(figures, own, strict=True)
    ]
    sheets_read = count - len(broken)
    return Reading(patent, tuple(figures), tuple(pictures), sheets_read, (*notes, *broken), not broken)


@lru_cache(2)
def _bucket_store(place: Bucket) -> Objects:
    return Objects.open(place)  # one client in all of a process: connections are kept


def _store(place: str | Bucket) -> Objects:
    return _bucket_store(place) if isinstance(place, Bucket) else Objects.open(place)


def as_told(sheet: Sheet, figure: Figure) -> Figure:
    """The only figure of a sheet with what the source says of it, where it says anything."""
    known = sheet.known
    if known is None:
        return figure
    return replace(
        figure,
        caption=known.caption or figure.caption,
        terms=known.terms or figure.terms,
        view=known.view or figure.view,
        depicts=known.depicts or figure.depicts,
    )


def _typed(figure: Figure, pixels: Pixels, patent: Patent) -> Figure:
    """The figure with its type, which its pixels and the words about it tell."""
    found = figure_type.type_of(
        pixels, caption=figure.caption, view=figure.view, title=patent.title, design=_is_design(patent)
    )
    return replace(figure, type=found.name, type_confidence=found.confidence)


def _cuts(sheet: Sheet) -> tuple[CutFigure, ...]:
    cuts = cut_figures(sheet)
    known = sheet.known
    if known is None or not cuts:
        return cuts
    if known.already_cut and len(cuts) > 1:
        height, width = sheet.pixels.shape[:2]
        return (CutFigure(Box(0, 0, width, height), sheet.pixels, known.labels),)
    # Several labels name the figures of the whole sheet: they help only where none could be read.
    if len(cuts) == 1 and (len(known.labels) == 1 or (known.labels and not cuts[0].labels)):
        return (replace(cuts[0], labels=known.labels),)
    return cuts


def rename(reading: Reading, patent_id: str) -> Reading:
    """The same reading under another patent id."""
    figures = tuple(
        replace(figure, patent_id=patent_id, id=patent_id + figure.id.removeprefix(reading.patent.id))
        for figure in reading.figures
    )
    return replace(reading, patent=replace(reading.patent, id=patent_id), figures=figures)


def _open(task: ReadingTask) -> Document:
    job = task.job
    document = open_job(job, task.limits)
    patent = document.patent
    if patent.number is None:
        patent = replace(patent, id=job.fallback_id)
    return replace(document, patent=replace(patent, source=printable(Path(patent.source).absolute())))


def _is_design(patent: Patent) -> bool:
    """Whether it is a US design patent, which names no components."""
    return patent.number is not None and patent.number.office == "US" and patent.number.is_design


def _first(by_label: dict[str, str], labels: tuple[str, ...]) -> str:
    return next((by_label[label] for label in labels if by_label.get(label)), "")


def _caption(labels: tuple[str, ...], captions: dict[str, str]) -> str:
    found = [captions[label] for label in labels if label in captions]
    return "; ".join(dict.fromkeys(found))
