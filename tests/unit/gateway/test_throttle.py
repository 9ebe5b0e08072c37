"""Whoever tries too many codes for a number has to wait, and nobody else."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from services.gateway import throttle
from services.gateway.throttle import MOST_FAILURES, WITHIN_SECONDS, Throttle


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    stopped = Clock()
    monkeypatch.setattr(throttle, "clock", stopped)
    return stopped  # type: ignore[return-value]


def fail(guard: Throttle, name: str, times: int = MOST_FAILURES) -> None:
    for _ in range(times):
        guard.failed(name)


def test_the_last_allowed_failure_makes_it_wait(clock: Clock) -> None:  # noqa: ARG001
    guard = Throttle()
    fail(guard, "a", MOST_FAILURES - 1)
    assert guard.seconds_to_wait("a") == 0
    guard.failed("a")
    assert 0 < guard.seconds_to_wait("a") <= WITHIN_SECONDS + 1
    assert guard.seconds_to_wait("b") == 0


def test_it_ends_with_the_time_said(clock: Clock) -> None:
    guard = Throttle()
    fail(guard, "a")
    clock.seconds += guard.seconds_to_wait("a") - 2
    assert guard.seconds_to_wait("a") > 0
    clock.seconds += 2
    assert guard.seconds_to_wait("a") == 0


def test_only_the_newest_failures_count(clock: Clock) -> None:
    guard = Throttle()
    fail(guard, "a", MOST_FAILURES - 1)
    clock.seconds += WITHIN_SECONDS + 1
    guard.failed("a")
    assert guard.seconds_to_wait("a") == 0


def test_very_many_numbers_do_not_fill_the_memory(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setattr(throttle, "MOST_NUMBERS", 5)
    guard = Throttle()
    fail(guard, "first")
    for number in range(5):
        guard.failed(f"{number}")
    assert guard.seconds_to_wait("first") == 0
    assert len(guard._failures) == 5  # noqa: SLF001
