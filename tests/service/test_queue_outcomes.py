"""What becomes of an appointment on its day: noted, told, taken back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.inprocess import moved_clock
from tests.harness.queue import QueueOffice

TEN = "2026-09-08T08:00:00Z"  # Tuesday, 10:00 in Berlin


@pytest.fixture
async def office(mitte: Counter) -> QueueOffice:
    return await QueueOffice.empty(mitte)


@pytest.fixture
async def booked(office: QueueOffice) -> dict[str, Any]:
    return await office.mitte.booked(TEN, concern="unterlagen")


def at(hour: int, minute: int = 0, day: int = 8) -> Any:
    """Let it be so late in UTC."""
    return moved_clock(datetime(2026, 9, day, hour, minute, 0, 100, tzinfo=UTC))


async def note(office: QueueOffice, booked: dict[str, Any], outcome: str | None) -> Any:
    return await office.desk.ask("PUT", f"/appointments/{booked['number']}/outcome", json={"outcome": outcome})


async def noted(office: QueueOffice, booked: dict[str, Any], outcome: str | None) -> dict[str, Any]:
    answer = await note(office, booked, outcome)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_served_missed_excused_and_cancelled_late_are_told_apart(office: QueueOffice) -> None:
    starts = ("2026-09-08T08:00:00Z", "2026-09-08T08:10:00Z", "2026-09-08T08:20:00Z", "2026-09-08T08:30:00Z")
    served, missed, excused, late = [await office.mitte.booked(start, concern="unterlagen") for start in starts]
    early = await office.mitte.booked("2026-09-10T06:00:00Z", concern="unterlagen")
    await office.mitte.cancel(early)
    one, two, _ = await office.desks()
    with at(8, 5):
        await office.mitte.cancel(late)
        await office.arrived(served)
        await office.arrived(missed)
        ticket, absent = (await office.call(one)) or {}, (await office.call(two)) or {}
        await office.acted(ticket, "serve")
        await office.acted(absent, "call-again")
        await office.acted(absent, "call-again")
        await office.acted(absent, "no-show")
        assert (await noted(office, excused, "excused"))["outcome"] == "excused"
        problem_of(await note(office, excused, "missed"), 409, "outcome-wrong")
        problem_of(await note(office, served, "missed"), 409, "outcome-wrong")
        problem_of(await note(office, late, "excused"), 409, "outcome-wrong")
    query = "SELECT number, state, outcome, cancelled_by FROM appointments"
    rows = {row["number"]: (row["state"], row["outcome"]) for row in await office.mitte.rows(query)}
    assert [rows[one["number"]] for one in (served, missed, excused, late)] == [
        ("booked", "served"), ("booked", "missed"), ("booked", "excused"), ("cancelled", None),
    ]  # fmt: skip
    told = [(await office.mitte.events(one))[-1] for one in (served, missed, excused, late, early)]
    assert [type_ for type_, _ in told] == ["served", "missed", "excused", "cancelled", "cancelled"]
    assert [event["late"] for _, event in told[3:]] == [True, False]


async def test_who_was_taken_for_missing_and_comes_after_all_is_here(
    office: QueueOffice, booked: dict[str, Any]
) -> None:
    with at(8, 20):
        assert (await noted(office, booked, "missed"))["outcome"] == "missed"
        assert (await office.queue())["to_come"][0]["outcome"] == "missed"
        await noted(office, booked, None)
        await noted(office, booked, "missed")
        assert (await office.arrived(booked))["outcome"] == "late"
        problem_of(await note(office, booked, "excused"), 409, "outcome-wrong")
        assert (await office.queue())["to_come"] == []
    [row] = await office.mitte.rows("SELECT outcome FROM appointments")
    assert row["outcome"] is None
    told = [(type_, event["version"]) for type_, event in await office.mitte.events(booked)]
    assert told == [("booked", 1), ("missed", 2), ("outcome-withdrawn", 3), ("missed", 4), ("arrived", 5)]


async def test_what_is_taken_back_is_told_once_and_only_what_was_noted(
    office: QueueOffice, booked: dict[str, Any]
) -> None:
    one, *_ = await office.desks()
    with at(7, 50):
        for outcome in (None, "excused", None, None):
            await noted(office, booked, outcome)
        await office.arrived(booked)
        ticket = (await office.call(one)) or {}
        await office.acted(ticket, "return")  # nothing was noted yet
        for action in ("call-again", "call-again", "no-show", "return"):
            await office.acted((await office.call(one)) or {} if action == "call-again" else ticket, action)
    found = await office.mitte.events(booked)
    assert [type_ for type_, _ in found] == [
        "booked", "excused", "outcome-withdrawn", "arrived", "missed", "outcome-withdrawn",
    ]  # fmt: skip
    assert [event["withdrawn"] for type_, event in found if type_ == "outcome-withdrawn"] == ["excused", "missed"]
    assert [event["version"] for _, event in found] == [1, 2, 3, 4, 5, 6]


async def test_who_moves_or_cancels_while_they_wait_is_served_but_their_appointment_is_not(office: QueueOffice) -> None:
    moved, cancelled = [await office.mitte.booked(TEN, concern="unterlagen") for _ in range(2)]
    one, two, _ = await office.desks()
    with at(7, 45):
        for booked in (moved, cancelled):
            await office.arrived(booked)
        await office.mitte.change_own("PATCH", moved, start="2026-09-10T08:00:00Z")
        await office.mitte.cancel(cancelled)
        for desk in (one, two):
            await office.acted(await office.call(desk) or {}, "serve")
    rows = await office.mitte.rows("SELECT outcome FROM appointments")
    assert [row["outcome"] for row in rows] == [None, None]
    with at(8, day=10):
        assert (await office.arrived(moved))["outcome"] == "checked-in"
