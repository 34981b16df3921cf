"""Traces by OpenTelemetry: a span for each request and one for each of its stages.

Switched on by the standard variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME,
OTEL_EXPORTER_OTLP_HEADERS …), which the exporter reads itself; needs the extra `otel`.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipatent import __version__
from ipatent.web.observing import WATCHED_BY_PROGRAMS, Answered

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger(__name__)

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NANO = 1_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Tracing:
    """Sends spans to the collector; close it, so that the last ones are sent."""

    provider: "TracerProvider"

    def tell(self, answered: Answered) -> None:
        """Note the spans of an answered request; they are sent in the background."""
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        if answered.route in WATCHED_BY_PROGRAMS:
            return
        tracer = self.provider.get_tracer("ipatent", __version__)
        epoch = time.time_ns() - time.perf_counter_ns()
        begun = epoch + int(answered.started * _NANO)
        span = tracer.start_span(
            f"{answered.method} {answered.route}",
            TraceContextTextMapPropagator().extract(dict(answered.headers)),
            SpanKind.SERVER,
            {
                "http.request.method": answered.method,
                "http.route": answered.route,
                "http.response.status_code": answered.status,
                "ipatent.request_id": answered.request_id,
            },
            start_time=begun,
        )
        if answered.status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        inside = set_span_in_context(span)
        for run in answered.stages.runs:
            started = epoch + int(run.started * _NANO)
            tracer.start_span(run.name, inside, start_time=started).end(started + int(run.seconds * _NANO))
        span.end(begun + int(answered.seconds * _NANO))

    def close(self) -> None:
        """Send what was not sent yet."""
        self.provider.shutdown()


def open_tracing(environment: Mapping[str, str]) -> Tracing | None:
    """Tracing where the environment names a collector; None where it does not, or the extra is missing.

    A missing extra is logged: the variables are often set for many programs at once.
    """
    if not any(environment.get(name) for name in _ENDPOINTS):
        return None
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("No traces are sent: install the extra for them with pip install 'ipatent[otel]'.")
        return None
    name = environment.get("OTEL_SERVICE_NAME") or "ipatent"
    provider = TracerProvider(
        resource=Resource.create({"service.name": name, "service.version": __version__}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)
