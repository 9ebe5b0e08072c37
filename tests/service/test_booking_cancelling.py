"""Cancelling frees the desk, once, and only before the appointment begins."""

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

pytestmark = pytest.mark.usefixtures("on_monday")


@pytest.fixture(scope="module")
async def office(parts: Parts) -> AsyncIterator[tuple[Installation, Running]]:
    """Booking without its relay, so that its outbox keeps what it publishes."""
    installation = await Installation.create(parts)
    await announce_key(installation)
    async with unstarted(installation, "booking", "musterstadt") as booking:
        yield installation, booking


@pytest.fixture
def client(office: tuple[Installation, Running]) -> httpx.AsyncClient:
    return office[1].client


async def book(client: httpx.AsyncClient, start: str, key: str, email: str | None = None) -> httpx.Response:
    body = {"office": "mitte", "concern": "neuantrag", "start": start, "name": "Aylin Öz", "email": email}
    return await client.post("/appointments", json=body, headers={"Idempotency-Key": key})


async def cancel(client: httpx.AsyncClient, booked: dict[str, Any]) -> httpx.Response:
    headers = {"Authorization": f"Bearer {booked['code']}"}
    return await client.delete(f"/appointments/{booked['number']}", headers=headers)


async def events_of(installation: Installation, booked: dict[str, Any]) -> list[str]:
    rows = await installation.rows("booking", "SELECT type FROM outbox WHERE key = :id ORDER BY id", id=booked["id"])
    return [row["type"] for row in rows]


async def test_cancelling_twice_gives_the_same_answer_and_one_event(office: tuple[Installation, Running]) -> None:
    installation, booking = office
    booked = (await book(booking.client, "2026-09-08T06:00:00Z", "cancel-twice", "a@example.org")).json()
    first, second = await cancel(booking.client, booked), await cancel(booking.client, booked)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["state"] == "cancelled"
    assert second.content == first.content
    assert await events_of(installation, booked) == [
        "booking.appointment-booked.v1", "booking.appointment-cancelled.v1",
    ]  # fmt: skip


async def test_twenty_cancellations_at_once_give_one_event(office: tuple[Installation, Running]) -> None:
    installation, booking = office
    booked = (await book(booking.client, "2026-09-08T06:30:00Z", "cancel-at-once")).json()
    answers = await asyncio.gather(*(cancel(booking.client, booked) for _ in range(20)))
    assert {a.status_code for a in answers} == {200}
    assert len({a.content for a in answers}) == 1
    assert len(await events_of(installation, booked)) == 2


async def test_a_freed_desk_can_be_booked_again(client: httpx.AsyncClient) -> None:
    start = "2026-09-08T07:00:00Z"
    taken = [(await book(client, start, f"fill-the-desks-{n}")).json() for n in range(3)]
    problem_of(await book(client, start, "one-too-many"), 409, "slot-taken")
    await cancel(client, taken[1])
    problem_of(await book(client, start, "too-soon-after"), 409, "slot-taken")  # against resale, for 1 to 15 minutes
    with moved_clock(MONDAY + timedelta(minutes=16)):
        assert (await book(client, start, "one-too-many")).status_code == 201
    problem_of(await book(client, start, "again-one-too-many"), 409, "slot-taken")


async def test_an_appointment_that_has_begun_cannot_be_cancelled(client: httpx.AsyncClient) -> None:
    booked = (await book(client, "2026-09-08T07:30:00Z", "begun-already")).json()
    start = datetime(2026, 9, 8, 7, 30, tzinfo=UTC)
    with moved_clock(start):
        problem_of(await cancel(client, booked), 409, "appointment-over")
    with moved_clock(start - timedelta(seconds=30)):
        assert (await cancel(client, booked)).status_code == 200
    with moved_clock(start + timedelta(days=9)):
        again = await cancel(client, booked)
    assert again.status_code == 200, "what is cancelled already stays so, also when its day has passed"


async def test_the_events_carry_what_consumers_need_and_nobody_by_name(office: tuple[Installation, Running]) -> None:
    installation, booking = office
    booked = (await book(booking.client, "2026-09-08T08:00:00Z", "no-names-here", "aylin@example.org")).json()
    await cancel(booking.client, booked)
    rows = await installation.rows("booking", "SELECT * FROM outbox WHERE key = :id", id=booked["id"])
    for row in rows:
        told = str(row)
        assert "Aylin" not in told
        assert "aylin" not in told
        assert booked["code"] not in told
        assert booked["link"].rpartition("/")[2] not in told
        assert row["headers"]["ce_tenant"] == row["tenant"] == "musterstadt"
        assert row["topic"] == "booking.appointment"
