"""Staff book for callers and people at the counter: all desks, today already, and without limits."""

import asyncio
from collections import Counter as Tally
from datetime import datetime

import pytest

from shared import api, api_staff
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.desk import Desk
from tests.harness.line import Line
from tests.service.conftest import MONDAY

EIGHT, HALF_PAST, NINE = "2026-09-08T06:00:00Z", "2026-09-08T06:30:00Z", "2026-09-08T07:00:00Z"
TODAY = "2026-09-07T07:30:00Z"  # half an hour from now
FRIDAY = "2026-09-11T06:00:00Z"


@pytest.fixture
def desk(mitte: Counter) -> Desk:
    return Desk(mitte)


@pytest.fixture
async def two_kept(mitte: Counter) -> None:
    """Two of the three desks cannot be booked online."""
    await mitte.keep_desks("eingang", 2)


@pytest.mark.parametrize("channel", ["phone", "counter"])
async def test_an_appointment_is_booked_without_an_address_and_its_person_can_open_it(desk: Desk, channel: str) -> None:
    answer = await desk.book(EIGHT, channel=channel)
    assert answer.status_code == 201, answer.text
    booked = api.BookedAppointment.model_validate(answer.json())
    assert (booked.state, booked.name) == ("booked", "Aylin Öz")
    [(type_, told)] = await desk.mitte.events(answer.json())
    assert (type_, told["channel"], told["recipient"], told["version"]) == ("booked", channel, None, 1)
    seen = (await desk.mitte.change_own("GET", answer.json())).json()
    assert (seen["state"], seen["mail"]) == ("booked", "none")
    assert (await desk.mitte.cancel(answer.json())).json()["state"] == "cancelled"


async def test_with_an_address_the_confirmation_goes_out_as_usual(desk: Desk) -> None:
    booked = await desk.booked(EIGHT, email="a@example.org")
    [person] = await desk.mitte.recipients(booked)
    assert (person.email, person.name, person.values["code"]) == ("a@example.org", "Aylin Öz", booked["code"])
    assert (await desk.mitte.change_own("GET", booked)).json()["mail"] == "waiting"


@pytest.mark.parametrize("channel", ["online", "", None, "fax"])
async def test_how_somebody_came_must_be_said(desk: Desk, channel: str | None) -> None:
    refused = problem_of(await desk.book(EIGHT, channel=channel), 422, "invalid-request")
    assert [error["field"] for error in refused["errors"]] == ["channel"]


@pytest.mark.usefixtures("two_kept")
async def test_desks_kept_for_phone_and_counter_are_booked_by_staff_alone(desk: Desk) -> None:
    assert (await desk.mitte.free(EIGHT), await desk.free(EIGHT)) == (1, 3)
    await desk.mitte.booked(EIGHT)
    problem_of(await desk.mitte.book(EIGHT), 409, "slot-taken")
    await desk.booked(EIGHT)
    await desk.booked(EIGHT, channel="counter")
    problem_of(await desk.book(EIGHT), 409, "slot-taken")
    assert (await desk.mitte.free(EIGHT), await desk.free(EIGHT)) == (0, 0)
    assert await desk.mitte.overlaps() == 0


@pytest.mark.usefixtures("two_kept")
async def test_citizens_and_staff_at_once_win_exactly_the_free_desks(desk: Desk) -> None:
    tries = [desk.book(EIGHT) if n % 2 else desk.mitte.book(EIGHT) for n in range(60)]
    answers = await asyncio.gather(*tries)
    assert Tally(answer.status_code for answer in answers) == {201: 3, 409: 57}
    assert await desk.mitte.overlaps() == 0
    assert await desk.free(EIGHT) == 0


