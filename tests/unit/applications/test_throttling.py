"""Guessing is slowed down, and the rightful person never locked out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies

from services.applications.domain import Failures, seconds_to_wait
from services.applications.domain.throttling import FREE, LONGEST

NOW = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
NONE = Failures("client")


@given(strategies.integers(0, 10_000), strategies.integers(0, 10_000))
def test_a_client_that_has_not_failed_never_waits_with_a_code(number: int, seconds: int) -> None:
    of_reference = Failures("code", number, NOW - timedelta(seconds=seconds))
    assert seconds_to_wait(NONE, of_reference, NOW) == 0


@given(strategies.sampled_from(sorted(FREE)), strategies.integers(0, 10_000))
def test_no_wait_is_longer_than_a_quarter_of_an_hour(kind: str, number: int) -> None:
    assert 0 <= Failures(kind, number, NOW).seconds(NOW) <= LONGEST.total_seconds()


@pytest.mark.parametrize(("number", "minutes"), [(19, 0), (20, 1), (21, 2), (22, 4), (23, 8), (24, 15), (100, 15)])
def test_the_delay_grows(number: int, minutes: int) -> None:
    assert Failures("client", number, NOW).seconds(NOW) == minutes * 60


def test_birth_dates_wait_for_everybody_when_one_was_guessed_at() -> None:
    assert seconds_to_wait(NONE, Failures("birth-date", 5, NOW), NOW) == 60
    assert seconds_to_wait(NONE, Failures("birth-date", 5, NOW), NOW + timedelta(seconds=60)) == 0


def test_who_has_failed_waits_for_a_reference_that_was_guessed_at() -> None:
    assert seconds_to_wait(Failures("client", 1, NOW), Failures("code", 20, NOW), NOW) == 60
    later = NOW + timedelta(hours=2)
    assert seconds_to_wait(Failures("client", 1, NOW), Failures("code", 20, later), later) == 0, "long forgotten"


def test_failures_are_forgotten_after_a_while_and_begin_anew() -> None:
    many = Failures("client", 24, NOW)
    assert many.one_more(NOW + timedelta(minutes=74)).number == 25
    assert many.one_more(NOW + timedelta(minutes=76)).number == 1
    assert not NONE.counts(NOW)
