"""Reaching an index on Qdrant: whether it is there, for which encoder, and what was computed of it."""

import threading
import time
import uuid
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import groupby
from typing import Any, TypeVar

from ipatent.encode import EncoderSpec
from ipatent.encode.matching import check_encoder
from ipatent.errors import EncoderMismatch
from ipatent.index import Entry, rows
from ipatent.index.look import Memory
from ipatent.index.qdrant_collections import (
    Filling,
    Kind,
    Options,
    create,
    exists,
    filling_for,
    live,
    make_live,
    remove,
)
from ipatent.index.qdrant_filters import is_
from ipatent.index.qdrant_nodes import Nodes
from ipatent.index.qdrant_points import point_of, text_id
from ipatent.index.qdrant_store import Conditions, Store

T = TypeVar("T")

_STATE = "\0state"
_REMEMBERED = 2000
_GRACE = 1.0
"""Seconds for searches that began in collections which are then removed."""


class Reach:
    """The live filling under a name, or one that is filled beside it, once it is there."""

    def __init__(self, nodes: Nodes, filling: Filling, options: Options, encoder: EncoderSpec | None) -> None:
        self.nodes = nodes
        self.options = options
        self.encoder = encoder
        self.found = Store(nodes, filling)
        self.spec: EncoderSpec | None = None
        """That of the index, once it is known."""
        self._memory = Memory(_REMEMBERED)
        self._making = threading.Lock()

    def store(self) -> Store | None:
        """The collections, or None where nothing was ever written."""
        if self.spec is None:
            self.state()
        return self.found if self.spec else None

    def state(self) -> tuple[EncoderSpec | None, str]:
        """The encoder that fills the index, and which filling of which index this is."""
        if not self._exists():
            return None, ""
        for note in self.found.by_texts("notes", [text_id(_STATE)], ("encoder", "identity")).values():
            self.spec = rows.spec_from_json(note.payload["encoder"].string_value)
            return self.spec, note.payload["identity"].string_value
        return None, ""

    def _exists(self) -> bool:
        filling = self.found.filling
        if filling.name:
            return exists(self.nodes, filling["notes"])
        return live(self.nodes, filling.prefix) is not None

    def make(self) -> None:
        """Make the collections for the encoder where they are not there yet.

        Raises EncoderMismatch where there is no encoder to make them for.
        """
        with self._making:
            if self.store():
                return
            if self.encoder is None:
                raise EncoderMismatch(
                    f"The index {self.nodes.address} is not yet tied to an encoder.",
                    "Open it with the encoder's spec.",
                )
            filling = self.found.filling
            if not filling.name:
                filling = filling_for(filling.prefix, self.encoder)
            create(self.nodes, filling, self.encoder, self.options)
            store = Store(self.nodes, filling, patient=True)
            if not store.by_texts("notes", [text_id(_STATE)], ()):
                note = {
                    "note": "state",
                    "encoder": rows.spec_to_json(self.encoder),
                    "identity": uuid.uuid4().hex[:10],
                }
                store.write("notes", [point_of(text_id(_STATE), note)])
            if not self.found.filling.name:
                make_live(self.nodes, filling)
            self.state()

    def make_live(self) -> None:
        """Let everyone find this filling in the place of the live one, which is then removed."""
        if before := make_live(self.nodes, self.found.filling):
            time.sleep(_GRACE)
            remove(self.nodes, before)

    def live_generation(self) -> int:
        """The generation of the filling that the aliases lead to."""
        prefix = self.found.filling.prefix
        if live(self.nodes, prefix) is None:
            return 0
        return generation(Store(self.nodes, Filling(prefix, "")))

    def check(self, entry: Entry) -> None:
        """Raises EncoderMismatch unless the entry's vectors are of the index's encoder."""
        spec = self.spec
        assert spec is not None
        if self.encoder:
            check_encoder(spec, self.encoder)
        dims = (entry.image_vectors.shape[1], entry.caption_vectors.shape[1])
        if dims != (spec.image_dim, spec.caption_dim):
            raise EncoderMismatch(
                f"The vectors of {entry.patent.id} have {dims[0]} and {dims[1]} dimensions, those of the "
                f"index {spec.image_dim} and {spec.caption_dim} (encoder {spec.name}).",
                f"Ingest with --encoder {spec.name}.",
            )

    def remembering(self) -> "Remember":
        """What keeps answers as long as nothing is committed."""
        return Remember(self._memory, generation(self.found))


class Remember:
    """Answers that hold for one generation."""

    def __init__(self, memory: Memory, of: int) -> None:
        self._memory = memory
        self._of = of

    def __call__(self, key: Hashable, compute: Callable[[], T]) -> T:
        """What was computed for `key` in this generation before, or is now."""
        return self._memory.of((self._of, key), compute)


def generation(store: Store) -> int:
    """How many commits all writers made together."""
    notes = store.each("notes", [is_("note", "writer")], ("commits",))
    return sum(note.payload["commits"].integer_value for note in notes)


def in_order(
    store: Store, kind: Kind, conditions: Conditions, key: str, payload: Sequence[str]
) -> Iterator[Any]:
    """The payloads of points that are known by the text in `key`, in the order of it."""
    # Points come in the order of their ids, which begin with the text's first eight bytes.
    points = store.each(kind, conditions, (key, *payload))
    for _, same in groupby(points, key=lambda point: point.id.uuid[:18]):
        yield from sorted(
            (point.payload for point in same), key=lambda found: found[key].string_value.encode()
        )
