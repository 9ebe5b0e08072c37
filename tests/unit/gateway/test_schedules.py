"""Times for what is to happen later, as a browser sends them and as people type them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.gateway import schedules

NOW = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["2026-11-30T08:00", "2026-11-30 08:00", "30.11.2026 08:00", "30.11.2026, 8:00"])
def test_a_time_is_read_as_a_browser_sends_it_and_as_people_write_it(typed: str) -> None:
    period = schedules.read(typed, "", ZoneInfo("Europe/Berlin"), NOW)
    assert (period.start, list(period.problems)) == (datetime(2026, 11, 30, 7, 0, tzinfo=UTC), [])


@pytest.mark.parametrize("typed", ["", "tomorrow", "31.11.2026 08:00", "30.11.2026", "30.11.2026 25:00"])
def test_what_is_no_time_is_said(typed: str) -> None:
    period = schedules.read(typed, "", ZoneInfo("Europe/Berlin"), NOW)
    assert (period.start, list(period.problems)) == (None, [("from", schedules.NO_TIME)])
