"""Services in this process, so that a test can move their clock, look into their database and call their jobs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from nacl.public import PrivateKey

from services.gateway import demo
from shared import clock
from tests.harness.citizen import Citizen
from tests.harness.identity import Signed
from tests.harness.installation import Installation, Running
from tests.harness.waiting import eventually


@contextmanager
def moved_clock(moment: datetime) -> Iterator[None]:
    """Let this process believe that it is another moment, from which time goes on."""
    before = clock_offset()
    clock.set_offset((moment - clock.now()).total_seconds() + before)
    try:
        yield
    finally:
        clock.set_offset(before)


def clock_offset() -> float:
    """Return by how many seconds this process's clock is moved."""
    return (clock.now() - datetime.now(UTC)).total_seconds()


async def announce_key(installation: Installation, service: str = "booking") -> PrivateKey:
    """Give a service the public key that notifications would have announced; return its private half."""
    private = PrivateKey.generate()
    await installation.rows(
        service,
        "INSERT INTO sealing_keys VALUES ('a-key', :public, '2020-01-01T00:00:00Z')",
        public=bytes(private.public_key),
    )
    return private


@asynccontextmanager
async def unstarted(
    installation: Installation, service: str, tenant: str = "", **changes: Any
) -> AsyncIterator[Running]:
    """Put a service together without its background: what it writes stays in its outbox, no job runs by itself."""
    settings = installation.settings(service, clock_offset_seconds=clock_offset(), **changes)
    app: FastAPI = import_module(f"services.{service}.main").create(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        if tenant:
            client.auth = Signed(service, tenant)
        yield Running(app, client)
    await app.state.service.database.close()


@asynccontextmanager
async def served(app: FastAPI, port: int) -> AsyncIterator[None]:
    """Serve an app of this process over real HTTP; its lifespan is the caller's."""
    config = uvicorn.Config(app, "127.0.0.1", port, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())

    async def has_started() -> bool:
        return server.started

    await eventually(has_started)
    yield
    server.should_exit = True
    await serving


@dataclass
class Town:
    """Gateway, booking and applications of one installation in this process, reached over real HTTP.

    Booking's relay runs; what applications publishes stays in its outbox.
    """

    installation: Installation
    booking: Running
    applications: Running
    gateway: Running
    citizen: Citizen
    key: PrivateKey  # with which recipients of applications are opened

    @property
    def client(self) -> httpx.AsyncClient:
        """The way to the gateway."""
        return self.citizen.client


@asynccontextmanager
async def town(installation: Installation) -> AsyncIterator[Town]:
    """Open gateway, booking and applications."""
    await announce_key(installation)
    key = await announce_key(installation, "applications")
    async with (
        installation.app("booking") as booking,
        unstarted(installation, "applications", "musterstadt") as applications,
        installation.app("gateway") as gateway,
        served(booking.app, installation.ports["booking"]),
        served(applications.app, installation.ports["applications"]),
        served(gateway.app, installation.ports["gateway"]),
        httpx.AsyncClient(base_url=installation.url("gateway"), trust_env=False, timeout=30) as client,
    ):
        if gateway.service.settings.demo_logins:
            await demo.make(gateway.service, gateway.app.state.booking)
        yield Town(installation, booking, applications, gateway, Citizen(client), key)
        ways = gateway.app.state
        for backend in (ways.booking, ways.applications, ways.statistics, ways.uploads):
            await backend.close()
