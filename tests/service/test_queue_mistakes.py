"""What goes wrong in a waiting room: the wrong row, pressed twice, moved while they wait, a slow estimate."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.booking.queue import measuring
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.inprocess import moved_clock
from tests.harness.queue import QueueOffice

EIGHT = "2026-09-08T06:00:00Z"
DAY = datetime(2026, 9, 8, tzinfo=UTC)


def at(hours: int, minutes: int = 0) -> datetime:
    """Return a time of that day in UTC; the office is two hours ahead."""
    return DAY + timedelta(hours=hours, minutes=minutes)


@pytest.fixture
async def office(mitte: Counter) -> QueueOffice:
    return await QueueOffice.empty(mitte)


async def test_whose_arrival_was_a_mistake_is_expected_again(office: QueueOffice) -> None:
    booked = await office.mitte.booked(EIGHT)
    with moved_clock(at(5, 50)):
        ticket = (await office.arrived(booked))["ticket"]
        assert booked["number"] not in [row["number"] for row in (await office.queue())["to_come"]]
        await office.acted(ticket, "leave")
        assert booked["number"] in [row["number"] for row in (await office.queue())["to_come"]]


async def test_moved_to_later_that_day_the_appointment_is_not_missed_with_the_ticket(office: QueueOffice) -> None:
    booked = await office.mitte.booked(EIGHT)
    with moved_clock(at(5, 50)):
        ticket = (await office.arrived(booked))["ticket"]
        moved = await office.desk.move(booked, "2026-09-08T09:00:00Z")
        assert moved.status_code == 200, moved.text
        await office.call((await office.desks())[0])
        for _ in range(2):
            await office.acted(ticket, "call-again")
        await office.acted(ticket, "no-show")
        assert booked["number"] in [row["number"] for row in (await office.queue())["to_come"]]
    [row] = await office.mitte.rows("SELECT outcome FROM appointments WHERE number = :number", number=booked["number"])
    assert row["outcome"] is None
    with moved_clock(at(8, 50)):
        assert (await office.arrived(booked))["outcome"] == "checked-in"


async def test_served_for_its_first_time_it_is_there_again_for_the_later_one(office: QueueOffice) -> None:
    booked = await office.mitte.booked(EIGHT)
    with moved_clock(at(5, 50)):
        await office.arrived(booked)
        await office.desk.move(booked, "2026-09-08T09:00:00Z")
        await office.acted(await office.call((await office.desks())[0]) or {}, "serve")
    with moved_clock(at(8, 50)):
        assert (await office.arrived(booked))["outcome"] == "checked-in"
        assert (await office.arrived(booked))["outcome"] == "already-here"


async def test_pressed_twice_it_is_one_call(office: QueueOffice) -> None:
    await office.drawn()
    ticket = await office.call((await office.desks())[0]) or {}
    assert (await office.acted(ticket, "call-again", calls=1))["calls"] == 2
    assert problem_of(await office.act(ticket, "call-again", calls=1), 409, "ticket-state-wrong")["state"] == "called"
    assert (await office.acted(ticket, "call-again", calls=2))["calls"] == 3


async def test_who_was_passed_on_was_no_pause_of_the_desk(office: QueueOffice) -> None:
    [desk, *_] = await office.desks()
    with moved_clock(at(7)):
        for _ in range(3):
            await office.drawn()
        await office.acted(await office.call(desk) or {}, "serve")
        second = await office.call(desk) or {}
    with moved_clock(at(7, 25)):
        await office.acted(second, "pass-on", concern="bescheid")
        third = await office.call(desk) or {}
    [row] = await office.mitte.rows("SELECT gap FROM tickets WHERE id = :id", id=third["id"])
    assert row["gap"] < timedelta(minutes=1)


async def test_a_desk_that_serves_somebody_for_long_is_open_still(office: QueueOffice) -> None:
    with moved_clock(at(7)):
        await office.drawn()
        await office.acted(await office.call((await office.desks())[0]) or {}, "start")
    office.mitte.booking.app.state.waits.forget()
    with moved_clock(at(7, 40)):
        waiting = await office.mitte.client.get("/offices/mitte/waiting")
        assert waiting.json()["open_desks"] == 1


async def test_a_ticket_is_given_although_the_wait_cannot_be_told_in_time(office: QueueOffice) -> None:
    waits = office.mitte.booking.app.state.waits
    async with waits._locks["musterstadt", "mitte"]:  # noqa: SLF001  somebody else's look at the office takes long
        drawn = await office.drawn()
    assert (drawn["label"], drawn["position"], drawn["expected"]) == ("A001", 1, None)


async def test_an_excuse_for_a_later_day_is_a_cancellation(office: QueueOffice) -> None:
    booked = await office.mitte.booked(EIGHT)

    async def excuse() -> int:
        path = f"/appointments/{booked['number']}/outcome"
        answer = await office.desk.ask("PUT", path, json={"outcome": "excused"})
        if answer.status_code != 200:
            assert "cancel" in problem_of(answer, 409, "outcome-wrong")["detail"]
        return answer.status_code

    assert await excuse() == 409
    with moved_clock(at(4)):
        assert await excuse() == 200


async def test_looking_at_the_queue_is_written_down_once_an_hour(office: QueueOffice) -> None:
    for moment in (at(7), at(7, 59), at(8)):
        with moved_clock(moment):
            await office.queue()
    assert (await office.actions()).count("view-queue") == 2


async def test_pauses_are_measured_by_the_clock_on_the_offices_wall(office: QueueOffice) -> None:
    noon = datetime(2026, 10, 24, 10, tzinfo=UTC), datetime(2026, 10, 26, 11, tzinfo=UTC)  # the clocks go back between
    for n, ended in enumerate(noon):
        ticket = await office.drawn()
        await office.mitte.rows(
            "UPDATE tickets SET day = :day, label = :label, called_at = :called, ended_at = :called, state = 'served',"
            " gap = interval '30 minutes' WHERE id = :id",
            id=ticket["id"], day=ended.date(), label=f"Z{n}", called=ended + timedelta(minutes=30),
        )  # fmt: skip
    now = datetime(2026, 10, 27, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    async with office.mitte.booking.service.database.transaction("musterstadt") as session:
        found = await measuring.measure(session, "mitte", now, 30)
    assert {moment.hour for moment, _ in found.gaps["eingang"]} == {12}
