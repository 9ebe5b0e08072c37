"""Accounts that everybody knows, for whoever tries this out; without the setting nobody can use them."""

import asyncio
import ipaddress
from functools import partial
from typing import Any

from services.gateway import accounts, passwords
from services.gateway.backend import Backend, ServiceAway
from services.gateway.settings import GatewaySettings
from shared.db import is_transient
from shared.service import Job, Service
from shared.settings import BadSetting


def check(settings: GatewaySettings) -> None:
    """Raise `BadSetting` when accounts that everybody knows could be reached from another machine.

    That `HOST` is this machine does not say so: a proxy on it may lead here.
    """
    if settings.demo_logins and not settings.embedded:
        raise BadSetting(
            "DEMO_LOGINS makes accounts whose password everybody knows: only the embedded start (make run) may have "
            "them. Leave DEMO_LOGINS out, and make accounts with services.gateway.manage_accounts."
        )
    if settings.demo_logins and not _is_loopback(settings.host):
        raise BadSetting(
            "DEMO_LOGINS makes accounts whose password everybody knows, so HOST must be an address of this machine "
            "only, such as 127.0.0.1. Leave DEMO_LOGINS out, and make accounts with services.gateway.manage_accounts."
        )


def tasks(settings: GatewaySettings, booking: Backend) -> dict[str, Job]:
    """Return the background task that makes the accounts, where they are asked for; raise `BadSetting` as `check`."""
    check(settings)
    return {"demo-logins": partial(keep, booking=booking)} if settings.demo_logins else {}


async def keep(service: Service[Any], booking: Backend) -> None:
    """Make the accounts, and rest: a background task that ends, ends its process."""
    await make(service, booking)
    await asyncio.Event().wait()


async def make(service: Service[Any], booking: Backend) -> None:
    """Make the demo accounts of each tenant, in all its offices, as soon as booking can name them."""
    password_hash = await asyncio.to_thread(passwords.hash_of, accounts.DEMO_PASSWORD)
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


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
