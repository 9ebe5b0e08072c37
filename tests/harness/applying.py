"""The gateway with the applications behind it, in this process, and somebody at its pages."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import httpx

from tests.harness import inprocess
from tests.harness.applicant import Applicant
from tests.harness.inprocess import Town, served, unstarted
from tests.harness.installation import Installation
from tests.harness.pages import csrf_of, hidden_fields

PERSON = {"name": "Aylin Öz", "birth_date": "17.5.1990", "email": "aylin@example.org", "phone": ""}
JPEG = b"\xff\xd8\xff\xe0" + b"not looked at yet" * 1000


@dataclass
class Hall:
    """The gateway, and applications itself; nothing looks at what is handed in."""

    town: Town
    applications: Applicant

    @property
    def url(self) -> str:
        """Where the gateway is."""
        return str(self.town.client.base_url)


@asynccontextmanager
async def hall(installation: Installation, now: datetime) -> AsyncIterator[Hall]:
    """Open gateway, applications, booking, and statistics, which knows that six stayed `received` for 1 to 6 days."""
    async with (
        unstarted(installation, "statistics") as statistics,
        served(statistics.app, installation.ports["statistics"]),
    ):
        for days in range(1, 7):
            ended = now - timedelta(days=1)
            await installation.rows(
                "statistics",
                "INSERT INTO processing_facts "
                "VALUES (:id, 'musterstadt', :id, 'mitte', 'l1', 'received', :start, :end)",
                id=uuid4(),
                start=ended - timedelta(days=days),
                end=ended,
            )
        async with inprocess.town(installation) as town:
            yield Hall(town, Applicant(installation, town.applications, town.key))


async def apply(phone: httpx.AsyncClient, **changes: str) -> httpx.Response:
    """Go the whole way to an application; return the last page."""
    page = await phone.get("/de/applications/new/details?benefit=l1")
    page = await phone.post("/de/applications/new/check", data=hidden_fields(page.text) | PERSON | changes)
    return await phone.post("/de/applications/new", data=hidden_fields(page.text))


def secrets_of(page: str) -> tuple[str, str]:
    """Return reference and code that the confirmation shows."""
    reference, code = re.findall(r'<span class="secret">([^<]+)</span>', page)
    return reference, code


async def open_by(phone: httpx.AsyncClient, **typed: str) -> httpx.Response:
    """Type reference and code, or a birth date."""
    page = await phone.get("/de/applications/open")
    return await phone.post("/de/applications/open", data={"csrf": csrf_of(page.text), **typed})


async def hand_in(phone: httpx.AsyncClient, path: str, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    """Send files by the form of a paper."""
    page = await phone.get(path)
    data = hidden_fields(page.text)
    data = {"csrf": data["csrf"], "key": data["key"]} | fields
    chosen = [("file", (name, content)) for name, content in files]
    return await phone.post(path, data=data, files=chosen, timeout=60)
