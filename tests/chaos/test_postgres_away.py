"""PostgreSQL goes away under running services: people are told which part is away, and all goes on afterwards."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import httpx
import pytest
from sqlalchemy import text

from deploy.local import postgres
from tests.harness.chaos import count, mails, no_dead_letters, outboxes_empty
from tests.harness.installation import Installation
from tests.harness.load import Crowd, add_desks, address
from tests.harness.parts import Parts
from tests.harness.waiting import eventually

SERVICES = ("gateway", "booking", "notifications", "statistics")
PEOPLE = 80


@asynccontextmanager
async def refused(installation: Installation) -> AsyncIterator[None]:
    """Refuse all connections to this installation's databases, and end those that are open."""
    names = [f"{service}_{installation.name}" for service in SERVICES]
    async with installation.parts.admin.connect() as connection:
        for name in names:
            await connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(:names)"
        await connection.execute(text(ending), {"names": names})
        yield
        for name in names:
            await connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))


@asynccontextmanager
async def stopped(installation: Installation) -> AsyncIterator[None]:
    """Stop the server; start it on the same data."""
    await asyncio.to_thread(installation.parts.database.stop)
    yield
    directory = installation.parts.directory / "postgres"
    installation.parts.database = await asyncio.to_thread(postgres.start, directory)


async def problem(answer: Awaitable[httpx.Response], part: str) -> str | None:
    """Fail unless the answer says that this part is away; return when to ask again."""
    got = await answer
    assert got.status_code == 503, got.text
    assert got.headers["content-type"] == "application/problem+json"
    assert got.json()["part"] == part
    hint: str | None = got.headers.get("retry-after")
    return hint


@pytest.fixture(scope="module")
async def own_parts() -> AsyncIterator[Parts]:
    """A PostgreSQL that may be stopped; a Kafka comes with it."""
    started = await Parts.start()
    yield started
    await started.stop()


@pytest.mark.parametrize("how", [refused, stopped], ids=["connections refused", "server stopped"])
async def test_without_its_database_each_part_says_so_and_everything_goes_on_when_it_is_back(
    own_parts: Parts, how: Callable[[Installation], AbstractAsyncContextManager[None]]
) -> None:
    installation = await Installation.create(own_parts, CLAIM_SECONDS="25")
    try:
        await add_desks(installation, 10)
        await installation.start("mailbox", *SERVICES)
        processes = {service: installation.children[service].process for service in SERVICES}
        async with httpx.AsyncClient(base_url=installation.url("gateway"), trust_env=False, timeout=30) as client:
            people = await Crowd.gather(client)
            async with asyncio.TaskGroup() as group:
                group.create_task(people.book(PEOPLE, per_second=20))
                await eventually(partial(answered, people, 201))
                async with how(installation):
                    await eventually(partial(answered, people, 503))
                    hints = [
                        await problem(client.get("/api/v1/offices"), "booking"),
                        await problem(client.get("/api/v1/statistics/appointments"), "statistics"),
                    ]
                    for service in SERVICES:
                        await reports(installation, service)
            assert set(people.statuses) == {201, 503}
            await eventually(partial(counted, client), within=30)
        await outboxes_empty(installation, SERVICES)
        addresses = {address(key) for key in people.acknowledged}

        async def told() -> bool:
            return set(await mails(installation)) == addresses

        await eventually(told, within=60)
        assert {len(ids) for ids in (await mails(installation)).values()} == {1}
        assert await count(installation, "booking", "appointments") == len(addresses) == PEOPLE
        assert {service: process.returncode for service, process in processes.items()} == dict.fromkeys(SERVICES)
        await no_dead_letters(installation, SERVICES)
        assert None not in hints, "a 503 says when to ask again (Retry-After)"
    finally:
        await installation.stop()


async def answered(people: Crowd, status: int) -> bool:
    return people.statuses[status] >= 10


async def counted(client: httpx.AsyncClient) -> bool:
    answer = await client.get("/api/v1/statistics/appointments")
    return answer.is_success and answer.json()["booked_online"] == PEOPLE


async def reports(installation: Installation, service: str) -> None:
    """Fail unless a service without its database lives, is not ready and shows its metrics."""
    async with httpx.AsyncClient(base_url=installation.url(service), trust_env=False, timeout=30) as client:
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["parts"]["database"]) == (503, "away")
        assert (await client.get("/health/live")).status_code == 200
        assert "outbox_rows" in (await client.get("/metrics")).text
