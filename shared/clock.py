"""The one place that knows the time, so that a test can move the clock of a whole process."""

from datetime import UTC, datetime, timedelta

_offset = timedelta()


def now() -> datetime:
    """Return the present moment in UTC, moved by the configured offset."""
    return datetime.now(UTC) + _offset  # noqa: TID251  this is the place


def set_offset(seconds: float) -> None:
    """Move the clock of this process by so many seconds."""
    global _offset  # noqa: PLW0603  a process has one clock
    _offset = timedelta(seconds=seconds)
