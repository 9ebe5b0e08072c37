"""Times are written as people of the language write them."""

from datetime import date, datetime, time

import pytest

from services.gateway import moments

DAY = date(2026, 9, 8)


@pytest.mark.parametrize(
    ("language", "long", "short", "day", "month", "at_eight"),
    [
        ("de", "Dienstag, 8. September 2026", "Di., 8. Sept.", "8. Sept.", "September 2026", "08:00"),
        ("en", "Tuesday, 8 September 2026", "Tue 8 Sept", "8 Sept", "September 2026", "08:00"),
    ],
)
def test_days_and_times(language: str, long: str, short: str, day: str, month: str, at_eight: str) -> None:
    assert moments.long_date(DAY, language) == long
    assert moments.short_date(DAY, language) == short
    assert moments.day_and_month(DAY, language) == day
    assert moments.month_name(DAY, language) == month
    assert moments.clock_time(time(8), language) == at_eight


def test_a_moment_keeps_its_zone_for_the_form() -> None:
    found = moments.Moment.of(datetime.fromisoformat("2026-09-08T08:00:00+02:00"), "de")
    assert found == moments.Moment("2026-09-08T08:00:00+02:00", "Dienstag, 8. September 2026", "08:00")
