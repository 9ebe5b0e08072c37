"""Accounts that everybody knows, for whoever tries this out; without the setting nobody can use them."""

import asyncio
from typing import Any

from services.gateway import accounts
from services.gateway.backend import Backend, ServiceAway
from shared.db import is_transient
from shared.service import Service


async def keep(service: Service[Any], booking: Backend) -> None:
    """Make the accounts, and rest: a background task that ends, ends its process."""
    await make(service, booking)
    await asyncio.Event().wait()


async def make(service: Service[Any], booking: Backend) -> None:
    """Make the demo accounts of each tenant, in all its offices, as soon as booking can name them."""
    password_hash = await asyncio.to_thread(accounts.hash_of, accounts.DEMO_PASSWORD)
    for tenant in service.tenants.by_id:
        while True:
            try:
                offices = [office["id"] for office in await booking.get("/offices", tenant)]
                async with service.database.transaction(tenant) as session:
                    await accounts.make_demo(session, offices, password_hash)
                break
            except ServiceAway:
                await asyncio.sleep(1)
            except Exception as error:
                if not is_transient(error):
                    raise
                await asyncio.sleep(1)
