"""Errors that a user can act on: each says what is wrong and what to do."""


class IPatentError(Exception):
    """An expected failure, shown to the user as one sentence and never as a stack trace.

    `advice` says what to do about it; it may be empty when the message already does.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __reduce__(self) -> tuple[type["IPatentError"], tuple[str, str]]:
        return type(self), (self.message, self.advice)

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class SourceError(IPatentError):
    """A file cannot be read as a source of patents (corrupt, encrypted, too big, not supported)."""


class PictureError(IPatentError):
    """A picture cannot be decoded, or is larger than the limits in force."""


class SettingsError(IPatentError):
    """A setting is unknown, or its value does not fit its type or range."""


class QueryError(IPatentError):
    """A query cannot be answered as asked (empty, k out of range, box outside the picture)."""


class EncoderError(IPatentError):
    """An encoder is unknown, its files are missing or damaged, or it lacks what was asked of it."""


class EncoderMismatch(IPatentError):
    """The index was filled by another encoder than the one in use."""


class IndexProblem(IPatentError):
    """The index cannot be opened, read or written (wrong version, damaged, disk full, locked)."""


class RecordsProblem(IPatentError):
    """The records cannot be opened, read or written (wrong version, unreachable, disk full, locked)."""


class EmptyIndex(IPatentError):
    """A search was asked of an index that holds no figures."""


class NotFound(IPatentError):
    """No such patent, figure or object."""


class BackupProblem(IPatentError):
    """A backup cannot be written, or is damaged, incomplete, or of a newer version."""


class ClusterProblem(IPatentError):
    """A Ray cluster cannot be reached, is busy, or has machines that cannot do the work."""
