"""Gateways of their own for tests of the waiting room: a rush at one is none at the others."""

from datetime import timedelta
from math import ceil

import asyncpg
import httpx

from services.gateway.domain import SLOW_SHARE
from tests.harness.installation import Installation
from tests.harness.metrics import page, value
from tests.harness.ports import free_port
from tests.harness.waiting import eventually


async def start(site: Installation, name: str, admitted_per_minute: int) -> str:
    """Start a gateway before the site's services, with a database of its own; return its address."""
    values = {
        "PORT": str(free_port()),
        "DATABASE_URL": await site.parts.copy_databases(name),
        "RUSH_ARRIVALS_PER_MINUTE": "1",
        "RUSH_ADMITTED_PER_MINUTE": str(admitted_per_minute),
    }
    site.ports[name] = int(values["PORT"])
    site.children[name] = await site.spawn("gateway", values)
    await site.ready(name)
    return site.url(name)


async def open_rush(address: str) -> None:
    """Come again and again, each time as somebody else, until the waiting room is open."""

    async def is_open() -> bool:
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            return (await client.get("/de/book")).status_code == 303

    await eventually(is_open)


async def fill(site: Installation, name: str, people: int) -> None:
    """Let so many people have come before everybody else, in the quick lane, and as long a wait in the slow one."""
    connection = await asyncpg.connect(
        host=str(site.parts.database.socket_dir), user="postgres", database=f"gateway_{name}"
    )
    opened_at = await connection.fetchval("SELECT opened_at FROM rushes WHERE tenant = 'musterstadt'")
    second = int((opened_at + timedelta(seconds=1)).timestamp())
    statement = "INSERT INTO rush_places (tenant, opened_at, quick, second, people) VALUES ($1, $2, $3, $4, $5)"
    lanes = {True: people, False: ceil(people / SLOW_SHARE)}
    async with connection.transaction():  # who is told of one lane is told of both
        for quick, waiting in lanes.items():
            await connection.execute(statement, "musterstadt", opened_at, quick, second, waiting)
    await connection.close()

    async def all_are_known() -> bool:
        return value("rush_waiting", await page(site, name), tenant="musterstadt") >= sum(lanes.values()) - 5

    await eventually(all_are_known)
