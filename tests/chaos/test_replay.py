"""The whole history is read again: nobody gets a mail, and no figure changes."""

import uuid
from contextlib import AsyncExitStack
from typing import Any

import httpx
from sqlalchemy import text

from tests.harness.chaos import count, mails, outboxes_empty, stop
from tests.harness.citizen import Citizen
from tests.harness.identity import Signed
from tests.harness.installation import Installation
from tests.harness.metrics import value
from tests.harness.reading import caught_up, rewind, topics_of
from tests.harness.waiting import eventually

SERVICES = ("notifications", "booking", "statistics")
FIFTEEN_DAYS = 15 * 86_400.0
BOOKED, CANCELLED = 12, 4


async def make_history(installation: Installation) -> None:
    """Let people book and cancel, and wait until all of it has had all its effects."""
    await installation.start("mailbox", "gateway", *SERVICES)
    async with httpx.AsyncClient(base_url=installation.url("gateway"), trust_env=False, timeout=30) as client:
        citizen = Citizen(client)
        slots = await citizen.slots()
        for number in range(BOOKED):
            answer = await citizen.book(slots[number]["start"], email=f"{uuid.uuid4()}@example.org")
            assert answer.status_code == 201, answer.text
            if number < CANCELLED:
                booked = answer.json()
                assert (await citizen.cancel(booked["number"], booked["code"])).status_code == 200

    async def all_sent() -> bool:
        [row] = await installation.rows("booking", "SELECT count(*) AS n FROM appointments WHERE mail = 'sent'")
        return bool(row["n"] == BOOKED) and await count(installation, "notifications", "due_messages") == 0

    await eventually(all_sent, within=30)
    await outboxes_empty(installation, SERVICES)
    await caught_up(installation, *SERVICES)
    # What booking had counted when it was stopped is sent by the next that runs, in which nobody searches.
    await stop(installation, "gateway", "booking")
    await installation.start("booking")
    await outboxes_empty(installation, SERVICES)
    await caught_up(installation, *SERVICES)
    await stop(installation, *SERVICES)


async def state(installation: Installation) -> dict[str, Any]:
    """Return all that a replay must leave as it is."""
    return {
        "mails": await mails(installation),
        "messages": await installation.rows("notifications", "SELECT * FROM messages ORDER BY id"),
        "due": await installation.rows("notifications", "SELECT * FROM due_messages ORDER BY id"),
        "appointments": await installation.rows("booking", "SELECT * FROM appointments ORDER BY id"),
        "facts": await installation.rows("statistics", "SELECT * FROM appointment_facts ORDER BY event_id"),
        "searches": await installation.rows("statistics", "SELECT * FROM search_facts ORDER BY event_id"),
        "dead letters": [await count(installation, service, "dead_letters") for service in SERVICES],
        "outboxes": [await count(installation, service, "outbox") for service in SERVICES],
    }


async def figures(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/appointments", auth=Signed("statistics"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    del found["as_of"]
    return found


async def read_all_again(installation: Installation, *services: str, **changes: float) -> dict[str, Any]:
    """Rewind these groups, run the services until they have read everything, and return statistics' figures."""
    await rewind(installation, *services)
    async with AsyncExitStack() as running:
        apps = {s: await running.enter_async_context(installation.app(s, **changes)) for s in services}
        await caught_up(installation, *services)
        return await figures(apps["statistics"].client)


async def test_no_replay_of_the_whole_history_mails_anyone_or_changes_a_figure(installation: Installation) -> None:
    await make_history(installation)
    before = await state(installation)
    assert len(before["mails"]) == BOOKED
    assert sum(ids.total() for ids in before["mails"].values()) == BOOKED + CANCELLED
    assert len(before["facts"]) == BOOKED + CANCELLED
    assert sum(row["searches"] for row in before["searches"]) == 1
    assert len(topics_of(installation, "booking")) == 3
    async with installation.app("statistics") as statistics:
        shown = await figures(statistics.client)
    assert (shown["booked_online"], shown["cancelled"]) == (BOOKED, CANCELLED)

    # As it is: the inbox knows every event.
    repeated, consumed = value("events_repeated_total"), value("events_consumed_total")
    assert await read_all_again(installation, *SERVICES) == shown
    assert value("events_repeated_total") - repeated >= 3 * (BOOKED + CANCELLED)
    assert value("events_consumed_total") == consumed
    assert await state(installation) == before

    # A long time after: what the inbox knew is forgotten, and the events are too old to tell anyone.
    for service in SERVICES:
        await installation.rows(service, "TRUNCATE inbox, aggregate_versions")
    too_old = value("events_skipped_total", reason="too-old")
    await read_all_again(installation, *SERVICES, clock_offset_seconds=FIFTEEN_DAYS)
    assert value("events_skipped_total", reason="too-old") - too_old == BOOKED + CANCELLED
    assert await state(installation) == before

    # From nothing: a new database and the log are all that statistics needs.
    await renew_database(installation, "statistics")
    assert await count(installation, "statistics", "appointment_facts") == 0
    assert await read_all_again(installation, "statistics") == shown
    assert await state(installation) == before


async def renew_database(installation: Installation, service: str) -> None:
    """Put a service's migrated and empty database in the place of the one it has."""
    name = f"{service}_{installation.name}"
    async with installation.parts.admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        await connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {service}_template OWNER {service}_owner"))
