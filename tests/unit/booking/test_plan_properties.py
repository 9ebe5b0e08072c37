"""What holds for every plan, also on the two days on which the clock changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain import Coverage, Desk, Rules, list_free, list_free_days, list_offered, offered_at
from tests.unit.booking.rules import BERLIN, busy, hours, local, rules

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
DAYS = st.sampled_from([SPRING, AUTUMN, date(2026, 9, 8)])
MINUTES = st.integers(1, 24 * 60 - 1)
ZONES = st.sampled_from([BERLIN, ZoneInfo("Europe/London"), ZoneInfo("America/St_Johns"), ZoneInfo("Asia/Tokyo")])


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    opens, closes = sorted(draw(st.lists(MINUTES, min_size=2, max_size=2, unique=True)))
    return hours(f"{opens // 60:02}:{opens % 60:02}", f"{closes // 60:02}:{closes % 60:02}")


@st.composite
def offices(draw: st.DrawFn) -> Rules:
    return rules(
        *draw(st.lists(windows(), min_size=1, max_size=3)),
        minutes=draw(st.sampled_from([5, 10, 15, 20, 30, 45, 60, 90, 480])),
        zone=draw(ZONES),
        desks=range(draw(st.integers(1, 4))),
    )


def day_before(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC) - timedelta(days=1)


@given(offices(), DAYS)
def test_every_time_lasts_exactly_as_long_as_the_concern_and_none_is_offered_twice(office: Rules, day: date) -> None:
    found = list(list_offered(office, day, day, day_before(day)))
    assert all(slot.ends_at - slot.starts_at == timedelta(minutes=office.minutes) for slot in found)
    assert len({slot.starts_at for slot in found}) == len(found)
    assert all(len(set(slot.desks)) == len(slot.desks) for slot in found)
    assert all(first.starts_at < second.starts_at for first, second in pairwise(found))


@given(offices(), DAYS)
def test_asked_for_a_single_time_the_plan_says_the_same_as_when_listed(office: Rules, day: date) -> None:
    now = day_before(day)
    listed = {slot.starts_at: slot for slot in list_offered(office, day, day, now)}
    midnight = datetime.combine(day, time(), office.zone).astimezone(UTC)
    for step in range(25 * 12):
        start = midnight + timedelta(minutes=5 * step)
        if start.astimezone(office.zone).date() == day:
            assert offered_at(office, start, now) == listed.pop(start, None)
    assert all(start.minute % 5 for start in listed), "every other time was asked for"
    assert all(offered_at(office, start.astimezone(office.zone), now) == slot for start, slot in listed.items())


@given(windows(), DAYS, st.sampled_from([5, 20, 45]), ZONES)
def test_no_time_begins_before_the_office_opens_or_ends_after_it_closes(
    window: dict[str, Any], day: date, minutes: int, zone: ZoneInfo
) -> None:
    opens, closes = (local(f"{day} {window[edge]}", zone).astimezone(UTC) for edge in ("from", "to"))
    found = list(list_offered(rules(window, minutes=minutes, zone=zone), day, day, day_before(day)))
    assert all(opens <= slot.starts_at and slot.ends_at <= closes for slot in found)
    assert all(first.ends_at == second.starts_at for first, second in pairwise(found)), "no gap, no overlap"
    assert len(found) == max(0, (closes - opens) // timedelta(minutes=minutes)), "and none is missing"


@pytest.mark.parametrize(
    ("day", "real_hours"), [(SPRING, 2), (AUTUMN, 4), (date(2026, 9, 8), 3)], ids=["spring", "autumn", "other days"]
)
def test_an_office_open_across_the_change_of_the_clock_offers_the_hours_that_there_are(
    day: date, real_hours: int
) -> None:
    found = list(list_offered(rules(hours("01:00", "04:00"), minutes=20), day, day, day_before(day)))
    assert len(found) == 3 * real_hours
    assert len({slot.starts_at for slot in found}) == len(found)
    assert {slot.ends_at - slot.starts_at for slot in found} == {timedelta(minutes=20)}
    assert found[0].starts_at == local(f"{day} 01:00")
    assert found[-1].ends_at == local(f"{day} 04:00")


@given(
    offices(),
    DAYS,
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2 * 24 * 60), st.integers(1, 300)), max_size=30),
)
def test_a_free_desk_is_one_that_nobody_sits_at(office: Rules, day: date, taken: list[tuple[int, int, int]]) -> None:
    """Compared with a model that marks every busy minute of every desk."""
    midnight = local(f"{day} 00:00", office.zone).astimezone(UTC) - timedelta(hours=12)
    desks_taken = busy(
        *((desk, midnight + timedelta(minutes=start), midnight + timedelta(minutes=start + length))
          for desk, start, length in taken)
    )  # fmt: skip
    minutes = {(desk, start + n) for desk, start, length in taken for n in range(length)}
    expected = {}
    for slot in list_offered(office, day, day, day_before(day)):
        first = (slot.starts_at - midnight) // timedelta(minutes=1)
        desks = [d for d in slot.desks if all((d, first + n) not in minutes for n in range(office.minutes))]
        if desks:
            expected[slot.starts_at] = desks
    free = list_free(office, day, day, day_before(day), desks_taken)
    assert {slot.starts_at: list(slot.desks) for slot in free} == expected
    assert list_free_days(office, day, day, day_before(day), desks_taken) == ([day] if expected else [])


@given(offices(), DAYS)
def test_what_a_plan_offers_it_covers_and_what_it_covers_lies_within_its_hours(office: Rules, day: date) -> None:
    desks = {"front": [Desk(id_, str(id_), seeded=True) for id_ in office.desks["front"]]}
    coverage = Coverage(office.plan, desks, office.zone, ())
    for slot in list_offered(office, day, day, day_before(day)):
        assert all(coverage.gap(["papers"], slot.starts_at, slot.ends_at, desk) is None for desk in slot.desks)
        assert coverage.gap(["papers"], slot.starts_at, slot.ends_at, 99) == "no-desk"
        assert coverage.gap(["other"], slot.starts_at, slot.ends_at, 1) == "no-team"
        early = slot.starts_at - timedelta(days=1)
        assert coverage.gap(["papers"], early, slot.ends_at, 1) is not None


@given(offices(), offices(), DAYS, st.integers(0, 24))
def test_before_a_plan_begins_nothing_is_offered_that_it_will_not_cover(
    office: Rules, coming: Rules, day: date, hour: int
) -> None:
    now, changes_at = day_before(day), datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)
    coming = replace(coming, zone=office.zone, kept_desks_too=True)
    desks = {"front": [Desk(id_, str(id_), seeded=True) for id_ in coming.desks["front"]]}
    coverage = Coverage(coming.plan, desks, office.zone, ())
    alone = {slot.starts_at: slot for slot in list_offered(office, day, day, now)}
    offered = list(list_offered(replace(office, coming=coming, changes_at=changes_at), day, day, now))
    kept = {start: slot for start, slot in alone.items() if start < changes_at}
    assert {slot.starts_at: slot for slot in offered if slot.starts_at < changes_at} == kept
    for slot in offered:
        if slot.starts_at >= changes_at:
            assert set(slot.desks) <= set(alone[slot.starts_at].desks)
            assert all(coverage.gap(["papers"], slot.starts_at, slot.ends_at, desk) is None for desk in slot.desks)
