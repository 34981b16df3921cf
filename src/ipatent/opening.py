"""The parts that a command works with, opened from the settings: index, encoder, object stores."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from ipatent.bucket import Bucket
from ipatent.encode import Encoder, EncoderSpec
from ipatent.encode.choice import choose
from ipatent.errors import IndexProblem, NotFound
from ipatent.index import Index
from ipatent.index.embedded import FILE_NAME, EmbeddedIndex
from ipatent.objects import Objects
from ipatent.publication import PublicationNumber
from ipatent.settings import Settings

if TYPE_CHECKING:
    from ipatent.web.state import AppState

KINDS = ("B2", "B1", "A1", "A2", "A3", "A", "B3", "A9", "E1", "E", "P2", "P3", "S1", "U1", "Y", "C1")
"""Kind codes tried, in turn, for a publication number typed without one."""

_PAGES_WAIT = 6.0
"""Seconds that a page waits for a bucket, at most."""

Ask = Callable[[str], bool]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """An opened data folder; use it in a `with` statement."""

    settings: Settings
    index: Index
    maybe_encoder: Encoder | None
    _closing: ExitStack = field(default_factory=ExitStack)

    @property
    def encoder(self) -> Encoder:
        """The encoder, where one was asked for."""
        if self.maybe_encoder is None:
            raise ValueError("opened without an encoder")
        return self.maybe_encoder

    def open_objects(self) -> Objects:
        """The store of sheets, figures and thumbnails."""
        return open_objects(self.settings)

    def web_state(self) -> "AppState":
        """What the web application needs; its records are closed with this.

        Raises RecordsProblem when they cannot be opened.
        """
        from ipatent.records import open_records
        from ipatent.web.following import FollowingEncoder
        from ipatent.web.remembering import RememberingEncoder
        from ipatent.web.state import AppState

        quick = replace(self.settings, objects_seconds=min(self.settings.objects_seconds, _PAGES_WAIT))
        records = self._closing.enter_context(open_records(self.settings))
        return AppState(
            self.settings,
            self.index,
            FollowingEncoder(self.index, RememberingEncoder(self.encoder), self._encoder_for),
            open_objects(quick),
            open_uploads(quick),
            records,
        )

    def _encoder_for(self, spec: EncoderSpec) -> Encoder:
        from ipatent.web.remembering import RememberingEncoder

        return RememberingEncoder(choose(replace(self.settings, encoder="auto"), spec))

    def warm_up(self) -> None:
        """Read vectors and models into memory, so that the first search is as fast as the rest."""
        blank = np.full((64, 64), 255, np.uint8)
        self.index.nearest_images(self.encoder.encode_pictures([blank]), 1)
        self.index.nearest_captions(self.encoder.encode_captions(["drawing"]), 1)

    def __enter__(self) -> "Opened":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()
        self.index.close()


def open_or_create(settings: Settings, ask: Ask | None, say: Say) -> Opened:
    """The data folder, made when absent, with the encoder that its index was filled by.

    Raises EncoderMismatch when the settings name another one, IndexProblem when the folder cannot
    be written.
    """
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexProblem(
            f"The data folder {folder} cannot be made: {error.strerror or error}.",
            "Name another one with --data DIR.",
        ) from None
    return _with_encoder(settings, open_index(settings, create=True), ask, say)


def open_existing(settings: Settings, say: Say, encoder: bool = True) -> Opened:
    """The data folder as it is; raises IndexProblem when nothing was ingested into it yet."""
    index = open_index(settings)
    if not encoder:
        return Opened(settings, index, None)
    return _with_encoder(settings, index, None, say)


def open_index(settings: Settings, encoder: EncoderSpec | None = None, create: bool = False) -> Index:
    """The index that the settings name: on Qdrant, or the file in the data folder.

    Raises IndexProblem when there is none and it is not to be made, and EncoderMismatch.
    """
    if settings.index:
        from ipatent.index.qdrant_opening import open_qdrant

        return open_qdrant(settings.index, settings, encoder, create)
    path = settings.data_dir / FILE_NAME
    if not create and not path.exists():
        raise IndexProblem(
            f"There is no index in {settings.data_dir} yet.",
            "Make one with: ipatent ingest PATH..., or see it at work with: ipatent demo",
        )
    return EmbeddedIndex.open(path, encoder, create)


def objects_place(settings: Settings, part: str = "objects") -> Path | Bucket:
    """Where the objects lie that the settings name, or the uploads, as another part of the same place."""
    if not settings.objects:
        return settings.data_dir / part
    bucket = Bucket(
        settings.objects,
        settings.objects_endpoint,
        settings.objects_region,
        settings.objects_key_file,
        settings.objects_seconds,
        settings.objects_link_endpoint,
    )
    return bucket.below(part)


def open_objects(settings: Settings) -> Objects:
    """The store of sheets, figures and thumbnails.

    Raises IndexProblem where it cannot be used; a bucket is asked whether it is there.
    """
    return _checked(Objects.open(objects_place(settings)))


def open_uploads(settings: Settings) -> Objects:
    """The store of query pictures; raises as `open_objects`."""
    return _checked(Objects.open(objects_place(settings, "uploads")))


def _checked(objects: Objects) -> Objects:
    if objects.folder is None:
        objects.check()
    return objects


def _with_encoder(settings: Settings, index: Index, ask: Ask | None, say: Say) -> Opened:
    with closing(index):
        stored = index.status().encoder
    encoder = choose(settings, stored, ask, say)
    return Opened(settings, open_index(settings, encoder.spec, create=True), encoder)


def patent_id_of(name: str, index: Index) -> str:
    """The id of the indexed patent that is meant by an id or a publication number.

    The kind code may be left out. Raises NotFound when the index holds no such patent.
    """
    candidates = [name]
    try:
        number = PublicationNumber.parse(name)
        candidates.append(str(number))
        candidates.extend(f"{number.office}{number.number}{kind}" for kind in KINDS if not number.kind)
    except ValueError:
        pass
    for candidate in candidates:
        if index.fingerprint(candidate) is not None:
            return candidate
    raise NotFound(
        f"The index holds no patent {name}.", "Search for its title: the first column of a hit shows its id."
    )
