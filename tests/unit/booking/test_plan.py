"""Which times an opening plan offers, and why the others are not offered."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from services.booking.domain import (
    AppointmentOver,
    Plan,
    Rules,
    Slot,
    SlotNotOffered,
    bookable_days,
    check_can_cancel,
    close,
    find_offered,
    list_free,
    list_offered,
)
from tests.unit.booking.rules import hours, local, rules

TUESDAY = date(2026, 9, 8)
NOW = local("2026-09-07 09:00")  # Monday


def offered(given: Rules, day: date = TUESDAY, now: datetime = NOW) -> list[Slot]:
    return list(list_offered(given, day, day, now))


def starts(given: Rules, day: date = TUESDAY, now: datetime = NOW) -> list[str]:
    return [f"{slot.starts_at.astimezone(given.zone):%H:%M}" for slot in offered(given, day, now)]


def reason(given: Rules, start: datetime, now: datetime = NOW) -> str:
    with pytest.raises(SlotNotOffered) as refused:
        find_offered(given, start, now)
    return str(refused.value.extra["reason"])


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Kiritimati", "America/Los_Angeles", "Pacific/Apia"])
def test_tomorrow_is_offered_until_midnight_of_the_office_whatever_day_it_is_in_utc(zone: str) -> None:
    office = rules(zone=ZoneInfo(zone))
    tomorrow_at_eight = local("2026-09-08 08:00", office.zone)
    midnight = local("2026-09-08 00:00", office.zone)
    second_before = local("2026-09-07 23:59:59", office.zone).astimezone(UTC)
    assert find_offered(office, tomorrow_at_eight, second_before).starts_at == tomorrow_at_eight
    assert reason(office, tomorrow_at_eight, midnight.astimezone(UTC)) == "too-soon"
    assert starts(office, TUESDAY, second_before)[0] == "08:00"
    assert starts(office, TUESDAY, midnight) == []


@pytest.mark.parametrize(("lead", "first"), [(0, 7), (1, 8), (2, 9)])
def test_the_lead_says_which_day_is_the_first(lead: int, first: int) -> None:
    assert bookable_days(rules(lead_days=lead, horizon_days=3), NOW) == (date(2026, 9, first), date(2026, 9, 10))


def test_without_a_lead_today_is_offered_from_the_next_time_on() -> None:
    today = rules(hours("08:00", "11:00"), lead_days=0)
    assert starts(today, date(2026, 9, 7), local("2026-09-07 09:00")) == ["09:30", "10:00", "10:30"]
    assert starts(today, date(2026, 9, 7), local("2026-09-07 08:59:59")) == ["09:00", "09:30", "10:00", "10:30"]
    assert reason(today, local("2026-09-07 09:00")) == "past"


def test_the_horizon_is_the_last_day_that_is_offered() -> None:
    office = rules(horizon_days=3)
    assert find_offered(office, local("2026-09-10 09:30"), NOW)
    assert reason(office, local("2026-09-11 08:00")) == "too-far"
    days = {slot.starts_at.date() for slot in list_offered(office, date(2026, 1, 1), date(2027, 1, 1), NOW)}
    assert days == {date(2026, 9, day) for day in (8, 9, 10)}


def test_a_time_between_two_is_no_start_and_one_that_would_end_after_closing_is_outside_of_the_hours() -> None:
    for time in ("08:15", "08:00:01"):
        assert reason(rules(), local(f"2026-09-08 {time}")) == "not-a-start"
    for time in ("07:30", "09:45", "10:00", "23:30"):
        assert reason(rules(), local(f"2026-09-08 {time}")) == "outside-hours"


def test_what_is_past_is_past_also_when_it_was_never_in_the_plan() -> None:
    for time in ("2026-09-07 09:00", "2026-09-07 08:59", "2020-01-01 03:17"):
        assert reason(rules(), local(time)) == "past"


def test_times_follow_each_other_and_none_goes_over_the_end() -> None:
    assert starts(rules(hours("08:00", "10:00"))) == ["08:00", "08:30", "09:00", "09:30"]
    assert starts(rules(hours("08:00", "10:00"), minutes=45)) == ["08:00", "08:45"]
    assert starts(rules(hours("08:00", "10:00"), minutes=120)) == ["08:00"]
    assert starts(rules(hours("08:00", "10:00"), minutes=121)) == []
    assert starts(rules(hours("08:00", "08:09"), minutes=10)) == []


def test_several_windows_of_a_day_each_begin_anew() -> None:
    office = rules(hours("08:00", "09:10"), hours("14:05", "15:05"))
    assert starts(office) == ["08:00", "08:30", "14:05", "14:35"]


def test_only_the_named_days_are_open() -> None:
    office = rules(hours("08:00", "09:00", ["tue"]), hours("14:00", "15:00", ["thu"]))
    assert starts(office, date(2026, 9, 8)) == ["08:00", "08:30"]
    assert starts(office, date(2026, 9, 9)) == []
    assert starts(office, date(2026, 9, 10)) == ["14:00", "14:30"]


def test_holidays_are_closed() -> None:
    office = rules(holidays={date(2026, 9, 9)})
    assert starts(office, date(2026, 9, 9)) == []
    assert reason(office, local("2026-09-09 08:00")) == "holiday"
    assert starts(office, date(2026, 9, 10)) != []


def test_a_closure_includes_its_first_and_its_last_day() -> None:
    closed = {"from": "2026-09-09", "to": "2026-09-11", "reason": {"de": "Umzug"}}
    office = rules(closures=[closed])
    open_days = {slot.starts_at.day for slot in list_offered(office, date(2026, 9, 8), date(2026, 9, 13), NOW)}
    assert open_days == {8, 12, 13}


def test_teams_that_handle_the_same_concern_offer_their_desks_together() -> None:
    team = {"concerns": ["papers"], "hours": [hours("08:00", "09:00")]}
    later = {"concerns": ["papers", "other"], "hours": [hours("08:30", "09:30")]}
    other = {"concerns": ["other"], "hours": [hours("08:00", "09:00")]}
    office = rules(
        teams={"one": team, "two": later, "three": other}, team_desks={"one": [1, 2], "two": [2, 3], "three": [4]}
    )
    assert [(f"{s.starts_at.astimezone(office.zone):%H:%M}", s.desks) for s in offered(office)] == [
        ("08:00", (1, 2)), ("08:30", (1, 2, 3)), ("09:00", (2, 3)),
    ]  # fmt: skip
    assert set(office.desk_ids) == {1, 2, 3}


def test_a_team_without_desks_offers_nothing_that_could_be_booked() -> None:
    assert list_free(rules(desks=()), TUESDAY, TUESDAY, NOW, []) == []


def test_a_plan_must_close_after_it_opens_and_know_its_days() -> None:
    for window in (hours("10:00", "10:00"), hours("10:00", "08:00"), hours("08:00", "10:00", [])):
        with pytest.raises(ValidationError):
            Plan.model_validate({"teams": {"front": {"concerns": ["papers"], "hours": [window]}}})
    with pytest.raises(ValidationError):
        Plan.model_validate({"teams": {"front": {"concerns": [], "hours": [hours("08:00", "10:00", ["mo"])]}}})


def test_an_appointment_can_be_cancelled_until_it_begins() -> None:
    start = local("2026-09-08 08:00")
    assert check_can_cancel("booked", start, start - timedelta(microseconds=1))
    with pytest.raises(AppointmentOver):
        check_can_cancel("booked", start, start)
    assert not check_can_cancel("cancelled", start, start + timedelta(days=1))


def test_a_day_can_be_closed_however_many_were_in_the_years_before() -> None:
    closures = [{"from": day, "to": day, "reason": {}} for n in range(200) for day in [date(2024, 1, 1) + timedelta(n)]]
    plan = rules(closures=closures).plan
    closed = close(plan, TUESDAY, None, {"de": "Wasserschaden"})
    assert [one.first for one in closed.closures] == [TUESDAY]
    recent = close(closed, TUESDAY + timedelta(days=300), None, {})
    assert len(recent.closures) == 2
