"""Kafka is killed and stays away: bookings go on, and everything arrives once when it is back."""

import signal
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.harness.chaos import Broker, appointments_waiting, count, mails, no_dead_letters, outboxes_empty, stop
from tests.harness.installation import Installation
from tests.harness.load import Crowd, add_desks, address
from tests.harness.metrics import page, value
from tests.harness.parts import Parts
from tests.harness.waiting import eventually

SERVICES = ("gateway", "booking", "notifications", "statistics")


@pytest.fixture(scope="module")
async def crowd(parts: Parts, second_broker: Broker) -> AsyncIterator[tuple[Installation, Crowd]]:
    installation = await Installation.create(parts, kafka=second_broker.kafka.bootstrap_servers)
    await add_desks(installation, 10)
    await installation.start("mailbox", *SERVICES)
    async with httpx.AsyncClient(base_url=installation.url("gateway"), trust_env=False, timeout=30) as client:
        yield installation, await Crowd.gather(client)
    await installation.stop()


async def readiness(installation: Installation, service: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=installation.url(service), trust_env=False, timeout=30) as client:
        return await client.get("/health/ready")


async def all_told(installation: Installation, people: Crowd) -> None:
    async def told() -> bool:
        [row] = await installation.rows("booking", "SELECT count(*) AS n FROM appointments WHERE mail = 'sent'")
        return bool(row["n"] == len(people.acknowledged))

    await eventually(told, within=60)


async def test_bookings_go_on_without_kafka_and_all_mails_and_figures_arrive_once_it_is_back(
    crowd: tuple[Installation, Crowd], own_broker: Broker
) -> None:
    installation, people = crowd
    await people.book(5, per_second=20)
    await all_told(installation, people)
    before = len(people.acknowledged)

    await own_broker.kill()
    await people.book(40, per_second=20)
    assert set(people.statuses) == {201}
    assert await appointments_waiting(installation) == 40
    ready = await readiness(installation, "booking")
    assert ready.status_code == 200, ready.text

    await own_broker.start()
    await all_told(installation, people)
    assert len(people.acknowledged) == before + 40
    await outboxes_empty(installation, SERVICES)
    found = await mails(installation)
    assert {to: ids.total() for to, ids in found.items()} == {address(key): 1 for key in people.acknowledged}

    async def counted() -> bool:
        return await count(installation, "statistics", "appointment_facts") == len(people.acknowledged)

    await eventually(counted)
    figures = await people.citizen.client.get("/api/v1/statistics/appointments")
    assert figures.json()["booked_online"] == len(people.acknowledged)
    await no_dead_letters(installation, SERVICES)


async def test_while_kafka_is_away_metrics_and_readiness_say_so_and_requests_are_served(
    crowd: tuple[Installation, Crowd], own_broker: Broker
) -> None:
    installation, people = crowd

    async def says(kafka: str, rows: int) -> bool:
        ready = await readiness(installation, "booking")
        assert ready.status_code == 200, ready.text
        metrics = await page(installation, "booking")
        others = await count(installation, "booking", "outbox") - await appointments_waiting(installation)
        waiting = value("outbox_rows", metrics) - others
        old = value("outbox_oldest_age_seconds", metrics) > 0
        return ready.json()["parts"]["kafka"].startswith(kafka) and waiting == rows and old == bool(rows)

    await eventually(lambda: says("ok", 0))
    await own_broker.kill()
    await people.book(7, per_second=20)
    await eventually(lambda: says("away", 7), within=30, every=0.5)
    await own_broker.start()
    await eventually(lambda: says("ok", 0), within=30, every=0.5)


async def test_gateway_and_booking_end_when_told_and_start_again_while_kafka_is_away(
    crowd: tuple[Installation, Crowd], own_broker: Broker
) -> None:
    installation, people = crowd
    await outboxes_empty(installation, SERVICES)
    await own_broker.kill()
    await people.book(5, per_second=20)
    codes = await stop(installation, "gateway", "booking")
    await installation.start("gateway", "booking")
    await people.book(5, per_second=20)
    assert set(people.statuses) == {201}
    assert await appointments_waiting(installation) == 10
    assert (await readiness(installation, "booking")).json()["parts"]["kafka"].startswith("away")

    await own_broker.start()
    await all_told(installation, people)
    found = await mails(installation)
    assert {to: ids.total() for to, ids in found.items()} == {address(key): 1 for key in people.acknowledged}
    assert -signal.SIGKILL not in codes
