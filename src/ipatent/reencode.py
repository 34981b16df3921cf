"""All stored figures encoded anew by another encoder, from the object store, beside the live index."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ipatent.encode import Encoder
from ipatent.errors import NotFound
from ipatent.index import Entry, Index
from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import caption_text, encode_pictures
from ipatent.objects import Objects
from ipatent.patents import Figure, Patent

if TYPE_CHECKING:
    from ipatent.index.qdrant import QdrantIndex

_PAGE = 200


def re_encode(
    path: Path,
    encoder: Encoder,
    objects: Objects,
    max_pixels: int,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Fill a new index with `encoder`'s vectors of everything in the index `path`, then take its place.

    The sources are not needed: figures are read from the object store. Until the last moment the
    old index stays as it is; breaking off and running again goes on. Returns the number of
    figures. Raises NotFound when a drawing is missing from the store; nothing is changed then.
    """
    spec = hashlib.sha256(repr(encoder.spec).encode()).hexdigest()[:12]
    beside = path.with_name(f"{path.name}.{spec}.new")
    with EmbeddedIndex.open(path) as old, EmbeddedIndex.open(beside, encoder.spec, create=True) as new:
        _bring_up_to_date(new, old, encoder, objects, max_pixels, progress)
        count = new.status().figures
    EmbeddedIndex.replace(path, beside)
    return count


def re_encode_beside(
    old: "QdrantIndex",
    encoder: Encoder,
    objects: Objects,
    max_pixels: int,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """As `re_encode`, for an index on a server: it stays in use until the new one takes its place."""
    with old.beside(encoder.spec) as new:
        _bring_up_to_date(new, old, encoder, objects, max_pixels, progress)
        count = new.status().figures
        new.take_over()
    return count


def _bring_up_to_date(
    new: Index,
    old: Index,
    encoder: Encoder,
    objects: Objects,
    max_pixels: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    generation = -1
    while generation != old.generation():  # another process may ingest meanwhile
        generation = old.generation()
        _bring_up(new, old, encoder, objects, max_pixels, progress)


def _bring_up(
    new: Index,
    old: Index,
    encoder: Encoder,
    objects: Objects,
    max_pixels: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Make `new` hold what `old` holds; what it holds already is not encoded again."""
    count, total = 0, old.status().figures
    kept: set[str] = set()
    for patent in _patents(old):
        kept.add(patent.id)
        fingerprint, figures = old.fingerprint(patent.id), old.figures_of(patent.id)
        if fingerprint is not None and new.fingerprint(patent.id) != fingerprint:
            new.put(
                Entry(
                    patent=patent,
                    figures=figures,
                    image_vectors=encode_pictures(_drawings(patent, figures, objects), encoder, max_pixels),
                    caption_vectors=encoder.encode_captions([caption_text(f, patent) for f in figures]),
                    fingerprint=fingerprint,
                    sheets=old.sheets_of(patent.id),
                )
            )
        count += len(figures)
        if progress:
            progress(count, total)
    for patent in list(_patents(new)):
        if patent.id not in kept:
            new.delete(patent.id)
    marked = new.sources()
    for key, summary in old.sources().items():
        if marked.get(key) != summary:
            new.mark_source(key, summary)


def _drawings(patent: Patent, figures: tuple[Figure, ...], objects: Objects) -> list[bytes]:
    drawings = []
    for figure in figures:
        try:
            drawings.append(objects.get(figure.image))
        except NotFound:
            raise NotFound(
                f"The drawing of {figure.id} is missing from the object store.",
                f"Ingest {patent.source} again with the old encoder, or delete {patent.id}.",
            ) from None
    return drawings


def _patents(index: Index) -> Iterator[Patent]:
    offset = 0
    while page := index.patents(offset, _PAGE):
        yield from page
        offset += len(page)
