"""Retention: what is older than agreed is erased, and nothing else."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.booking.jobs import erase_persons
from services.notifications.jobs import forget_messages
from shared import clock, housekeeping
from tests.harness.identity import signed
from tests.harness.inprocess import announce_key, moved_clock, unstarted
from tests.harness.installation import Installation

pytestmark = pytest.mark.usefixtures("on_monday")

START = datetime(2026, 9, 8, 6, 0, tzinfo=UTC)
TENANTS = ("musterstadt", "duesseldorf")
PERSON = {"name": "Aylin Öz", "birth_date": "1990-02-28", "email": "aylin@example.org", "language": "de"}


async def test_a_month_after_an_appointment_nobody_is_named_any_more(installation: Installation) -> None:
    await announce_key(installation)
    async with unstarted(installation, "booking") as booking:
        booked = []
        for tenant, office in zip(TENANTS, ("mitte", "nord"), strict=True):
            for start in (START, START + timedelta(days=6)):
                body = {"office": office, "concern": "neuantrag", "start": start.isoformat(), **PERSON}
                headers = {**signed("booking", tenant), "Idempotency-Key": str(uuid.uuid4())}
                booked.append((await booking.client.post("/appointments", json=body, headers=headers)).json())
        before = await rows(installation)
        over = START + timedelta(minutes=30, days=30)
        with moved_clock(over - timedelta(seconds=30)):
            await erase_persons(booking.service)
        assert await rows(installation) == before
        with moved_clock(over + timedelta(seconds=1)):
            await erase_persons(booking.service)
        after = await rows(installation)
        later = {id_ for id_, row in after.items() if row["starts_at"] > START}
        assert {id_: after[id_] for id_ in later} == {id_: before[id_] for id_ in later}
        erased = [after[id_] for id_ in after.keys() - later]
        assert {row["tenant"] for row in erased} == set(TENANTS)
        for row in erased:
            gone = {"name": None, "birth_date": None, "email": None, "request_hash": b""}
            kept = before[row["id"]] | gone | {"erased_at": row["erased_at"]}
            assert row == kept
            assert row["erased_at"] is not None

        headers = {**signed("booking", "musterstadt"), "Authorization": f"Bearer {booked[0]['code']}"}
        shown = (await booking.client.get(f"/appointments/{booked[0]['number']}", headers=headers)).json()
        assert (shown["name"], shown["state"]) == (None, "booked"), "the appointment itself can still be opened"


async def rows(installation: Installation) -> dict[Any, dict[str, Any]]:
    return {row["id"]: row for row in await installation.rows("booking", "SELECT * FROM appointments")}


async def test_messages_are_forgotten_a_month_after_they_ended_and_waiting_ones_never(
    installation: Installation,
) -> None:
    insert = """
        INSERT INTO messages (id, tenant, event_id, kind, about, sequence, content, key_id, box, state, attempts,
        error, traceparent, created_at, ended_at)
        SELECT gen_random_uuid(), tenant, gen_random_uuid(), 'appointment-booked', gen_random_uuid(), 0, '{}', '', '',
        :state, 1, '', '', :created, :ended FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant"""
    now = clock.now()
    for state, days in (("sent", 30.1), ("failed", 31), ("sent", 29.9), ("waiting", None)):
        ended = None if days is None else now - timedelta(days=days)
        values = {"state": state, "created": now - timedelta(days=60), "ended": ended}
        await installation.rows("notifications", insert, **values)
    async with unstarted(installation, "notifications") as notifications:
        await forget_messages(notifications.service)
    left = await installation.rows("notifications", "SELECT tenant, state FROM messages ORDER BY tenant, state")
    assert [(row["tenant"], row["state"]) for row in left] == [
        (tenant, state) for tenant in sorted(TENANTS) for state in ("sent", "waiting")
    ]


async def test_the_ids_of_handled_events_are_forgotten_after_a_month(installation: Installation) -> None:
    now = clock.now()
    for days in (29, 31):
        moment = now - timedelta(days=days)
        seen = {"id": uuid.uuid4(), "key": str(days), "moment": moment}
        await installation.rows(
            "statistics", "INSERT INTO inbox VALUES (:id, '', :moment)", id=seen["id"], moment=moment
        )
        version = "INSERT INTO aggregate_versions VALUES ('a-topic', :key, 1, '', :moment)"
        await installation.rows("statistics", version, key=seen["key"], moment=moment)
    async with unstarted(installation, "statistics") as statistics:
        await housekeeping.run(statistics.service)
    [left] = await installation.rows("statistics", "SELECT received_at FROM inbox")
    assert left["received_at"] > now - timedelta(days=30)
    [version_left] = await installation.rows("statistics", "SELECT key FROM aggregate_versions")
    assert version_left["key"] == "29"
