"""Where a concern asks for it, an appointment is booked only once a button behind the link in a mail was pressed."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.inprocess import moved_clock
from tests.service.conftest import MONDAY

EIGHT, NINE = "2026-09-08T06:00:00Z", "2026-09-08T07:00:00Z"
EMAIL = "aylin@example.org"
CONFIRM_UNTIL = MONDAY + timedelta(minutes=31)  # the full minute after half an hour


@pytest.fixture
async def mitte(mitte: Counter) -> Counter:
    """The office, where `neuantrag` has to be confirmed within half an hour."""
    await mitte.change("neuantrag", confirm_minutes=30)
    return mitte


async def confirm(mitte: Counter, booked: dict[str, Any]) -> Any:
    return await mitte.change_own("POST", booked, "/confirm")


async def test_it_needs_an_address(mitte: Counter) -> None:
    problem_of(await mitte.book(EIGHT), 422, "email-needed")
    assert await mitte.free(EIGHT) == 3
    assert await mitte.count("outbox") == 0


async def test_it_is_requested_first_and_told_by_an_event_of_its_own(mitte: Counter) -> None:
    booked = await mitte.booked(EIGHT, email=EMAIL)
    assert booked["state"] == "unconfirmed"
    assert datetime.fromisoformat(booked["confirm_until"]) == CONFIRM_UNTIL
    assert await mitte.free(EIGHT) == 2
    [(type_, payload)] = await mitte.events(booked)
    assert type_ == "requested"
    assert datetime.fromisoformat(payload["confirm_until"]) == CONFIRM_UNTIL
    assert payload["recipient"]


async def test_confirmed_it_is_booked_for_good(mitte: Counter) -> None:
    booked = await mitte.booked(EIGHT, email=EMAIL)
    confirmed = (await confirm(mitte, booked)).json()
    assert (confirmed["state"], confirmed["confirm_until"], confirmed["version"]) == ("booked", None, 2)
    assert [type_ for type_, _ in await mitte.events(booked)] == ["requested", "booked"]
    with moved_clock(CONFIRM_UNTIL + timedelta(hours=1)):
        assert await mitte.free(EIGHT) == 2
        assert (await confirm(mitte, booked)).json()["version"] == 2


async def test_ten_confirmations_at_once_are_one(mitte: Counter) -> None:
    booked = await mitte.booked(EIGHT, email=EMAIL)
    answers = await asyncio.gather(*(confirm(mitte, booked) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert [type_ for type_, _ in await mitte.events(booked)] == ["requested", "booked"]


async def test_too_late_it_is_free_for_others_with_no_job_run(mitte: Counter) -> None:
    booked = [await mitte.booked(EIGHT, email=EMAIL) for _ in range(3)]
    with moved_clock(CONFIRM_UNTIL - timedelta(seconds=20)):
        problem_of(await mitte.book(EIGHT, email=EMAIL), 409, "slot-taken")
    with moved_clock(CONFIRM_UNTIL):
        problem_of(await confirm(mitte, booked[0]), 409, "confirmation-expired")
        assert await mitte.free(EIGHT) == 3
        assert (await mitte.book(EIGHT, email=EMAIL)).status_code == 201
        problem_of(await confirm(mitte, booked[0]), 409, "confirmation-expired")
        assert await mitte.free(EIGHT) == 2


async def test_it_can_be_confirmed_or_lost_to_another_but_never_both(mitte: Counter) -> None:
    for _ in range(2):
        await confirm(mitte, await mitte.booked(EIGHT, email=EMAIL))
    mine = await mitte.booked(EIGHT, email=EMAIL)
    with moved_clock(CONFIRM_UNTIL - timedelta(seconds=1)):
        for _ in range(25):
            await asyncio.gather(confirm(mitte, mine), *(mitte.book(EIGHT, email=EMAIL) for _ in range(4)))
    assert await mitte.overlaps() == 0
    assert await mitte.count("occupancies") == 3


async def test_unconfirmed_it_cannot_be_moved(mitte: Counter) -> None:
    booked = await mitte.booked(EIGHT, email=EMAIL)
    problem_of(await mitte.change_own("PATCH", booked, start=NINE), 409, "not-confirmed")


async def test_cancelling_what_was_never_confirmed_publishes_nothing(mitte: Counter) -> None:
    booked = await mitte.booked(EIGHT, email=EMAIL)
    assert (await mitte.cancel(booked)).json()["state"] == "cancelled"
    assert [type_ for type_, _ in await mitte.events()] == ["requested"]
    problem_of(await confirm(mitte, booked), 409, "already-cancelled")
    with moved_clock(MONDAY + timedelta(minutes=16)):
        assert await mitte.free(EIGHT) == 3


async def test_cancelling_what_has_run_out_takes_the_time_from_nobody(mitte: Counter) -> None:
    """It is free for all already, and must not be kept from them once more."""
    booked = await mitte.booked(EIGHT, email=EMAIL)
    with moved_clock(CONFIRM_UNTIL):
        assert await mitte.free(EIGHT) == 3
        assert (await mitte.cancel(booked)).status_code == 200
        assert await mitte.free(EIGHT) == 3


async def test_a_held_time_becomes_an_unconfirmed_appointment(mitte: Counter) -> None:
    holder = "a-browser-of-mine-0"
    await mitte.hold(holder, EIGHT)
    for _ in range(2):
        await mitte.booked(EIGHT, email=EMAIL)
    booked = await mitte.booked(EIGHT, email=EMAIL, holder=holder)
    assert booked["state"] == "unconfirmed"
    with moved_clock(CONFIRM_UNTIL):
        assert await mitte.free(EIGHT) == 3


async def test_it_cannot_be_confirmed_after_it_has_begun(mitte: Counter) -> None:
    await mitte.change("neuantrag", lead_days=0)
    begins = MONDAY + timedelta(minutes=30)
    with moved_clock(begins - timedelta(minutes=5)):
        booked = await mitte.booked(begins.isoformat(), email=EMAIL)
    assert datetime.fromisoformat(booked["confirm_until"]) == begins
    with moved_clock(begins):
        problem_of(await confirm(mitte, booked), 409, "confirmation-expired")
