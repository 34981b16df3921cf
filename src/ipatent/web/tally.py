"""Numbers counted by several processes and read by any of them: one file of fixed places for each process.

A process alone writes its file, through memory that it shares with readers, so counting takes no lock
between processes and nothing is lost when one is killed. The process that takes its place opens the same
file and counts on, so sums never fall and there are never more files than workers.
"""

import json
import mmap
import struct
import threading
from collections.abc import Sequence
from pathlib import Path

Series = tuple[str, tuple[str, ...]]
"""A metric's name and the values of its labels."""
Numbers = dict[Series, tuple[float, ...]]

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the histograms, in seconds."""

_BYTES = 1 << 20
"""Room of one process: some two thousand histograms; the file takes only what is used of it."""
_USED = struct.Struct("<Q")
_ENTRY = struct.Struct("<II")
_NUMBER = struct.Struct("<d")


class Tally:
    """The numbers of this process; safe for threads.

    They lie in `file`, or, without one, in memory that no other process sees. When the room is used up,
    series that were never counted before are left out.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._places: dict[Series, int] = {}
        self._lock = threading.Lock()
        if file is None:
            self._memory = mmap.mmap(-1, _BYTES)
        else:
            with file.open("a+b") as opened:
                opened.truncate(_BYTES)
                self._memory = mmap.mmap(opened.fileno(), _BYTES)
        self._end: int = max(_USED.unpack_from(self._memory, 0)[0], _USED.size)
        for series, place, _ in _entries(bytes(self._memory)):
            self._places[series] = place

    def add(self, name: str, labels: Sequence[str] = (), amount: float = 1.0) -> None:
        """Raise a counter, or move a gauge."""
        with self._lock:
            if (place := self._place((name, tuple(labels)), 1)) is not None:
                self._raise(place, amount)

    def set(self, name: str, labels: Sequence[str], value: float) -> None:
        """Put a gauge to a value."""
        with self._lock:
            if (place := self._place((name, tuple(labels)), 1)) is not None:
                _NUMBER.pack_into(self._memory, place, value)

    def observe(self, name: str, labels: Sequence[str], seconds: float) -> None:
        """Count a duration in a histogram: its numbers are the sum, then the count of each bucket."""
        bucket = sum(seconds > bound for bound in BUCKETS)
        with self._lock:
            place = self._place((name, tuple(labels)), len(BUCKETS) + 2)
            if place is not None:
                self._raise(place, seconds)
                self._raise(place + (1 + bucket) * _NUMBER.size, 1.0)

    def numbers(self) -> Numbers:
        """All numbers of this process."""
        return {series: numbers for series, _, numbers in _entries(bytes(self._memory))}

    def _raise(self, place: int, amount: float) -> None:
        _NUMBER.pack_into(self._memory, place, _NUMBER.unpack_from(self._memory, place)[0] + amount)

    def _place(self, series: Series, count: int) -> int | None:
        known = self._places.get(series)
        if known is not None:
            return known
        key = json.dumps([series[0], *series[1]]).encode()
        key += b" " * (-len(key) % 8)
        place: int = self._end + _ENTRY.size + len(key)
        end: int = place + count * _NUMBER.size
        if end > _BYTES:
            return None
        _ENTRY.pack_into(self._memory, self._end, len(key), count)
        self._memory[self._end + _ENTRY.size : place] = key
        # Last, so that a reader never sees half an entry.
        _USED.pack_into(self._memory, 0, end)
        self._end, self._places[series] = end, place
        return place


def read_tally(file: Path) -> Numbers:
    """The numbers that a process keeps, or kept, in `file`."""
    return {series: numbers for series, _, numbers in _entries(file.read_bytes())}


def _entries(memory: bytes) -> list[tuple[Series, int, tuple[float, ...]]]:
    found = []
    at, used = _USED.size, _USED.unpack_from(memory, 0)[0]
    while at < used:
        length, count = _ENTRY.unpack_from(memory, at)
        place = at + _ENTRY.size + length
        name, *labels = json.loads(memory[at + _ENTRY.size : place])
        found.append(((name, tuple(labels)), place, struct.unpack_from(f"<{count}d", memory, place)))
        at = place + count * _NUMBER.size
    return found
