"""The one promise: no desk is booked twice for the same time, however many ask at once, and nobody loses in vain."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.harness.inprocess import announce_key, unstarted
from tests.harness.installation import Installation, Running

pytestmark = pytest.mark.usefixtures("on_monday")

CLIENTS, TIMES, DESKS = 50, 50, 3

OVERLAPS = """
    SELECT count(*) AS n FROM occupancies a JOIN occupancies b
    ON a.desk_id = b.desk_id AND a.appointment_id < b.appointment_id
    AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
"""


@pytest.fixture
async def replicas(installation: Installation) -> AsyncIterator[list[Running]]:
    """Two replicas of booking on one database: neither knows what the other is doing."""
    await announce_key(installation)
    async with (
        unstarted(installation, "booking", "musterstadt") as one,
        unstarted(installation, "booking", "musterstadt") as other,
    ):
        yield [one, other]


def times() -> list[str]:
    """Return 50 different times of `neuantrag`: Tuesdays, Thursdays, Fridays and Mondays, 08:00 to 12:00 in Berlin."""
    days = [datetime(2026, 9, day, 6, 0, tzinfo=UTC) for day in (8, 10, 11, 14, 15, 17, 18)]
    return [(day + timedelta(minutes=30 * n)).isoformat() for day in days for n in range(8)][:TIMES]


async def ask(client: httpx.AsyncClient, start: str, concern: str = "neuantrag") -> httpx.Response:
    body = {"office": "mitte", "concern": concern, "start": start, "name": "Aylin Öz", "email": "a@example.org"}
    return await client.post("/appointments", json=body, headers={"Idempotency-Key": str(uuid.uuid4())})


async def test_fifty_race_for_one_time_fifty_times_and_every_desk_has_exactly_one_winner(
    installation: Installation, replicas: list[Running]
) -> None:
    for start in times():
        race = (ask(replicas[n % 2].client, start) for n in range(CLIENTS))
        answers = await asyncio.gather(*race)
        assert Counter(a.status_code for a in answers) == {201: DESKS, 409: CLIENTS - DESKS}, start
        assert {a.json()["type"] for a in answers if a.status_code == 409} == {"/problems/slot-taken"}

    assert await installation.rows("booking", OVERLAPS) == [{"n": 0}]
    [held] = await installation.rows(
        "booking",
        "SELECT (SELECT count(*) FROM appointments) AS appointments, (SELECT count(*) FROM occupancies) AS occupancies,"
        " (SELECT count(*) FROM outbox) AS events, (SELECT count(DISTINCT key) FROM outbox) AS aggregates",
    )
    assert set(held.values()) == {TIMES * DESKS}, "what was refused left nothing behind"


async def test_concerns_of_different_length_at_the_same_desks_never_overlap(
    installation: Installation, replicas: list[Running]
) -> None:
    """`unterlagen` takes ten minutes, `veraenderung` fifteen, `neuantrag` thirty, all at the same three desks."""
    morning = datetime(2026, 9, 11, 6, 0, tzinfo=UTC)
    lengths = {"unterlagen": 10, "veraenderung": 15, "neuantrag": 30}
    wanted = [
        (concern, (morning + timedelta(minutes=minutes * n)).isoformat())
        for concern, minutes in lengths.items()
        for n in range(120 // minutes)
    ] * 5
    answers = await asyncio.gather(*(ask(replicas[n % 2].client, s, c) for n, (c, s) in enumerate(wanted)))
    assert {a.status_code for a in answers} == {201, 409}
    assert await installation.rows("booking", OVERLAPS) == [{"n": 0}]
    [held] = await installation.rows("booking", "SELECT count(*) AS n FROM occupancies")
    assert held["n"] == sum(a.status_code == 201 for a in answers)


async def test_the_database_itself_refuses_a_desk_twice(installation: Installation) -> None:
    """The promise does not rest on the code that keeps it: the constraint does."""
    row = (
        "INSERT INTO appointments VALUES (:id, 'musterstadt', :number, 1, 'booked', 'online', 'mitte', 'neuantrag', "
        "'2026-09-08T06:00Z', '2026-09-08T06:30Z', NULL, NULL, NULL, 'de', 'none', :number, '', '2026-09-07T06:00Z')"
    )
    desk = "INSERT INTO occupancies VALUES (:id, 'musterstadt', 1, '2026-09-08T06:00Z', '2026-09-08T06:30Z')"
    first, second = uuid.uuid4(), uuid.uuid4()
    for n, id_ in enumerate((first, second)):
        await installation.rows("booking", row, id=id_, number=f"0000-000{n}")
    await installation.rows("booking", desk, id=first)
    with pytest.raises(Exception, match="no_desk_twice"):
        await installation.rows("booking", desk, id=second)
    await installation.rows("booking", desk.replace(", 1,", ", 2,"), id=second)
