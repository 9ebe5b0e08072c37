"""When a closed office opens next: by hours, exceptions, closures, holidays, and a plan to come."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain import Rules, next_opening
from tests.unit.booking.rules import hours, local, rules

WEEK = [hours("08:00", "12:00", ["mon", "tue", "wed", "thu", "fri"]), hours("14:00", "17:30", ["thu"])]


def opens(given_: Rules, now: str) -> str | None:
    """Return when it opens next, by the office's clock."""
    found = next_opening(given_, local(now, given_.zone).astimezone(UTC))
    return f"{found.astimezone(given_.zone):%Y-%m-%d %H:%M}" if found else None


def team(*windows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"concerns": ["papers"], "hours": list(windows), **more}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-09-08 07:59", "2026-09-08 08:00"),
        ("2026-09-08 08:00", None),
        ("2026-09-08 11:59:59", None),
        ("2026-09-08 12:00", "2026-09-09 08:00"),
        ("2026-09-10 13:00", "2026-09-10 14:00"),
        ("2026-09-11 12:00", "2026-09-14 08:00"),
    ],
)
def test_it_is_the_next_beginning_of_the_hours_and_none_while_it_is_open(now: str, expected: str | None) -> None:
    assert opens(rules(*WEEK), now) == expected


def test_closures_holidays_and_other_hours_count() -> None:
    closure = {"from": "2026-12-24", "to": "2026-12-31", "reason": {"de": "zu"}}
    over_new_year = rules(*WEEK, closures=[closure], holidays={date(2027, 1, 1)})
    assert opens(over_new_year, "2026-12-23 12:00") == "2027-01-04 08:00"
    late = {"from": "2026-09-09", "to": "2026-09-09", "hours": [{"from": "10:30", "to": "11:00"}]}
    away = {"from": "2026-09-10", "to": "2026-09-10", "hours": []}
    other = rules(teams={"front": team(*WEEK, exceptions=[late, away])})
    assert opens(other, "2026-09-08 12:00") == "2026-09-09 10:30"
    assert opens(other, "2026-09-09 11:00") == "2026-09-11 08:00"


def test_any_team_that_does_something_opens_the_office() -> None:
    second = team(hours("07:00", "07:30", ["wed"]))
    nobody = {"concerns": [], "hours": [hours("05:00", "06:00")]}
    office = rules(teams={"front": team(*WEEK), "second": second, "nobody": nobody})
    assert opens(office, "2026-09-08 12:00") == "2026-09-09 07:00"
    assert opens(office, "2026-09-09 07:10") is None
    assert opens(office, "2026-09-09 07:30") == "2026-09-09 08:00"


def test_nothing_is_told_where_no_opening_is_known() -> None:
    assert opens(rules(teams={"front": team()}), "2026-09-08 12:00") is None
    assert opens(rules(closures=[{"from": "2026-09-01", "to": "2027-09-01", "reason": {}}]), "2026-09-08 12:00") is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-28 12:00", "2026-03-29T08:00:00+02:00"),
        ("2026-03-29 01:59", "2026-03-29T08:00:00+02:00"),
        ("2026-10-24 12:00", "2026-10-25T08:00:00+01:00"),
        ("2026-10-25 00:30", "2026-10-25T08:00:00+01:00"),
    ],
)
def test_on_the_days_of_the_clock_change_it_is_the_time_of_the_offices_clock(now: str, expected: str) -> None:
    assert next_opening(rules(), local(now).astimezone(UTC)) == datetime.fromisoformat(expected)


def test_an_hour_that_does_not_exist_opens_nothing() -> None:
    office = rules(hours("02:00", "03:00"))
    assert opens(office, "2026-03-28 12:00") == "2026-03-30 02:00"


def test_from_its_moment_on_the_plan_to_come_decides() -> None:
    now_, then = rules(*WEEK), rules(hours("06:00", "07:00"), hours("09:00", "10:00"))
    at = local("2026-09-09 09:30").astimezone(UTC)
    office = replace(now_, coming=then, changes_at=at)
    assert opens(office, "2026-09-08 12:00") == "2026-09-09 08:00", "before it, the one in force does"
    assert opens(office, "2026-09-09 09:00") is None
    assert opens(office, "2026-09-09 10:00") == "2026-09-10 06:00", "not at 14:00 on Thursday any more"
    closed = replace(rules(teams={"front": team()}), coming=then, changes_at=at)
    assert opens(closed, "2026-09-08 12:00") == "2026-09-09 09:30", "what has begun by then opens with the plan"


@given(st.timedeltas(timedelta(), timedelta(days=366)))
def test_it_is_closed_until_then_and_open_then(later: timedelta) -> None:
    office, moment = rules(*WEEK), datetime(2026, 3, 20, tzinfo=UTC) + later
    found = next_opening(office, moment)
    if found is not None:
        assert found > moment
        assert next_opening(office, found) is None
        assert next_opening(office, found - timedelta(microseconds=1)) == found
