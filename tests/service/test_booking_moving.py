"""Moving keeps the appointment and its links, frees the former desk, and never costs anybody the time they had."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.harness.answers import problem_of
from tests.harness.inprocess import announce_key, moved_clock, unstarted
from tests.harness.installation import Installation, Running
from tests.harness.parts import Parts
from tests.service.conftest import MONDAY
from tests.service.test_booking_cancelling import book, cancel, events_of

pytestmark = pytest.mark.usefixtures("on_monday")

EIGHT, HALF_PAST, NINE = "2026-09-08T06:00:00Z", "2026-09-08T06:30:00Z", "2026-09-08T07:00:00Z"
FRIDAY = "2026-09-11T06:00:00Z"
LATER = MONDAY + timedelta(minutes=16)  # what was given up is free again by then, and at a random moment before
OVERLAPS = """
    SELECT count(*) AS n FROM occupancies a JOIN occupancies b
    ON a.desk_id = b.desk_id AND a.ctid <> b.ctid AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
"""


@pytest.fixture(scope="module")
async def shared_office(parts: Parts) -> AsyncIterator[tuple[Installation, Running]]:
    """Booking without its relay, so that its outbox keeps what it publishes."""
    installation = await Installation.create(parts)
    await announce_key(installation)
    async with unstarted(installation, "booking", "musterstadt") as booking:
        yield installation, booking


@pytest.fixture
async def office(shared_office: tuple[Installation, Running]) -> tuple[Installation, Running]:
    """The same with empty desks."""
    for table in ("occupancies", "holds", "appointments", "outbox"):
        await shared_office[0].rows("booking", f"DELETE FROM {table}")
    return shared_office


@pytest.fixture
def client(office: tuple[Installation, Running]) -> httpx.AsyncClient:
    return office[1].client


async def move(client: httpx.AsyncClient, booked: dict[str, Any], start: str, code: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {code or booked['code']}"}
    return await client.patch(f"/appointments/{booked['number']}", json={"start": start}, headers=headers)


async def free(client: httpx.AsyncClient, start: str) -> int:
    """Return how many desks are free then."""
    day = start[:10]
    params = {"concern": "neuantrag", "from": day, "to": day}
    slots = (await client.get("/offices/mitte/slots", params=params)).json()
    wanted = datetime.fromisoformat(start)
    return next((slot["free"] for slot in slots if datetime.fromisoformat(slot["start"]) == wanted), 0)


async def test_it_keeps_number_code_and_link_and_frees_the_former_desk(office: tuple[Installation, Running]) -> None:
    installation, booking = office
    booked = (await book(booking.client, EIGHT, "keep-them", "a@example.org")).json()
    assert (await free(booking.client, EIGHT), await free(booking.client, FRIDAY)) == (2, 3)
    moved = (await move(booking.client, booked, FRIDAY)).json()
    assert {name: moved[name] for name in ("id", "number", "code", "link")} == {
        name: booked[name] for name in ("id", "number", "code", "link")
    }
    assert datetime.fromisoformat(moved["start"]) == datetime.fromisoformat(FRIDAY)
    assert (moved["version"], moved["state"], moved["mail"]) == (2, "booked", "waiting")
    assert (await free(booking.client, EIGHT), await free(booking.client, FRIDAY)) == (2, 2)
    with moved_clock(LATER):
        assert (await free(booking.client, EIGHT), await free(booking.client, FRIDAY)) == (3, 2)
    [event] = await installation.rows("booking", "SELECT payload FROM outbox WHERE type LIKE '%moved%'")
    assert '"previous_starts_at":"2026-09-08T06:00:00Z"' in event["payload"]
    assert '"starts_at":"2026-09-11T06:00:00Z"' in event["payload"]
    assert "Aylin" not in event["payload"]


async def test_to_the_time_it_has_nothing_changes(office: tuple[Installation, Running]) -> None:
    installation, booking = office
    booked = (await book(booking.client, EIGHT, "same-time")).json()
    first = await move(booking.client, booked, NINE)
    again = await move(booking.client, booked, "2026-09-08T09:00:00+02:00")
    assert first.content == again.content
    assert await events_of(installation, booked) == ["booking.appointment-booked.v1", "booking.appointment-moved.v1"]


async def test_a_new_time_that_overlaps_the_old_one_is_possible_at_its_own_desk(
    office: tuple[Installation, Running],
) -> None:
    installation, booking = office
    booked = [(await book(booking.client, EIGHT, f"overlap-{n}")).json() for n in range(3)]
    # Half an hour later each step: every desk is full at eight, so the first has to give its own up first.
    assert (await move(booking.client, booked[0], HALF_PAST)).status_code == 200
    [overlaps] = await installation.rows("booking", OVERLAPS)
    assert overlaps["n"] == 0


async def test_a_time_that_is_taken_or_not_offered_leaves_the_appointment_as_it_was(
    office: tuple[Installation, Running],
) -> None:
    installation, booking = office
    for number in range(3):
        await book(booking.client, NINE, f"occupied-{number}")
    booked = (await book(booking.client, EIGHT, "stays-put")).json()
    problem_of(await move(booking.client, booked, NINE), 409, "slot-taken")
    for start in ("2026-09-08T06:07:00Z", "2026-09-07T07:30:00Z", "2027-09-08T06:00:00Z", "2026-09-06T06:00:00Z"):
        problem_of(await move(booking.client, booked, start), 422, "slot-not-offered")
    problem_of(await move(booking.client, booked, "tomorrow"), 422, "invalid-request")
    assert await free(booking.client, EIGHT) == 2
    assert await events_of(installation, booked) == ["booking.appointment-booked.v1"]


async def test_what_is_cancelled_or_over_or_not_yours_cannot_be_moved(client: httpx.AsyncClient) -> None:
    booked = (await book(client, EIGHT, "cannot-1")).json()
    problem_of(await move(client, booked, NINE, code="0000-0000"), 404, "appointment-not-found")
    with moved_clock(datetime(2026, 9, 8, 6, 0, 1, tzinfo=UTC)):
        problem_of(await move(client, booked, FRIDAY), 409, "appointment-over")
    await cancel(client, booked)
    problem_of(await move(client, booked, NINE), 409, "already-cancelled")


async def test_after_moves_it_can_be_cancelled_and_every_desk_is_free(office: tuple[Installation, Running]) -> None:
    installation, booking = office
    booked = (await book(booking.client, EIGHT, "move-and-cancel")).json()
    for start in (NINE, HALF_PAST, FRIDAY):
        assert (await move(booking.client, booked, start)).status_code == 200
    assert (await cancel(booking.client, booked)).json()["version"] == 5
    with moved_clock(LATER):
        assert [await free(booking.client, start) for start in (EIGHT, HALF_PAST, NINE, FRIDAY)] == [3, 3, 3, 3]
    own = "SELECT count(*) AS n FROM occupancies WHERE appointment_id IS NOT NULL"
    assert await installation.rows("booking", own) == [{"n": 0}]


async def test_what_was_moved_away_from_can_be_taken_back_at_once(office: tuple[Installation, Running]) -> None:
    _, booking = office
    booked = (await book(booking.client, EIGHT, "back-again")).json()
    for number in range(2):
        await book(booking.client, EIGHT, f"beside-{number}")
    assert (await move(booking.client, booked, NINE)).status_code == 200
    problem_of(await book(booking.client, EIGHT, "not-for-others"), 409, "slot-taken")
    assert (await move(booking.client, booked, EIGHT)).status_code == 200


async def test_thirty_race_for_three_desks_and_nobody_loses_what_they_had(office: tuple[Installation, Running]) -> None:
    installation, booking = office
    starts = [f"2026-09-{day:02}T{hour:02}:{minute:02}:00Z" for day in (10, 11, 14) for hour in (6, 7)
              for minute in (0, 30)]  # fmt: skip
    people = [(await book(booking.client, starts[n % len(starts)], f"racer-{n:04}")).json() for n in range(30)]
    answers = await asyncio.gather(*(move(booking.client, person, EIGHT) for person in people))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 27
    [counts] = await installation.rows("booking", "SELECT count(appointment_id) AS n FROM occupancies")
    [overlaps] = await installation.rows("booking", OVERLAPS)
    assert (counts["n"], overlaps["n"]) == (30, 0)


async def test_people_who_swap_their_times_at_once_all_get_an_answer_and_keep_a_desk(
    office: tuple[Installation, Running],
) -> None:
    installation, booking = office
    early = [(await book(booking.client, EIGHT, f"early-{n:04}")).json() for n in range(3)]
    late = [(await book(booking.client, NINE, f"later-{n:04}")).json() for n in range(3)]
    swaps = [move(booking.client, one, NINE) for one in early] + [move(booking.client, one, EIGHT) for one in late]
    answers = await asyncio.gather(*swaps)
    assert {answer.status_code for answer in answers} <= {200, 409}
    [counts] = await installation.rows("booking", "SELECT count(appointment_id) AS n FROM occupancies")
    [overlaps] = await installation.rows("booking", OVERLAPS)
    assert (counts["n"], overlaps["n"]) == (6, 0)
