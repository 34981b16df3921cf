"""Uploads that nobody used for long are deleted while the server runs."""

import logging
import threading

from ipatent import uploads
from ipatent.errors import IPatentError
from ipatent.objects import Objects
from ipatent.records import open_records
from ipatent.records.database import FILE_NAME
from ipatent.records.pictures_named import pictures_named
from ipatent.settings import Settings

log = logging.getLogger(__name__)


def sweep_uploads(store: Objects, settings: Settings) -> int:
    """Delete the uploads that are out of date and that no record names; how many.

    Raises RecordsProblem where it cannot be told which are named: nothing is deleted then.
    """
    if settings.keep_uploads_days <= 0:
        return 0
    named: frozenset[str] = frozenset()
    if settings.records or (settings.data_dir / FILE_NAME).exists():
        with open_records(settings) as database:
            named = pictures_named(database)
    return uploads.sweep(store, settings.keep_uploads_days, named)


def sweep_daily(store: Objects, settings: Settings) -> threading.Event:
    """Sweep now and then every day, in a thread of its own, until the event returned is set."""
    ended = threading.Event()

    def keep_sweeping() -> None:
        while True:
            try:
                sweep_uploads(store, settings)
            except IPatentError as error:
                log.warning("Old uploads were not deleted: %s", error)
            if ended.wait(uploads.DAY):
                return

    threading.Thread(target=keep_sweeping, name="sweep-uploads", daemon=True).start()
    return ended
