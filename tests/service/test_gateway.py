"""The gateway between people and services: a part that is away is named, and its return goes unnoticed."""

import asyncio
import os
from collections.abc import AsyncIterator

import psutil
import pytest

from tests.harness.answers import problem_of
from tests.harness.inprocess import announce_key, served, unstarted
from tests.harness.installation import Installation, Running


@pytest.fixture
async def booking(installation: Installation) -> AsyncIterator[Running]:
    await announce_key(installation)
    async with unstarted(installation, "booking") as running:
        yield running


@pytest.fixture
async def gateway(installation: Installation) -> AsyncIterator[Running]:
    async with unstarted(installation, "gateway") as running:
        yield running
        for backend in (running.app.state.booking, running.app.state.statistics):
            await backend.close()


def connections_to(port: int) -> int:
    """Count this process's open connections to a port."""
    found = psutil.Process(os.getpid()).net_connections("tcp")
    return sum(bool(c.raddr) and c.raddr.port == port and c.status == psutil.CONN_ESTABLISHED for c in found)


async def test_a_service_that_is_away_is_named_and_the_others_work(
    installation: Installation, booking: Running, gateway: Running
) -> None:
    async with served(booking.app, installation.ports["booking"]):
        assert (await gateway.client.get("/api/v1/offices")).status_code == 200
        away = await gateway.client.get("/api/v1/statistics/appointments")
        assert problem_of(away, 503, "service-away")["part"] == "statistics"
        assert away.headers["retry-after"] == "5"
    found = problem_of(await gateway.client.get("/api/v1/offices"), 503, "service-away")
    assert found["part"] == "booking"
    page = await gateway.client.get("/de/appointments/ABCD-EFGH/token")
    assert page.status_code == 503
    assert "in einer Minute noch einmal" in page.text


async def test_nobody_notices_that_a_service_was_restarted(
    installation: Installation, booking: Running, gateway: Running
) -> None:
    for _ in range(2):
        async with served(booking.app, installation.ports["booking"]):
            answers = await asyncio.gather(*(gateway.client.get("/api/v1/offices") for _ in range(20)))
            assert {answer.status_code for answer in answers} == {200}


async def test_the_gateway_lets_go_of_its_connections_when_it_stops(
    installation: Installation, booking: Running
) -> None:
    port = installation.ports["booking"]
    async with served(booking.app, port):
        async with installation.app("gateway") as gateway:
            assert (await gateway.client.get("/api/v1/offices")).status_code == 200
            assert connections_to(port) == 1
        left = connections_to(port)
        await gateway.app.state.booking.close()
        assert left == 0
