"""A crash at the two moments that matter: between Kafka's acknowledgement and what is recorded of it."""

import uuid
from collections import Counter
from contextlib import AsyncExitStack
from functools import partial

import httpx
from aiokafka import TopicPartition

from tests.conftest import NewInstallation
from tests.harness import kafka
from tests.harness.chaos import Broker, appointments_waiting, count, kill, mails
from tests.harness.citizen import Citizen
from tests.harness.events import booked, recipient, record
from tests.harness.installation import Installation
from tests.harness.kafka import produce
from tests.harness.messaging import waiting_for_a_lock
from tests.harness.metrics import page, value
from tests.harness.reading import caught_up
from tests.harness.waiting import eventually

RELAY_LOCK = "hashtextextended('outbox-relay', 0)"
TABLES = {"notifications": "messages", "statistics": "appointment_facts"}


async def committed(installation: Installation, service: str) -> dict[TopicPartition, int]:
    return await kafka.committed(installation.kafka, f"{installation.name}.{service}")


async def all_sent(installation: Installation) -> bool:
    return await count(installation, "notifications", "due_messages") == 0


async def test_a_relay_killed_after_kafka_has_the_events_and_before_it_forgets_them_sends_them_twice_to_no_effect(
    installation: Installation,
) -> None:
    addresses = [f"{uuid.uuid4()}@example.org" for _ in range(5)]
    topic = f"{installation.name}.booking.appointment"
    await installation.start("mailbox")
    async with (
        installation.app("notifications"),
        installation.app("statistics"),
        installation.connection("booking") as relay_lock,
        installation.connection("booking") as row_locks,
        httpx.AsyncClient(base_url=installation.url("gateway"), trust_env=False, timeout=30) as client,
    ):
        # The relay of booking stands by as long as another has its lock; meanwhile events gather.
        await relay_lock.execute(f"SELECT pg_advisory_lock({RELAY_LOCK})")
        await installation.start("gateway", "booking")
        citizen = Citizen(client)
        slots = await citizen.slots()
        for address, slot in zip(addresses, slots, strict=False):
            assert (await citizen.book(slot["start"], email=address)).status_code == 201
        # Its DELETE will wait for these rows: it stops exactly between sending and deleting.
        transaction = row_locks.transaction()
        await transaction.start()
        locked = await row_locks.fetch("SELECT ce_id FROM outbox WHERE topic = $1 FOR UPDATE", "booking.appointment")
        assert len(locked) == len(addresses)
        await relay_lock.execute(f"SELECT pg_advisory_unlock({RELAY_LOCK})")

        [orphan] = await eventually(lambda: waiting_for_a_lock(installation, "booking", "DELETE FROM outbox%"))
        assert sum((await kafka.end_offsets(installation.kafka, [topic])).values()) == len(addresses)
        await kill(installation, "booking")
        # PostgreSQL notices a vanished client late: its DELETE must not go through after all.
        await relay_lock.execute("SELECT pg_terminate_backend($1)", orphan)
        await transaction.rollback()
        assert await appointments_waiting(installation) == len(addresses)

        repeated = value("events_repeated_total", type="booking.appointment-booked.v1")
        await installation.start("booking")

        async def empty() -> bool:
            return await count(installation, "booking", "outbox") == 0

        await eventually(empty)
        sent = Counter(
            dict(found.headers)["ce_id"].decode() for found in await kafka.read_all(installation.kafka, topic)
        )
        assert sent == {str(row["ce_id"]): 2 for row in locked}
        await caught_up(installation, "notifications", "statistics")
        assert value("events_repeated_total", type="booking.appointment-booked.v1") - repeated == 2 * len(addresses)
        assert await count(installation, "statistics", "appointment_facts") == len(addresses)
        assert await count(installation, "notifications", "messages") == len(addresses)

        await eventually(lambda: all_sent(installation))
        found = await mails(installation)
        assert {address: ids.total() for address, ids in found.items()} == dict.fromkeys(addresses, 1)


async def test_a_consumer_killed_after_its_commit_and_before_kafka_knows_reads_again_to_no_effect(
    new_installation: NewInstallation, own_broker: Broker
) -> None:
    installation = await new_installation(kafka=own_broker.kafka.bootstrap_servers)
    services = tuple(TABLES)
    await installation.start("mailbox", *services)
    addresses = [f"{uuid.uuid4()}@example.org" for _ in range(20)]
    events = [
        record(installation, booked(recipient=await recipient(installation, address)), partition=0)
        for address in addresses
    ]
    await produce(installation.kafka, events[:10])
    await caught_up(installation, *services)

    async with AsyncExitStack() as held:
        for service, table in TABLES.items():
            connection = await held.enter_async_context(installation.connection(service))
            await held.enter_async_context(connection.transaction())
            await connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        await produce(installation.kafka, events[10:])
        for service in TABLES:
            await eventually(partial(waiting_for_a_lock, installation, service, "INSERT INTO %"))
        # Kafka goes while both wait in their transaction: these will commit, and their offsets cannot.
        await own_broker.kill()

    async def applied() -> bool:
        return [await count(installation, service, table) for service, table in TABLES.items()] == [20, 20]

    await eventually(applied)
    await kill(installation, *services)
    # What the killed mailer had claimed would wait a minute for the claim to expire: let it have passed.
    await installation.rows("notifications", "UPDATE due_messages SET claimed_until = '2020-01-01T00:00:00Z'")
    await own_broker.start()
    for service in services:
        first = TopicPartition(f"{installation.name}.booking.appointment", 0)
        offsets = await eventually(partial(committed, installation, service))
        assert offsets[first] == 10

    await installation.start(*services)
    await caught_up(installation, *services)
    for service in services:
        metrics = await page(installation, service)
        assert value("events_repeated_total", metrics, type="booking.appointment-booked.v1") == 10
        assert value("events_consumed_total", metrics, type="booking.appointment-booked.v1") == 0
    assert await applied()
    await eventually(lambda: all_sent(installation))
    # A mail that was under way when its sender was killed may come again, as the same (docs/adr/0007).
    assert {address: len(ids) for address, ids in (await mails(installation)).items()} == dict.fromkeys(addresses, 1)
