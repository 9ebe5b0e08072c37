"""For every time there is one rule that decides, and it is the one a person can act on."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.booking.domain import (
    Plan,
    Rules,
    SlotNotOffered,
    explain,
    find_offered,
    find_overbookable,
    for_staff,
    list_free,
    list_offered,
)
from tests.unit.booking.rules import busy, hours, local, rules

NOW = local("2026-09-07 09:00")  # Monday
TUESDAY = date(2026, 9, 8)


def office(desks: int = 2, **team: Any) -> Rules:
    """An office open from eight to twelve every day, unless `team` says otherwise."""
    plan = {"concerns": ["papers"], "hours": [hours("08:00", "12:00")], **team}
    return rules(teams={"front": plan}, team_desks={"front": range(1, desks + 1)})


def starts(given_: Rules, day: date = TUESDAY) -> list[str]:
    return [f"{slot.starts_at.astimezone(given_.zone):%H:%M}" for slot in list_offered(given_, day, day, NOW)]


def rule(given_: Rules, time: str, *taken: tuple[int, datetime, datetime]) -> str:
    return explain(given_, local(time), NOW, busy(*taken)).rule


def test_other_hours_hold_on_their_days_first_and_last_included_and_no_longer() -> None:
    special = {"from": "2026-09-08", "to": "2026-09-09", "hours": [{"from": "14:00", "to": "15:00"}]}
    given_ = office(exceptions=[special])
    assert starts(given_, date(2026, 9, 8)) == starts(given_, date(2026, 9, 9)) == ["14:00", "14:30"]
    assert starts(given_, date(2026, 9, 10))[0] == "08:00"
    assert rule(given_, "2026-09-08 08:00") == "outside-hours"
    assert rule(given_, "2026-09-08 14:00") == "free"


def test_other_hours_may_be_none_at_all() -> None:
    given_ = office(exceptions=[{"from": "2026-09-08", "to": "2026-09-08", "hours": []}])
    assert starts(given_) == []
    assert rule(given_, "2026-09-08 08:00") == "closed"


def test_no_appointment_lies_in_hours_for_people_who_walk_in() -> None:
    given_ = office(walk_in=[hours("09:15", "10:15", ["tue"])])
    assert starts(given_) == ["08:00", "08:30", "10:15", "10:45", "11:15"]
    assert [rule(given_, f"2026-09-08 {time}") for time in ("09:00", "09:30", "10:00", "10:15")] == [
        "walk-in-only", "walk-in-only", "walk-in-only", "free",
    ]  # fmt: skip
    assert rule(given_, "2026-09-09 09:30") == "free"
    assert starts(office(walk_in=[hours("07:00", "13:00")])) == []
    assert starts(office(walk_in=[hours("08:00", "10:00"), hours("09:00", "11:30")])) == ["11:30"]


def test_desks_kept_for_phone_and_counter_are_not_offered_online() -> None:
    assert {len(slot.desks) for slot in list_offered(office(5, kept_desks=2), TUESDAY, TUESDAY, NOW)} == {3}
    none_left = office(2, kept_desks=3)
    assert starts(none_left) == []
    assert rule(none_left, "2026-09-08 08:00") == "kept-desks"


def test_staff_have_the_kept_desks_and_today_too_and_the_same_horizon() -> None:
    given_ = office(5, kept_desks=2)
    ours = for_staff(given_)
    assert find_offered(ours, local("2026-09-08 08:00"), NOW).desks == (1, 2, 3, 4, 5)
    assert find_offered(for_staff(office(2, kept_desks=3)), local("2026-09-08 08:00"), NOW).desks == (1, 2)
    assert [rule(given_, "2026-09-07 09:30"), rule(ours, "2026-09-07 09:30")] == ["too-soon", "free"]
    assert rule(ours, "2026-09-07 09:00") == "past", "what begins now has begun"
    assert [rule(ours, "2026-09-21 08:00"), rule(ours, "2026-09-22 08:00")] == ["free", "too-far"]


def test_the_rules_are_told_in_the_order_in_which_they_decide() -> None:
    closed = {"from": "2026-09-10", "to": "2026-09-10", "reason": {"de": "Umzug"}}
    given_ = rules(closures=[closed], holidays={date(2026, 9, 9)})
    start, end = local("2026-09-08 08:00").astimezone(UTC), local("2026-09-08 08:30").astimezone(UTC)
    both = [(1, start, end), (2, start, end)]
    for time, taken, expected in (
        ("2026-09-07 09:00", [], "past"), ("2026-09-07 23:00", [], "too-soon"), ("2026-09-22 08:00", [], "too-far"),
        ("2026-09-09 08:00", [], "holiday"), ("2026-09-10 08:00", [], "closure"),
        ("2026-09-08 07:00", [], "outside-hours"), ("2026-09-08 08:10", [], "not-a-start"),
        ("2026-09-08 08:00", both, "taken"),
        ("2026-09-08 08:00", both[:1], "free"), ("2026-09-08 08:30", both, "free"),
    ):  # fmt: skip
        assert rule(given_, time, *taken) == expected, time


def test_staff_overbook_while_people_walk_in_but_not_while_nobody_is_there_nor_will_be() -> None:
    front = {
        "concerns": ["papers"],
        "hours": [hours("08:00", "09:00"), hours("09:00", "12:00"), hours("14:00", "18:00")],
    }
    now_ = rules(teams={"front": front | {"walk_in": [hours("09:00", "11:00")]}})
    then = rules(teams={"front": front | {"hours": [hours("10:00", "12:00")]}})
    given_ = for_staff(replace(now_, coming=then, changes_at=local("2026-09-10 00:00")))
    for time in ("2026-09-08 08:50", "2026-09-08 10:00", "2026-09-08 17:30", "2026-09-10 10:15"):
        assert find_overbookable(given_, local(time), NOW).starts_at == local(time), time
    for time in ("2026-09-08 03:00", "2026-09-08 11:45", "2026-09-08 13:00", "2026-09-10 09:00", "2026-09-10 14:00"):
        with pytest.raises(SlotNotOffered):
            find_overbookable(given_, local(time), NOW)


MINUTES = st.integers(0, 24 * 12 - 1).map(lambda step: 5 * step)


@st.composite
def windows(draw: st.DrawFn, days: bool = True) -> Mapping[str, Any]:  # noqa: FBT001, FBT002
    opens, closes = sorted(draw(st.lists(MINUTES, min_size=2, max_size=2, unique=True)))
    window = hours(f"{opens // 60:02}:{opens % 60:02}", f"{closes // 60:02}:{closes % 60:02}")
    return window if days else {name: window[name] for name in ("from", "to")}


@given(
    st.lists(windows(), min_size=1, max_size=3),
    st.lists(windows(), max_size=2),
    st.lists(windows(days=False), max_size=2),
    st.integers(0, 3),
    st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), TUESDAY, date(2026, 9, 9)]),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 24 * 12), st.integers(1, 24)), max_size=12),
)
def test_a_time_is_explained_as_free_exactly_when_it_is_in_the_list(
    weekly: list[Any], walk_in: list[Any], other: list[Any], kept: int, day: date, taken: list[tuple[int, int, int]]
) -> None:
    exception = {"from": "2026-09-09", "to": "2026-09-09", "hours": other}
    given_ = office(3, hours=weekly, walk_in=walk_in, exceptions=[exception], kept_desks=kept)
    midnight = local(f"{day} 00:00").astimezone(UTC)
    before = midnight - timedelta(hours=12)
    desks_taken = busy(
        *((desk, midnight + timedelta(minutes=5 * start), midnight + timedelta(minutes=5 * (start + length)))
          for desk, start, length in taken)
    )  # fmt: skip
    free = {slot.starts_at for slot in list_free(given_, day, day, before, desks_taken)}
    listed: set[datetime] = set()
    for step in range(25 * 12):
        at = midnight + timedelta(minutes=5 * step)
        if at.astimezone(given_.zone).date() == day and explain(given_, at, before, desks_taken).rule == "free":
            listed.add(at)
    assert listed == free


@pytest.mark.parametrize(
    "team",
    [
        {"kept_desks": -1},
        {"exceptions": [{"from": "2026-09-09", "to": "2026-09-08", "hours": []}]},
        {"exceptions": [{"from": "2026-09-09", "to": "2026-09-09", "hours": [{"from": "10:00", "to": "09:00"}]}]},
        {"walk_in": [{"days": [], "from": "08:00", "to": "09:00"}]},
        {"walkin": []},
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(team: dict[str, Any]) -> None:
    plan = {"concerns": ["papers"], "hours": [hours("08:00", "12:00")], **team}
    with pytest.raises(ValidationError):
        Plan.model_validate({"teams": {"front": plan}})


def test_staff_overbook_at_full_minutes_only() -> None:
    odd = local("2026-09-08 09:07") + timedelta(seconds=13)
    with pytest.raises(SlotNotOffered) as refused:
        find_overbookable(rules(), odd, NOW)
    assert refused.value.extra["reason"] == "not-a-start"
