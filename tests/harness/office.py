"""An office with staff, kiosks and displays, over HTTP: signed in with the demo accounts, registered as staff do."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape

import httpx

from tests.harness.inprocess import Town
from tests.harness.member import Member

DEVICES = "/de/staff/offices/{office}/devices"


@asynccontextmanager
async def signed_in(town: Town, login: str, host: str = "localhost") -> AsyncIterator[Member]:
    """Sign a member of staff in."""
    async with Member(str(town.client.base_url), login, host) as member:
        assert (await member.sign_in()).status_code == 303
        yield member


async def registered(town: Town, kind: str, office: str = "mitte", host: str = "localhost") -> str:
    """Register a device as a manager; return the path of its link."""
    async with signed_in(town, "manager", host) as manager:
        shown = await manager.send(DEVICES.format(office=office), name=f"At the door: {kind}", kind=kind)
    assert shown.status_code == 200
    found = re.search(r'href="http://[^/]+(/de/office/[^"]+\?device=[^"]+)"', shown.text)
    assert found, shown.text
    return unescape(found[1])


@asynccontextmanager
async def browser(town: Town, host: str = "localhost", address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """Open a browser without cookies. `address`: the gateway sees it come from there."""
    way = httpx.AsyncHTTPTransport(local_address=address)
    async with httpx.AsyncClient(transport=way, base_url=town.client.base_url, headers={"Host": host}) as opened:
        yield opened
