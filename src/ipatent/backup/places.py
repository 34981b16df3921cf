"""Where backups lie that are no single file: a folder, or a bucket reached by the settings of the objects."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import obstore
from obstore import exceptions
from obstore.store import LocalStore, ObjectStore

from ipatent.bucket import Bucket, problem_of
from ipatent.errors import BackupProblem
from ipatent.objects import Objects
from ipatent.settings import Settings

Place = Path | Bucket

FILE_ENDING = ".tar"


def place_in(named: str, settings: Settings) -> Place | None:
    """The folder or bucket that is named; None for a single file, whose name ends in `.tar`.

    Raises BackupProblem where it is not clear which is meant.
    """
    if named.startswith("s3://"):
        return Bucket(
            named.rstrip("/"),
            settings.objects_endpoint,
            settings.objects_region,
            settings.objects_key_file,
            settings.objects_seconds,
        )
    if "://" in named:
        raise BackupProblem(
            f"{named} is no place for a backup.", "Name a file, a folder or s3://BUCKET/PREFIX."
        )
    path = Path(named).expanduser()
    if path.suffix == FILE_ENDING and not path.is_dir():
        return None
    if path.is_file() or (path.suffix and not path.is_dir() and not named.endswith("/")):
        raise BackupProblem(
            f"{path} is neither a folder nor a file whose name ends in {FILE_ENDING}.",
            f"Name a file such as backup{FILE_ENDING}, or a folder (with a / at its end).",
        )
    return path


def below(place: Place, part: str) -> Objects:
    """The objects of a part of a place."""
    return Objects.open(place.below(part) if isinstance(place, Bucket) else place / part)


class Named:
    """Files of a place by their names; there are few of them."""

    def __init__(self, place: Place) -> None:
        self._place = place
        with self._told():
            if isinstance(place, Path):
                place.mkdir(parents=True, exist_ok=True)
            self._store: ObjectStore = (
                place.store() if isinstance(place, Bucket) else LocalStore(prefix=place)
            )

    def put(self, path: str, content: bytes) -> None:
        """Write a file, whole or not at all."""
        with self._told():
            obstore.put(self._store, path, content)

    def get(self, path: str) -> bytes:
        """The bytes of a file."""
        with self._told():
            return bytes(obstore.get(self._store, path).bytes())

    def paths(self, folder: str) -> list[str]:
        """The files in a folder."""
        with self._told():
            return [one["path"] for page in obstore.list(self._store, prefix=folder) for one in page]

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (exceptions.BaseError, OSError) as error:
            if isinstance(self._place, Bucket):
                raise problem_of(error, self._place) from None
            reason = str(getattr(error, "strerror", None) or error).strip().split("\n", 1)[0].rstrip(".")
            raise BackupProblem(
                f"{self._place} cannot be used: {reason}.",
                "Check the path, the permissions and the space left.",
            ) from None
