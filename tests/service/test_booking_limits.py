"""One person has no more appointments for a concern than are allowed, however their name was typed."""

import asyncio
from collections import Counter as Tally
from datetime import UTC, datetime

import pytest

from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.inprocess import moved_clock

EIGHT, HALF_PAST, NINE = "2026-09-08T06:00:00Z", "2026-09-08T06:30:00Z", "2026-09-08T07:00:00Z"
EMAIL = "aylin@example.org"


@pytest.fixture
async def mitte(mitte: Counter) -> Counter:
    """The office, where each person may have one `neuantrag`."""
    await mitte.change("neuantrag", per_person=1)
    return mitte


@pytest.mark.parametrize("name", ["Aylin Öz", "AYLIN ÖZ", "  aylin   öz ", "Aylin O\u0308z", "Aylin\u00a0Öz"])
async def test_the_same_person_is_refused_however_it_is_typed(mitte: Counter, name: str) -> None:
    await mitte.booked(EIGHT, email=EMAIL)
    refused = problem_of(await mitte.book(NINE, name=name, email=EMAIL), 409, "too-many-appointments")
    assert (refused["concern"], refused["limit"]) == ("neuantrag", 1)
    problem_of(await mitte.book(NINE, email="Aylin@Example.ORG"), 409, "too-many-appointments")
    assert await mitte.free(NINE) == 3
    assert await mitte.count("appointments") == 1


async def test_somebody_else_of_that_name_is_told_apart_by_the_birth_date(mitte: Counter) -> None:
    await mitte.booked(EIGHT)
    problem_of(await mitte.book(NINE), 409, "too-many-appointments")
    await mitte.booked(NINE, birth_date="1990-05-17")
    await mitte.booked(HALF_PAST, birth_date="1991-05-17")
    problem_of(await mitte.book(NINE, birth_date="1990-05-17"), 409, "too-many-appointments")


async def test_a_helper_may_give_one_address_for_many(mitte: Counter) -> None:
    for name in ("Aylin Öz", "Bao Nguyen", "Chiara Russo"):
        await mitte.booked(EIGHT, name=name, email="counselling@example.org")


async def test_the_same_request_again_is_answered_not_counted(mitte: Counter) -> None:
    first = await mitte.book(EIGHT, key="asked-twice")
    assert (await mitte.book(EIGHT, key="asked-twice")).content == first.content


async def test_another_concern_is_counted_for_itself(mitte: Counter) -> None:
    await mitte.booked(EIGHT)
    await mitte.booked(NINE, concern="unterlagen")


async def test_twenty_at_once_get_one(mitte: Counter) -> None:
    starts = (EIGHT, HALF_PAST, NINE, "2026-09-08T07:30:00Z", "2026-09-08T08:00:00Z", "2026-09-08T08:30:00Z")
    answers = await asyncio.gather(*(mitte.book(starts[n % 6]) for n in range(20)))
    assert Tally(answer.status_code for answer in answers) == {201: 1, 409: 19}
    assert {a.json()["type"] for a in answers if a.status_code == 409} == {"/problems/too-many-appointments"}
    assert (await mitte.count("occupancies"), await mitte.count("outbox")) == (1, 1)


async def test_with_a_limit_of_two_twenty_at_once_get_two(mitte: Counter) -> None:
    await mitte.change("neuantrag", per_person=2)
    answers = await asyncio.gather(*(mitte.book((EIGHT, NINE)[n % 2]) for n in range(20)))
    assert Tally(answer.status_code for answer in answers) == {201: 2, 409: 18}


async def test_after_cancelling_another_can_be_booked(mitte: Counter) -> None:
    booked = await mitte.booked(EIGHT)
    problem_of(await mitte.book(NINE), 409, "too-many-appointments")
    await mitte.cancel(booked)
    await mitte.booked(NINE)


async def test_after_the_appointment_another_can_be_booked(mitte: Counter) -> None:
    await mitte.booked(EIGHT)
    friday = "2026-09-11T06:00:00Z"
    with moved_clock(datetime(2026, 9, 8, 6, 29, tzinfo=UTC)):
        problem_of(await mitte.book(friday), 409, "too-many-appointments")
    with moved_clock(datetime(2026, 9, 8, 6, 30, tzinfo=UTC)):
        await mitte.booked(friday)


async def test_moved_it_counts_until_its_new_time_is_over(mitte: Counter) -> None:
    booked = await mitte.booked(EIGHT)
    await mitte.change_own("PATCH", booked, start="2026-09-11T06:00:00Z")
    with moved_clock(datetime(2026, 9, 8, 7, 0, tzinfo=UTC)):
        problem_of(await mitte.book("2026-09-11T07:00:00Z"), 409, "too-many-appointments")


async def test_what_is_not_confirmed_counts_only_as_long_as_it_can_be(mitte: Counter) -> None:
    await mitte.change("neuantrag", confirm_minutes=30)
    await mitte.booked(EIGHT, email=EMAIL)
    problem_of(await mitte.book(NINE, email=EMAIL), 409, "too-many-appointments")
    with moved_clock(datetime(2026, 9, 7, 7, 31, tzinfo=UTC)):
        await mitte.booked(NINE, email=EMAIL)


async def test_confirmed_it_counts_until_it_is_over(mitte: Counter) -> None:
    await mitte.change("neuantrag", confirm_minutes=30)
    await mitte.change_own("POST", await mitte.booked(EIGHT, email=EMAIL), "/confirm")
    with moved_clock(datetime(2026, 9, 7, 8, 31, tzinfo=UTC)):
        problem_of(await mitte.book(NINE, email=EMAIL), 409, "too-many-appointments")


async def test_who_it_is_cannot_be_read(mitte: Counter) -> None:
    await mitte.booked(EIGHT, birth_date="1990-05-17", email=EMAIL)
    [claim] = await mitte.rows("SELECT * FROM person_claims")
    assert len(bytes(claim["person"])) == 32
    assert not any(word in str(claim).lower() for word in ("aylin", "öz", "1990", "example"))
