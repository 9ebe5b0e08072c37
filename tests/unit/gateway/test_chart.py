"""The figures of a month by week, as they are drawn."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.gateway import chart


def days(first: date, counts: list[int]) -> list[dict[str, object]]:
    return [{"day": str(first + timedelta(days=n)), "booked_online": count} for n, count in enumerate(counts)]


def test_weeks_begin_on_monday_and_end_with_the_month() -> None:
    found = chart.weeks(days(date(2026, 9, 1), [1] * 30))  # a Tuesday
    assert [(week.first.day, week.last.day, week.booked) for week in found] == [
        (1, 6, 6), (7, 13, 7), (14, 20, 7), (21, 27, 7), (28, 30, 3),
    ]  # fmt: skip


def test_only_the_week_of_the_last_day_is_running() -> None:
    found = chart.weeks(days(date(2026, 9, 1), [2] * 9))
    assert [(week.running, week.last.day) for week in found] == [(False, 6), (True, 13)]


def test_the_highest_bar_has_the_full_height() -> None:
    found = chart.weeks(days(date(2026, 9, 1), [0] * 6 + [1] * 7 + [2] * 7))
    assert [week.height for week in found] == [0, chart.HEIGHT // 2, chart.HEIGHT]


def test_nothing_booked_is_drawn_flat_and_no_days_not_at_all() -> None:
    assert [week.height for week in chart.weeks(days(date(2026, 9, 1), [0, 0]))] == [0]
    assert chart.weeks([]) == []


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.lists(st.integers(0, 10_000), min_size=1, max_size=31))
def test_bars_stand_beside_each_other_within_the_chart_and_count_every_booking_once(
    first: date, counts: list[int]
) -> None:
    found = chart.weeks(days(first, counts))
    assert sum(week.booked for week in found) == sum(counts)
    assert all(0 <= week.height <= chart.HEIGHT for week in found)
    edges = [edge for week in found for edge in (week.left, week.left + week.width)]
    assert edges == sorted(edges)
    assert edges[0] >= 0
    assert edges[-1] <= 100
