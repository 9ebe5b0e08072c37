"""A name that was misheard is corrected by staff, and everything that follows is in the right name."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from shared import api_staff
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.desk import Desk
from tests.harness.inprocess import moved_clock

EIGHT, HALF_PAST, NINE = "2026-09-08T06:00:00Z", "2026-09-08T06:30:00Z", "2026-09-08T07:00:00Z"
EMAIL = "a@example.org"


@pytest.fixture
def desk(mitte: Counter) -> Desk:
    return Desk(mitte)


async def test_the_name_is_another_one_version_on_and_once(desk: Desk) -> None:
    booked = await desk.mitte.booked(EIGHT, name="Eileen Oess", birth_date="1990-05-17", email=EMAIL)
    for _ in range(2):
        answer = await desk.correct(booked, name="Aylin Öz")
        corrected = api_staff.StaffAppointment.model_validate(answer.json())
        assert (corrected.name, str(corrected.birth_date), corrected.version) == ("Aylin Öz", "1990-05-17", 2)
        assert corrected.mail == "waiting", "of the booking: a correction sends none of its own"
    seen = (await desk.mitte.change_own("GET", booked)).json()
    assert (seen["name"], seen["version"]) == ("Aylin Öz", 2)


async def test_the_date_of_birth_can_be_corrected_with_it(desk: Desk) -> None:
    booked = await desk.mitte.booked(EIGHT, birth_date="1990-05-17")
    corrected = (await desk.correct(booked, name="Aylin Öz", birth_date="1991-05-17")).json()
    assert (corrected["birth_date"], corrected["version"]) == ("1991-05-17", 2)
    assert (await desk.correct(booked, name="Aylin Öz", birth_date="")).json() == corrected


async def test_nothing_is_published_of_it_and_the_next_mail_is_in_the_right_name(desk: Desk) -> None:
    booked = await desk.mitte.booked(EIGHT, name="Eileen Oess", email=EMAIL)
    await desk.correct(booked, name="Aylin Öz")
    assert [type_ for type_, _ in await desk.mitte.events(booked)] == ["booked"]
    await desk.mitte.change_own("PATCH", booked, start=NINE)
    await desk.mitte.cancel(booked)
    told = await desk.mitte.events(booked)
    assert [(type_, event["version"]) for type_, event in told] == [("booked", 1), ("moved", 3), ("cancelled", 4)]
    names = [person.name for person in await desk.mitte.recipients(booked)]
    assert names == ["Eileen Oess", "Aylin Öz", "Aylin Öz"]


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": None}, {"name": "www.example.org"}, {"name": "A", "x": 1}])
async def test_what_is_no_name_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    booked = await desk.mitte.booked(EIGHT)
    problem_of(await desk.correct(booked, **body), 422, "invalid-request")
    assert (await desk.see(booked)).json()["version"] == 1


async def test_the_limit_follows_the_corrected_name(desk: Desk) -> None:
    mitte = desk.mitte
    await mitte.change("neuantrag", per_person=1)
    booked = await mitte.booked(EIGHT, name="Eileen Oess")
    await desk.correct(booked, name="Aylin Öz")
    problem_of(await mitte.book(NINE, name="aylin öz"), 409, "too-many-appointments")
    await mitte.booked(NINE, name="Eileen Oess")
    await mitte.cancel(booked)
    await mitte.booked(HALF_PAST, name="Aylin Öz")


async def test_it_follows_until_the_appointment_is_over_also_when_it_was_confirmed_or_moved(desk: Desk) -> None:
    mitte = desk.mitte
    await mitte.change("neuantrag", per_person=1, confirm_minutes=30)
    booked = await mitte.booked(EIGHT, name="Eileen Oess", email=EMAIL)
    await mitte.change_own("POST", booked, "/confirm")
    await desk.correct(booked, name="Aylin Öz")
    with moved_clock(datetime(2026, 9, 7, 9, 0, tzinfo=UTC)):
        problem_of(await mitte.book(NINE, email=EMAIL), 409, "too-many-appointments")
    await mitte.change_own("PATCH", booked, start="2026-09-11T06:00:00Z")
    with moved_clock(datetime(2026, 9, 8, 7, 0, tzinfo=UTC)):
        problem_of(await mitte.book("2026-09-11T07:00:00Z", email=EMAIL), 409, "too-many-appointments")


async def test_at_the_limit_of_the_right_person_staff_decide_and_it_is_not_counted(desk: Desk) -> None:
    mitte = desk.mitte
    await mitte.change("neuantrag", per_person=1)
    own, other = await mitte.booked(EIGHT), await mitte.booked(NINE, name="Eileen Oess")
    assert (await desk.correct(other, name="Aylin Öz")).json()["name"] == "Aylin Öz"
    assert await mitte.count("person_claims") == 1
    problem_of(await mitte.book(HALF_PAST), 409, "too-many-appointments")
    await mitte.cancel(other)
    problem_of(await mitte.book(HALF_PAST), 409, "too-many-appointments")
    await mitte.cancel(own)
    await mitte.booked(HALF_PAST)


async def test_what_was_not_counted_is_not_counted_after_a_correction(desk: Desk) -> None:
    await desk.mitte.change("neuantrag", per_person=1)
    await desk.correct(await desk.booked(EIGHT, name="Eileen Oess"), name="Aylin Öz")
    assert await desk.mitte.count("person_claims") == 0


async def test_many_corrected_to_one_name_at_once_leave_one_counted(desk: Desk) -> None:
    await desk.mitte.change("neuantrag", per_person=1)
    starts = (EIGHT, HALF_PAST, NINE)
    booked = [await desk.mitte.booked(starts[n % 3], name=f"Misheard {n}") for n in range(9)]
    answers = await asyncio.gather(*(desk.correct(one, name="Aylin Öz") for one in booked))
    assert {answer.status_code for answer in answers} == {200}
    assert await desk.mitte.count("person_claims") == 1


async def test_a_name_nobody_will_be_called_by_is_not_corrected(desk: Desk) -> None:
    mitte = desk.mitte
    cancelled = await mitte.booked(EIGHT)
    await mitte.cancel(cancelled)
    problem_of(await desk.correct(cancelled, name="B"), 409, "already-cancelled")
    over = await mitte.booked(EIGHT)
    with moved_clock(datetime(2026, 9, 8, 6, 29, tzinfo=UTC)):
        assert (await desk.correct(over, name="B")).status_code == 200, "they are just being called"
    with moved_clock(datetime(2026, 9, 8, 6, 30, tzinfo=UTC)):
        problem_of(await desk.correct(over, name="C"), 409, "appointment-over")
    await mitte.change("neuantrag", confirm_minutes=30)
    asked = await mitte.booked(NINE, email=EMAIL)
    assert (await desk.correct(asked, name="B")).status_code == 200
    with moved_clock(datetime(2026, 9, 7, 7, 31, tzinfo=UTC)):
        problem_of(await desk.correct(asked, name="C"), 409, "confirmation-expired")
