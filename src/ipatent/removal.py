"""Taking patents out: their figures from the index, their drawings from the object store."""

import json
from collections.abc import Iterator
from contextlib import suppress

from ipatent.errors import NotFound
from ipatent.index import Index
from ipatent.objects import Objects
from ipatent.patents import Figure


def remove_patent(patent_id: str, index: Index, objects: Objects) -> int:
    """Delete a patent and every drawing that no other figure shows; how many figures went.

    The index is changed first, so a run that breaks off leaves drawings without figures, never
    figures without drawings; `ipatent check --mend` deletes them. The document counts as never
    ingested from then on. Raises NotFound.
    """
    key = (index.fingerprint(patent_id) or "").partition("+")[0]
    gone = {name for figure in index.figures_of(patent_id) for name in _objects_of(figure)}
    figures = index.delete(patent_id)
    if _names(index.source(key), patent_id):
        index.forget_source(key)
    for name in gone - index.objects_in_use(gone):
        with suppress(NotFound):
            objects.delete(name)
    return figures


def _names(summary: str | None, patent_id: str) -> bool:
    """Whether the summary of a document tells of this patent."""
    try:
        return summary is not None and json.loads(summary)["patent"] == patent_id
    except (ValueError, KeyError, TypeError):
        return False


def _objects_of(figure: Figure) -> Iterator[str]:
    yield from (figure.image, figure.sheet_image, figure.thumbnail)
