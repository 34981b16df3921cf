"""A turnstile before the work of a search: few at once, and the quick ones first.

Twenty searches that are worked on at once all take twenty times as long. A few at a time finish one
after the other, each as soon as it can; and words, which need no picture encoded, need not wait for
pictures that came a moment earlier.
"""

import heapq
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from ipatent.stages import stage


class Turnstile:
    """Lets `places` callers in at a time; others wait, in the order of their arrival and their patience.

    Safe for threads. Who waits with patience of s seconds is overtaken by those without patience who come
    within s seconds, and by no one else: nobody waits for ever.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: list[tuple[float, int]] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._tell: Callable[[int], None] = _nobody

    def tell_waiting(self, tell: Callable[[int], None]) -> None:
        """Call `tell` with how many wait whenever that changes; it must be quick."""
        self._tell = tell

    @contextmanager
    def passage(self, patience: float = 0.0) -> Iterator[None]:
        """Wait for a place, and keep it for the length of the `with` block."""
        with stage("wait"), self._changed:
            ticket = (time.monotonic() + patience, next(self._numbers))
            heapq.heappush(self._waiting, ticket)
            self._tell(len(self._waiting))
            self._changed.wait_for(lambda: self._free > 0 and self._waiting[0] == ticket)
            heapq.heappop(self._waiting)
            self._tell(len(self._waiting))
            self._free -= 1
            if self._free > 0:
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """How many wait now."""
        with self._changed:
            return len(self._waiting)


def _nobody(_waiting: int) -> None:
    pass
