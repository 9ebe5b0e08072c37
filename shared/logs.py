"""Logs: one JSON object a line, with the trace id. No value that names a person is ever passed to a logger."""

import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog

from shared.tracing import current_trace_id

QUIET_SECONDS = 10.0


class OnceInAWhile(logging.Filter):
    """Lets a library's message through once in ten seconds: a client without its broker says so ten times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether this message has not been said just now."""
        now, message = time.monotonic(), (record.name, str(record.msg))
        new = now - self._said.get(message, float("-inf")) > QUIET_SECONDS
        if new:
            self._said[message] = now
        return new


def set_up(service: str, level: str) -> None:
    """Send structlog's and the standard library's records to standard output as JSON."""

    def add_context(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        if trace_id := current_trace_id():
            event["trace_id"] = trace_id
        return event

    common: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        add_context,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*common, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    handler.addFilter(OnceInAWhile())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(logging.getLevelNamesMapping()[level], logging.WARNING))
