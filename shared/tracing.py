"""Traces: W3C trace context from the request through the outbox and Kafka to the effect."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()
_provider = TracerProvider()
_tracer = _provider.get_tracer("buergernah")


@contextmanager
def span(name: str, traceparent: str = "") -> Iterator[trace.Span]:
    """Open a span, as a child of the given `traceparent` or of the span that is open here."""
    parent = _PROPAGATOR.extract({"traceparent": traceparent}) if traceparent else None
    with _tracer.start_as_current_span(name, context=parent) as opened:
        yield opened


def current_traceparent() -> str:
    """Return the W3C `traceparent` of the open span, or '' outside of any."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent", "")


def current_trace_id() -> str:
    """Return the open span's trace id (32 hex digits), or '' outside of any."""
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else ""
