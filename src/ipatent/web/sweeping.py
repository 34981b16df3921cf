"""Uploads that nobody used for long, and records that are too old, are deleted while the server runs."""

import logging
import threading

from ipatent import uploads
from ipatent.errors import IPatentError
from ipatent.objects import Objects
from ipatent.records import open_records, searches
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
    return uploads.sweep(store, settings.keep_uploads_days, named_by_records(settings))


def named_by_records(settings: Settings) -> frozenset[str]:
    """The uploads that a stored search, a saved one or a judged query names. Raises RecordsProblem."""
    if not (settings.records or (settings.data_dir / FILE_NAME).exists()):
        return frozenset()
    with open_records(settings) as database:
        return pictures_named(database)


def sweep_records(settings: Settings) -> int:
    """Delete the search records that are out of date and that no collection refers to; how many."""
    if settings.keep_records_days <= 0:
        return 0
    with open_records(settings) as database:
        return searches.delete_old(database, settings.keep_records_days)


def sweep_daily(store: Objects, settings: Settings) -> threading.Event:
    """Sweep now and then every day, in a thread of its own, until the event returned is set."""
    ended = threading.Event()

    def keep_sweeping() -> None:
        while True:
            try:
                # First, so that pictures which only those records named can go as well.
                sweep_records(settings)
                sweep_uploads(store, settings)
            except IPatentError as error:
                log.warning("Old records and uploads were not deleted: %s", error)
            if ended.wait(uploads.DAY):
                return

    threading.Thread(target=keep_sweeping, name="sweeping", daemon=True).start()
    return ended
