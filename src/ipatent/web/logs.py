"""The server's log: sentences for people, or one line of JSON each for programs.

Requests are logged by route, never with their address: the words of a search are confidential before
an application is filed.
"""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from ipatent.settings import Settings
from ipatent.web.observing import WATCHED_BY_PROGRAMS, Answered, current_request

log = logging.getLogger("ipatent.requests")

_USUAL = {"json": "info", "text": "warning"}


def set_up_logs(settings: Settings) -> None:
    """Write the log of this process to its standard error as the settings say."""
    handler = logging.StreamHandler()
    handler.setFormatter(_AsJson() if settings.log_format == "json" else _AsText())
    level = (settings.log_level or _USUAL[settings.log_format]).upper()
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelNamesMapping()[level]), handlers=[handler])
    logging.getLogger("ipatent").setLevel(level)


def request_log(log_clients: bool) -> Callable[[Answered], None]:
    """What logs an answered request; with the address of who asked only where `log_clients` says so."""

    def tell(answered: Answered) -> None:
        level = logging.DEBUG if answered.route in WATCHED_BY_PROGRAMS else logging.INFO
        if not log.isEnabledFor(level):
            return
        fields: dict[str, object] = {
            "request_id": answered.request_id,
            "method": answered.method,
            "route": answered.route,
            "status": answered.status,
            "ms": _ms(answered.seconds),
            "stages": {name: _ms(seconds) for name, seconds in tuple(answered.stages.seconds.items())},
        }
        if log_clients:
            fields["client"] = answered.client
        stages = ", ".join(f"{name} {ms}" for name, ms in dict(fields["stages"]).items())  # type: ignore[call-overload]
        log.log(
            level,
            "%s %s %s in %s ms%s",
            answered.method,
            answered.route,
            answered.status,
            fields["ms"],
            f" ({stages})" if stages else "",
            extra={"fields": fields},
        )

    return tell


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


class _AsText(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as the base names it
        said = super().formatMessage(record)
        request = current_request.get()
        return f"{said} [{request}]" if request and request not in said else said


class _AsJson(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if request := current_request.get():
            line["request_id"] = request
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
