"""Outbox and relay: what was committed is in Kafka, whole, in order per aggregate, and nothing else is."""

import asyncio
import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from aiokafka import ConsumerRecord

from shared import outbox
from shared.contracts.booking import AppointmentBooked
from shared.db import Database
from shared.outbox import LIMIT, EventTooLarge
from tests.harness import kafka
from tests.harness.chaos import count, kill
from tests.harness.events import TENANT, booked
from tests.harness.identity import Signed
from tests.harness.inprocess import announce_key
from tests.harness.installation import Installation
from tests.harness.metrics import value
from tests.harness.ports import free_port
from tests.harness.waiting import eventually

TRACE = "0af7651916cd43dd8448eb211c80319c"
AGGREGATES, VERSIONS = 20, 80


async def publish(database: Database, *events: AppointmentBooked) -> None:
    async with database.transaction(TENANT) as session:
        for event in events:
            outbox.add(session, event)


async def publish_and_fail(database: Database, event: AppointmentBooked) -> None:
    async with database.transaction(TENANT) as session:
        outbox.add(session, event)
        await session.flush()
        raise ZeroDivisionError


async def sent(installation: Installation) -> list[ConsumerRecord[bytes, bytes]]:
    """Wait until the outbox of booking is empty and return what is in Kafka."""

    async def empty() -> bool:
        return await count(installation, "booking", "outbox") == 0

    await eventually(empty, within=30)
    return await kafka.read_all(installation.kafka, f"{installation.name}.booking.appointment")


async def test_a_booking_is_in_kafka_with_key_cloudevents_headers_trace_and_json_and_names_nobody(
    installation: Installation,
) -> None:
    await announce_key(installation)
    async with installation.app("booking") as booking:
        client = booking.client
        client.auth = Signed("booking", TENANT)
        today = date.today()
        period = {"from": today.isoformat(), "to": (today + timedelta(days=14)).isoformat()}
        [slot, *_] = (await client.get("/offices/mitte/slots", params={"concern": "neuantrag", **period})).json()
        body = {"office": "mitte", "concern": "neuantrag", "start": slot["start"], "name": "Aylin Öz"}
        headers = {"Idempotency-Key": str(uuid4()), "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        answer = await client.post("/appointments", json={**body, "email": "a@example.org"}, headers=headers)
        assert answer.status_code == 201, answer.text
        [record] = await sent(installation)
    read = {name: raw.decode() for name, raw in record.headers}
    assert record.key == answer.json()["id"].encode()
    assert UUID(read["ce_id"]).version == 7
    assert datetime.fromisoformat(read["ce_time"]).tzinfo is not None
    assert read["traceparent"].split("-")[1] == TRACE
    fixed = {name: read[name] for name in read if name not in {"ce_id", "ce_time", "traceparent"}}
    assert fixed == {
        "ce_specversion": "1.0",
        "ce_type": "booking.appointment-booked.v1",
        "ce_source": "/booking",
        "ce_subject": answer.json()["id"],
        "ce_tenant": TENANT,
        "content-type": "application/json",
    }
    event = json.loads(record.value)
    assert event["number"] == answer.json()["number"]
    assert b"Aylin" not in record.value
    assert b"example.org" not in record.value


async def test_a_transaction_that_was_rolled_back_has_published_nothing(installation: Installation) -> None:
    undone, done = booked(), booked()
    async with installation.app("booking") as booking:
        database = booking.service.database
        with pytest.raises(ZeroDivisionError):
            await publish_and_fail(database, undone)
        await publish(database, done)
        assert [record.key for record in await sent(installation)] == [done.key.encode()]


async def test_an_event_of_900_kb_is_published_and_one_byte_more_is_refused_and_undoes_its_transaction(
    installation: Installation,
) -> None:
    room = LIMIT - len(booked(number="").model_dump_json().encode())
    largest, too_large = booked(number="x" * room), booked(number="x" * (room + 1))
    async with installation.app("booking") as booking:
        with pytest.raises(EventTooLarge, match="900001"):
            await publish(booking.service.database, booked(), too_large)
        assert await count(installation, "booking", "outbox") == 0
        await publish(booking.service.database, largest)
        [record] = await sent(installation)
    assert record.key == largest.key.encode()
    assert len(record.value) == LIMIT


async def test_events_of_one_aggregate_stay_in_order_with_two_relays_of_which_the_active_one_is_killed(
    installation: Installation,
) -> None:
    ports = {name: free_port() for name in ("one", "other")}
    await announce_key(installation)
    for name, port in ports.items():
        installation.ports[name] = port
        installation.children[name] = await installation.spawn("booking", {"PORT": str(port)})
    await asyncio.gather(*(installation.ready(name) for name in ports))

    async def active() -> list[str]:
        return [name for name in ports if await is_active(installation.url(name))]

    first = await eventually(active)
    assert len(first) == 1
    database = Database(installation.settings("booking").database)
    aggregates = [uuid4() for _ in range(AGGREGATES)]
    for version in range(1, VERSIONS + 1):
        await publish(database, *(booked(appointment_id=id_, version=version) for id_ in aggregates))
        if version == VERSIONS // 2:
            await kill(installation, first[0])
    await database.close()
    records = await sent(installation)
    assert await active() == [name for name in ports if name != first[0]]
    versions: dict[bytes, list[int]] = defaultdict(list)
    seen = set()
    for record in records:
        # What the killed one had sent but not deleted is there again, as the same event.
        if (id_ := dict(record.headers)["ce_id"]) not in seen:
            seen.add(id_)
            versions[record.key].append(json.loads(record.value)["version"])
    assert versions == {str(id_).encode(): list(range(1, VERSIONS + 1)) for id_ in aggregates}


async def is_active(url: str) -> bool:
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        try:
            return value("kafka_up", (await client.get("/metrics")).text) == 1
        except httpx.TransportError:
            return False


async def test_more_than_a_relay_takes_at_once_keeps_its_order(installation: Installation) -> None:
    id_ = uuid4()
    database = Database(installation.settings("booking").database)
    await publish(database, *(booked(appointment_id=id_, version=version) for version in range(1, 1602)))
    await database.close()
    async with installation.app("booking"):
        records = await sent(installation)
    assert [json.loads(record.value)["version"] for record in records] == list(range(1, 1602))


async def test_metrics_show_how_much_waits_and_for_how_long_and_that_nothing_waits_any_more(
    installation: Installation,
) -> None:
    async def shown(rows: int) -> bool:
        return value("outbox_rows") == rows and (value("outbox_oldest_age_seconds") > 0) == bool(rows)

    async with installation.app("booking", kafka_bootstrap_servers=f"127.0.0.1:{free_port()}") as booking:
        await publish(booking.service.database, booked(), booked(), booked())
        await eventually(lambda: shown(3))
    async with installation.app("booking"):
        assert len(await sent(installation)) == 3
        await eventually(lambda: shown(0))
