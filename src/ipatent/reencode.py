"""All stored figures encoded anew by another encoder, from the object store, beside the live index."""

from collections.abc import Callable, Iterator
from pathlib import Path

from ipatent.encode import Encoder
from ipatent.errors import NotFound
from ipatent.index import Entry
from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import caption_text, encode_pictures
from ipatent.objects import Objects
from ipatent.patents import Patent

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
    beside = path.with_name(f"{path.name}.{encoder.spec.weights[:12]}.new")
    count = 0
    with EmbeddedIndex.open(path) as old, EmbeddedIndex.open(beside, encoder.spec, create=True) as new:
        total = old.status().figures
        for patent in _patents(old):
            fingerprint = old.fingerprint(patent.id)
            figures = old.figures_of(patent.id)
            count += len(figures)
            if fingerprint is not None and new.fingerprint(patent.id) != fingerprint:
                pictures = []
                for figure in figures:
                    try:
                        pictures.append(objects.get(figure.image))
                    except NotFound:
                        raise NotFound(
                            f"The drawing of {figure.id} is missing from the object store.",
                            f"Ingest {patent.source} again with the old encoder, or delete {patent.id}.",
                        ) from None
                new.put(
                    Entry(
                        patent=patent,
                        figures=figures,
                        image_vectors=encode_pictures(pictures, encoder, max_pixels),
                        caption_vectors=encoder.encode_captions([caption_text(f, patent) for f in figures]),
                        fingerprint=fingerprint,
                        sheets=old.sheets_of(patent.id),
                    )
                )
            if progress:
                progress(count, total)
        for key, summary in old.sources().items():
            new.mark_source(key, summary)
        kept = {patent.id for patent in _patents(old)}
        for patent in list(_patents(new)):
            if patent.id not in kept:
                new.delete(patent.id)
    EmbeddedIndex.replace(path, beside)
    return count


def _patents(index: EmbeddedIndex) -> Iterator[Patent]:
    offset = 0
    while page := index.patents(offset, _PAGE):
        yield from page
        offset += len(page)
