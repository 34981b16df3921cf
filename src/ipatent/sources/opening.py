"""A job opened by the reader of its kind."""

from pathlib import Path

from ipatent.errors import SourceError
from ipatent.sources import Document, Limits
from ipatent.sources.bulk import read_at
from ipatent.sources.discovery import Job
from ipatent.sources.images import read_pictures
from ipatent.sources.metadata import Picture, read_described
from ipatent.sources.pdf import read_pdf
from ipatent.sources.records import unpack


def open_job(job: Job, limits: Limits) -> Document:
    """The patent that a job names, with its sheets read lazily; raises SourceError as its reader does."""
    if job.rows:
        records = [record for rows in job.rows for record in unpack(rows)]
        pictures = [
            Picture(path.name, record, path.read_bytes)
            for path, record in zip(job.paths, records, strict=True)
        ]
        return read_described(pictures, job.fallback_id, _source(job.paths), limits)
    if job.address:
        return read_at(job.paths, job.address, limits)
    if job.kind == "pdf":
        return read_pdf(job.paths[0], limits)
    if job.kind == "pictures":
        return read_pictures(job.paths, job.fallback_id, limits)
    raise SourceError(f"is of a kind that no reader knows ({job.kind})")


def _source(paths: tuple[Path, ...]) -> str:
    return str(paths[0] if len(paths) == 1 else paths[0].parent)
