"""Where the pictures of a report come from: the stores of indexed drawings and of uploads."""

from ipatent.errors import NotFound
from ipatent.exports.report import Sight
from ipatent.index import Index
from ipatent.objects import Objects
from ipatent.patents import Figure
from ipatent.records.search_record import QueryImage


def sight_of(index: Index, objects: Objects, uploads: Objects) -> Sight:
    """Thumbnails and query pictures as they are kept; None for those that are not any more."""

    def thumbnail(figure: Figure) -> bytes | None:
        return _get(objects, figure.thumbnail)

    def original(picture: QueryImage) -> bytes | None:
        if picture.sha256:
            return _get(uploads, picture.sha256) or _get(objects, picture.sha256)
        try:
            return _get(objects, index.figure(picture.figure_id).image)
        except NotFound:
            return None

    return Sight(thumbnail, original)


def _get(store: Objects, name: str) -> bytes | None:
    try:
        return store.get(name)
    except NotFound:
        return None
