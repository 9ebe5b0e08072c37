"""Fixtures of the browser tests: the whole system on a Monday morning that never changes, and a real browser."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Browser

from deploy import migrate
from tests.browser import waiting_rooms
from tests.harness.citizen import Mailbox
from tests.harness.installation import Installation
from tests.harness.parts import Parts
from tests.harness.ports import free_port
from tests.harness.visitor import Visitor

MONDAY = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)  # 09:00 in Berlin; no holiday or closure within the horizon
# A third Jobcenter, which has no free time: its only desk is open on Sundays, after the horizon.
FULL = """
id: voll
hosts: [voll.localhost]
name: Jobcenter Vollstadt
land: NW
zone: Europe/Berlin
languages: [de, en]
sender: {name: Jobcenter Vollstadt, address: termin@voll.example}
offices:
  - id: mitte
    name: Jobcenter Vollstadt
    address: {street: Marktplatz 1, postcode: "12345", city: Vollstadt}
    phone: "+49 30 23125 100"
    teams:
      - id: eingang
        name: Eingang
        desks: 1
        concerns: [neuantrag]
        hours: [{days: [sun], from: "08:00", to: "09:00"}]
concerns:
  - id: neuantrag
    name: {de: Neuen Antrag stellen, en: Make a new application}
    minutes: 30
    lead_days: 1
    horizon_days: 3
    papers: {de: [Ausweis], en: [Identity card]}
"""
# An office of Düsseldorf whose online booking is switched off.
OFF = "INSERT INTO switch_settings VALUES ('duesseldorf', 'ost', 'online-booking', false, 1, '2026-09-07T05:00Z')"
NewVisitor = Callable[..., Awaitable[Visitor]]


@pytest.fixture(scope="session")
async def site(parts: Parts) -> AsyncIterator[Installation]:
    """The whole system as processes, on that Monday."""
    tenants = parts.directory / "browser-tenants"
    shutil.copytree("deploy/tenants", tenants)
    (tenants / "voll.yml").write_text(FULL, encoding="utf-8")
    offset = (MONDAY - datetime.now(UTC)).total_seconds()
    whole = await Installation.create(
        parts, CLOCK_OFFSET_SECONDS=str(offset), TENANTS_DIR=str(tenants), DEMO_LOGINS="true"
    )
    await migrate.seed("booking", parts.database.url("booking_owner", f"booking_{whole.name}"), tenants)
    await whole.rows("gateway", OFF)
    await whole.start("mailbox", "gateway", "booking", "applications", "notifications", "statistics")
    yield whole
    await whole.stop()


@pytest.fixture(scope="session")
async def lonely(site: Installation) -> str:
    """The address of a gateway behind which everything is away."""
    port, nowhere = free_port(), f"http://127.0.0.1:{free_port()}"
    values = {"PORT": str(port), "BOOKING_URL": nowhere, "APPLICATIONS_URL": nowhere, "STATISTICS_URL": nowhere}
    site.ports["lonely"] = port
    site.children["lonely"] = await site.spawn("gateway", values)
    await site.ready("lonely")
    return site.url("lonely")


@pytest.fixture(scope="session")
async def crowded(site: Installation) -> str:
    """The address of a gateway where 42 people wait before they can book: for 42 minutes, so longer than any run."""
    address = await waiting_rooms.start(site, "crowded", admitted_per_minute=1)
    await waiting_rooms.open_rush(address)
    await waiting_rooms.fill(site, "crowded", people=42)
    return address


@pytest.fixture
async def visitor(chromium: Browser, site: Installation) -> AsyncIterator[NewVisitor]:
    """Make visitors, each with a browser of their own; `host` or `base_url` choose another Jobcenter or gateway."""
    async with AsyncExitStack() as stack:

        async def create(
            language: str = "de", *, host: str = "localhost", base_url: str = "", **options: Any
        ) -> Visitor:
            context = await chromium.new_context(
                locale={"de": "de-DE", "en": "en-GB"}[language],
                viewport=options.pop("viewport", {"width": 320, "height": 640}),
                **options,
            )
            stack.push_async_callback(context.close)
            address = base_url or f"http://{host}:{site.ports['gateway']}"
            return Visitor(await context.new_page(), address, language, mailbox, site.rows)

        mailbox = Mailbox.of(site)
        stack.push_async_callback(mailbox.close)
        yield create
