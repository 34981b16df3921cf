"""Taking patents out: their figures from the index, their drawings from the object store."""

from collections.abc import Iterator
from contextlib import suppress

from ipatent.errors import NotFound
from ipatent.index import Index
from ipatent.objects import Objects
from ipatent.patents import Figure


def remove_patent(patent_id: str, index: Index, objects: Objects) -> int:
    """Delete a patent and every drawing that no other figure shows; how many figures went.

    The index is changed first, so a run that breaks off leaves drawings without figures, never
    figures without drawings. Raises NotFound.
    """
    gone = {name for figure in index.figures_of(patent_id) for name in _objects_of(figure)}
    figures = index.delete(patent_id)
    for name in gone - index.objects_in_use(gone):
        with suppress(NotFound):
            objects.delete(name)
    return figures


def _objects_of(figure: Figure) -> Iterator[str]:
    yield from (figure.image, figure.sheet_image, figure.thumbnail)
