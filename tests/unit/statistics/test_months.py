"""A month begins and ends at midnight of the tenant's zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.statistics.figures import month_bounds

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("2026-09-07T07:00Z", "2026-08-31T22:00Z", "2026-09-30T22:00Z"),
        ("2026-08-31T21:59:59Z", "2026-07-31T22:00Z", "2026-08-31T22:00Z"),
        ("2026-08-31T22:00Z", "2026-08-31T22:00Z", "2026-09-30T22:00Z"),
        ("2026-12-31T22:59Z", "2026-11-30T23:00Z", "2026-12-31T23:00Z"),
        ("2026-12-31T23:00Z", "2026-12-31T23:00Z", "2027-01-31T23:00Z"),
        ("2026-10-25T00:30Z", "2026-09-30T22:00Z", "2026-10-31T23:00Z"),  # the clock changes within
        ("2028-02-29T12:00Z", "2028-01-31T23:00Z", "2028-02-29T23:00Z"),
    ],
)
def test_the_bounds_in_berlin(now: str, start: str, end: str) -> None:
    expected = tuple(datetime.fromisoformat(edge) for edge in (start, end))
    assert month_bounds(datetime.fromisoformat(now), BERLIN) == expected


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  UTC by `timezones`
def test_every_moment_lies_in_its_month_and_the_next_begins_where_it_ends(now: datetime) -> None:
    start, end = month_bounds(now, BERLIN)
    assert start <= now < end
    assert month_bounds(end, BERLIN)[0] == end
