"""Trouble that passes is waited out; trouble that does not pass stops the consumer before it spoils everything."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest
from aiokafka import TopicPartition
from sqlalchemy import text

from services.statistics.consumers import HANDLERS
from shared import metrics
from shared.contracts.booking import AppointmentBooked
from shared.inbox import Handlers
from tests.harness import kafka
from tests.harness.chaos import count, no_dead_letters
from tests.harness.events import booked, changed, record
from tests.harness.installation import Installation
from tests.harness.kafka import Raw, produce
from tests.harness.messaging import fails, release, waiting_for_a_lock
from tests.harness.metrics import page, value
from tests.harness.reading import caught_up
from tests.harness.waiting import eventually

BOOKED = "booking.appointment-booked.v1"


def good(installation: Installation, number: int) -> list[Raw]:
    return [record(installation, booked(), partition=0) for _ in range(number)]


def bad(installation: Installation, number: int) -> list[Raw]:
    return [changed(raw, ce_time=b"yesterday") for raw in good(installation, number)]


async def facts(installation: Installation, number: int) -> bool:
    return await count(installation, "statistics", "appointment_facts") == number


@asynccontextmanager
async def table_locked(installation: Installation, table: str) -> AsyncIterator[None]:
    async with installation.connection("statistics") as connection, connection.transaction():
        await connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield


async def end_backends(installation: Installation, service: str, among: list[int] | None = None) -> None:
    """End the database's end of a service's connections: all, or these."""
    async with installation.parts.admin.connect() as connection:
        statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        if among is not None:
            statement += f" AND pid IN ({', '.join(map(str, among))})"
        await connection.execute(text(statement), {"name": f"{service}_{installation.name}"})


async def allow_connections(installation: Installation, service: str, *, allowed: bool) -> None:
    async with installation.parts.admin.connect() as connection:
        name = f"{service}_{installation.name}"
        await connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}"))


async def test_a_connection_that_ends_amid_a_batch_and_a_database_that_is_away_cost_no_event_and_no_process(
    installation: Installation,
) -> None:
    await installation.start("statistics")
    process = installation.children["statistics"].process
    async with AsyncExitStack() as lock:
        await lock.enter_async_context(table_locked(installation, "appointment_facts"))
        await produce(installation.kafka, good(installation, 30))
        for _ in range(2):
            writing = partial(waiting_for_a_lock, installation, "statistics", "INSERT INTO appointment_facts%")
            await end_backends(installation, "statistics", await eventually(writing))
    await eventually(partial(facts, installation, 30))

    async def failed(times: int) -> bool:
        return value("events_failed_total", await page(installation, "statistics")) >= times

    assert await failed(2)
    await allow_connections(installation, "statistics", allowed=False)
    await end_backends(installation, "statistics")
    await produce(installation.kafka, good(installation, 30))
    await eventually(partial(failed, 4))
    await allow_connections(installation, "statistics", allowed=True)
    await eventually(partial(facts, installation, 60))
    await caught_up(installation, "statistics")
    shown = await page(installation, "statistics")
    assert value("events_consumed_total", shown, type=BOOKED) == 60
    assert process.returncode is None
    await no_dead_letters(installation, ["statistics"])


@pytest.mark.parametrize("fault", ["records", "release"])
async def test_more_dead_letters_in_a_row_than_allowed_halt_the_consumer_and_nothing_of_the_batch_is_done(
    installation: Installation, fault: str
) -> None:
    faulty: Handlers = {**dict(HANDLERS), AppointmentBooked: fails}
    wrong, handlers = (bad, HANDLERS) if fault == "records" else (good, faulty)
    metrics.CONSUMER_HALTED.set(0)  # what an earlier test's service in this process has left
    await produce(installation.kafka, [*good(installation, 1), *wrong(installation, 6), *good(installation, 3)])
    async with release(installation, "statistics", handlers, versioned=False, dead_letter_limit=5) as halting:

        async def failing() -> bool:
            return (await halting.client.get("/health/live")).status_code == 503 and value("consumer_halted") == 1

        await eventually(failing)
        assert (await halting.client.get("/health/live")).json()["parts"]["consumer"].startswith("halted")
    for table in ("appointment_facts", "inbox", "dead_letters"):
        assert await count(installation, "statistics", table) == 0
    partition = TopicPartition(f"{installation.name}.booking.appointment", 0)
    offsets = await kafka.committed(installation.kafka, f"{installation.name}.statistics")
    assert offsets.get(partition, 0) == 0

    async with installation.app("statistics") as repaired:
        await caught_up(installation, "statistics")
        assert (await repaired.client.get("/health/live")).status_code == 200
    dead = 6 if fault == "records" else 0
    assert await count(installation, "statistics", "dead_letters") == dead
    assert await count(installation, "statistics", "appointment_facts") == 10 - dead


async def test_dead_letters_with_good_events_between_them_are_no_run(installation: Installation) -> None:
    records = [raw for _ in range(4) for raw in (*bad(installation, 3), *good(installation, 1))]
    await produce(installation.kafka, records)
    async with installation.app("statistics", dead_letter_limit=5) as running:
        await caught_up(installation, "statistics")
        assert (await running.client.get("/health/live")).status_code == 200
    assert await count(installation, "statistics", "dead_letters") == 12
    assert await count(installation, "statistics", "appointment_facts") == 4


async def test_a_batch_that_comes_again_counts_its_dead_letters_once(installation: Installation) -> None:
    async with AsyncExitStack() as lock, installation.app("statistics", dead_letter_limit=5) as running:
        await lock.enter_async_context(table_locked(installation, "dead_letters"))
        await produce(installation.kafka, bad(installation, 4))
        writing = partial(waiting_for_a_lock, installation, "statistics", "INSERT INTO dead_letters%")
        await end_backends(installation, "statistics", await eventually(writing))
        await lock.aclose()

        async def decided() -> bool:
            halted = (await running.client.get("/health/live")).status_code == 503
            return halted or await count(installation, "statistics", "dead_letters") == 4

        await eventually(decided)
        assert (await running.client.get("/health/live")).status_code == 200
