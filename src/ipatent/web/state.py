"""What the handlers work with, handed in once when the application is made."""

import threading
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from ipatent.describe.gate import Gate
from ipatent.encode import Encoder
from ipatent.index import Index
from ipatent.objects import Objects
from ipatent.records import Database
from ipatent.settings import Settings
from ipatent.web.rendering import Templates
from ipatent.web.turnstile import Turnstile

_SEARCHED_AT_ONCE = 2
_DECODED_AT_ONCE = 4
_PRINTED_AT_ONCE = 1
_PRINTED_IN_QUEUE = 6


@dataclass(frozen=True, slots=True)
class AppState:
    """The opened parts of the program; all may be used from several threads.

    `objects` holds the indexed drawings, `uploads` the query pictures of users, `records` what is kept
    of the work: searches, collections, judgements.
    """

    settings: Settings
    index: Index
    encoder: Encoder
    objects: Objects
    uploads: Objects
    records: Database
    searching: Turnstile = field(default_factory=lambda: Turnstile(_SEARCHED_AT_ONCE))
    """Passed by searches; pictures, which take longer, let words pass for a while."""
    decoding: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_DECODED_AT_ONCE))
    """Held while a user's picture is decoded: each may take hundreds of megabytes."""
    printing: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_PRINTED_AT_ONCE))
    """Held while a report is made as PDF, which takes a processor and holds all of it in memory."""
    print_queue: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_PRINTED_IN_QUEUE))
    """Held by requests for a PDF, those that wait included: each keeps a thread of the server."""

    asking: Gate = field(default_factory=Gate)
    """Passed by questions to the vision model, those of all pages."""
    watching: threading.Lock = field(default_factory=threading.Lock)
    """Held while saved searches are asked again."""

    def close(self) -> None:
        """Close the index and the records."""
        self.index.close()
        self.records.close()


async def _state_of(request: Request) -> AppState:
    state: AppState = request.app.state.ipatent
    return state


async def _templates_of(request: Request) -> Templates:
    templates: Templates = request.app.state.templates
    return templates


State = Annotated[AppState, Depends(_state_of)]
Rendering = Annotated[Templates, Depends(_templates_of)]
