"""Services that exist for a test alone, on the database and in the group of a real one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from shared.db import Session
from shared.events import Event
from shared.inbox import Handlers
from shared.service import Service, create_app
from tests.harness.installation import Installation, Running


async def fails(_event: Event, _session: Session) -> None:
    """Handle no event: the handler of a bad release."""
    raise RuntimeError("a fault of this release")


@asynccontextmanager
async def release(
    installation: Installation, service: str, handlers: Handlers, *, versioned: bool = True, **changes: Any
) -> AsyncIterator[Running]:
    """Run another release of a service in this process: one that has these handlers."""
    app = create_app(Service(installation.settings(service, **changes), handlers=handlers, versioned=versioned), [])
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        yield Running(app, client)


async def waiting_for_a_lock(installation: Installation, service: str, query: str) -> list[int]:
    """Return the backends of a service that wait for a lock in such a query (as in LIKE)."""
    statement = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
        "AND query LIKE :query"
    )
    return [row["pid"] for row in await installation.rows(service, statement, query=query)]