async def test_today_can_be_booked_what_is_past_or_beyond_the_horizon_cannot(desk: Desk) -> None:
    found = (await desk.slots("2026-09-07", "2026-09-30")).json()
    assert found[0] == {"start": "2026-09-07T09:30:00+02:00", "end": "2026-09-07T10:00:00+02:00", "free": 3}
    assert found[-1]["start"].startswith("2026-09-21"), "fourteen days"
    assert (await desk.mitte.free(TODAY), await desk.free(TODAY)) == (0, 3)
    await desk.booked(TODAY)
    assert await desk.free(TODAY) == 2
    for start, reason in (
        ("2026-09-07T07:00:00Z", "past"), ("2026-09-22T06:00:00Z", "too-far"),
        ("2026-09-08T06:10:00Z", "not-a-start"), ("2026-09-09T06:00:00Z", "closed"),
    ):  # fmt: skip
        assert problem_of(await desk.book(start), 422, "slot-not-offered")["reason"] == reason
    assert datetime.fromisoformat("2026-09-07T07:00:00Z") == MONDAY, "what begins now is no time in the future"


async def test_searches_of_staff_are_no_searches_of_citizens(desk: Desk) -> None:
    searches = desk.mitte.booking.app.state.searches
    await searches.flush(desk.mitte.booking.service.database)
    await desk.mitte.rows("DELETE FROM outbox")
    await desk.slots("2026-09-07", "2026-09-08")
    await searches.flush(desk.mitte.booking.service.database)
    assert await desk.mitte.count("outbox") == 0
    await desk.mitte.free(EIGHT)
    await searches.flush(desk.mitte.booking.service.database)
    assert await desk.mitte.count("outbox") == 1


async def test_the_period_of_a_search_has_its_limits_for_staff_too(desk: Desk) -> None:
    problem_of(await desk.slots("2026-09-09", "2026-09-08"), 422, "period-too-long")
    problem_of(await desk.slots("2026-01-01", "2027-01-01"), 422, "period-too-long")


async def test_limits_and_confirmation_are_for_those_who_book_themselves(desk: Desk) -> None:
    await desk.mitte.change("neuantrag", per_person=1, confirm_minutes=30)
    for _ in range(2):
        assert (await desk.booked(EIGHT))["state"] == "booked"
    assert (await desk.booked(NINE, email="a@example.org"))["state"] == "booked"
    assert await desk.mitte.count("person_claims") == 0
    own = await desk.mitte.booked(NINE, email="a@example.org")
    assert own["state"] == "unconfirmed", "what staff booked does not count against it"


async def test_the_same_key_and_request_again_is_the_same_appointment(desk: Desk) -> None:
    first = await desk.book(EIGHT, key="asked-twice")
    assert (await desk.book(EIGHT, key="asked-twice")).content == first.content
    problem_of(await desk.book(EIGHT, key="asked-twice", channel="counter"), 422, "idempotency-key-reused")
    problem_of(await desk.mitte.book(EIGHT, key="asked-twice"), 422, "idempotency-key-reused")
    assert await desk.mitte.count("appointments") == 1


async def test_a_caller_without_an_address_gives_one_to_come_earlier_and_does(desk: Desk) -> None:
    line, freed = Line(desk.mitte), await desk.mitte.booked(EIGHT)
    booked = await desk.booked(FRIDAY)
    joined = (await desk.mitte.change_own("PUT", booked, "/waitlist", email="a@example.org")).json()
    assert (joined["waiting"], joined["has_email"]) == (True, True)
    await desk.mitte.cancel(freed)
    accepted = (await line.answer(booked, "accept")).json()
    assert accepted["state"] == "accepted"
    assert datetime.fromisoformat(accepted["appointment"]["start"]) == datetime.fromisoformat(EIGHT)
    told = await desk.mitte.events(booked)
    assert [(type_, event["channel"]) for type_, event in told] == [
        ("booked", "phone"), ("offered", "phone"), ("moved", "phone"),
    ]  # fmt: skip
    assert await desk.mitte.overlaps() == 0


async def test_staff_put_a_caller_on_the_waitlist(desk: Desk) -> None:
    line, freed = Line(desk.mitte), await desk.mitte.booked(EIGHT)
    booked = await desk.booked(FRIDAY)
    problem_of(await desk.join(booked), 422, "email-needed")
    for _ in range(2):
        joined = api_staff.StaffAppointment.model_validate((await desk.join(booked, "a@example.org")).json())
        assert (joined.waiting, joined.has_email, joined.version) == (True, True, 1)
    await desk.mitte.cancel(freed)
    assert await line.offers() == [(booked["id"], EIGHT)]
    assert (await line.answer(booked, "accept")).json()["state"] == "accepted"
