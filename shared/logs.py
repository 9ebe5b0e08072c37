"""Logs: one JSON object a line, with the trace id. No value that names a person is ever passed to a logger."""

import logging
import sys
import time
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

from shared.tracing import current_trace_id

QUIET_SECONDS = 10.0
DEEPEST_FRAMES = 12


def _frames_only(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its type and where it was raised: its text may hold what somebody typed."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exc_info()[1]
    if given and error is not None:
        event["error"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)
        event["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-DEEPEST_FRAMES:]]
    return event


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
        _frames_only,
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
