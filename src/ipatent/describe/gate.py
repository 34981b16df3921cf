"""How many questions a process asks the model at the same time, whoever asks them."""

import asyncio


class Gate:
    """Lets so many requests of a process run at a time, first come, first served; the others wait.

    One stands beside all pages, so that ten readers do not ask ten times as much at once as one.
    """

    def __init__(self) -> None:
        self._known: tuple[asyncio.AbstractEventLoop, asyncio.Semaphore] | None = None

    def places(self, count: int) -> asyncio.Semaphore:
        """What a request holds while it runs; `count` holds from the first call in an event loop."""
        loop = asyncio.get_running_loop()
        if self._known is None or self._known[0] is not loop:
            self._known = loop, asyncio.Semaphore(count)
        return self._known[1]
