"""What can go wrong when a server is asked: each error says what it is and what to do."""

from ipatent.errors import IPatentError, NotFound


class ClientError(IPatentError):
    """The server refused, or gave no usable answer; `message` and `advice` are the server's where it spoke.

    `status` is that of HTTP, 0 where there was no answer. `request_id` is set for faults of the
    server's program; it stands in the server's log.
    """

    def __init__(self, message: str, advice: str = "", status: int = 0, request_id: str = "") -> None:
        super().__init__(message, advice)
        self.status = status
        self.request_id = request_id

    def __reduce__(self) -> tuple[type["ClientError"], tuple[str, str, int, str]]:  # type: ignore[override]
        return type(self), (self.message, self.advice, self.status, self.request_id)


class Absent(ClientError, NotFound):
    """The server holds no such figure, patent, picture or record."""


class Unreachable(ClientError):
    """Nothing answers at the address."""


class TimedOut(ClientError):
    """The server did not answer in time."""
