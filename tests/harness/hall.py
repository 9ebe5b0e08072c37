"""The waiting room of an office in browsers: a display, a kiosk, a phone, and the desk at which somebody works."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from playwright.async_api import Browser, expect

from services.booking.domain import Waiting, in_order
from tests.browser import office
from tests.conftest import NewInstallation
from tests.harness.installation import Installation
from tests.harness.lossy import Way, way
from tests.harness.ports import free_port
from tests.harness.visitor import Visitor

MONDAY = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)  # 09:00 in Berlin
SERVICES = ("gateway", "booking", "notifications", "statistics")
DRAWN = "/office/mitte/kiosk/ticket"
EVERYBODY = """
    SELECT id, label, number, state, day, arrived_at, due_at, urgency, called_at FROM tickets
    WHERE tenant = 'musterstadt' AND office_id = 'mitte' ORDER BY called_at, number
"""

Form = dict[str, str | float | bool]


@dataclass
class Hall:
    """The waiting room of an office, and the desk at which somebody works."""

    site: Installation
    way: Way
    display: Visitor
    kiosk: Visitor
    clerk: Visitor
    phone: Visitor
    labels: list[str] = field(default_factory=list)  # of the tickets that people hold

    async def fill(self) -> None:
        """Let people come: at the kiosk, by phone, with an appointment, and one who cannot wait; call the first."""
        await office.become(self.display, "display")
        await office.become(self.kiosk, "kiosk")
        await office.open_desk(self.clerk)
        someone = Visitor(await self.phone.page.context.new_page(), self.phone.base_url, rows=self.site.rows)
        number, code, _ = await office.booked_for_today(someone, "09:10")
        self.labels += [await office.draw_at_kiosk(self.kiosk) for _ in range(2)]
        await self.check_in(number, code)
        self.labels.append(await self.kiosk.page.locator(".label").inner_text())
        await self.ask_for_ticket(self.phone)
        await self.phone.send()
        self.labels.append(await self.phone.page.locator(".label").inner_text())
        reception = Visitor(await self.clerk.page.context.new_page(), self.clerk.base_url)
        await reception.open(f"{office.HERE}/reception")
        await reception.page.click("summary")
        await reception.page.click("label[for=urgency-frail]")
        await reception.press("#draw")
        self.labels.append(await reception.page.locator("[role=status] .label").inner_text())
        await reception.page.close()
        assert await self.call() == self.labels[-1]

    async def ask_for_ticket(self, phone: Visitor) -> None:
        """Fill in the page with which a phone draws a ticket."""
        await phone.open("/office/mitte/ticket")
        await phone.page.click("label:has-text('Unterlagen')")
        await self.type_code(phone)

    async def type_code(self, phone: Visitor) -> None:
        """Type what the display shows now."""
        await phone.page.fill("#shown", await self.display.page.locator(".by-phone strong").inner_text())

    async def check_in(self, number: str, code: str) -> None:
        """Type number and code at the kiosk."""
        await self.kiosk.open("/office/mitte/kiosk/appointment")
        await self.kiosk.page.fill("#number", number)
        await self.kiosk.page.fill("#code", code)
        await self.kiosk.send()

    async def call(self) -> str:
        """Press "next", and return the number when the display shows it."""
        pressed = time.monotonic()
        await self.clerk.press("#next")
        label = await self.clerk.page.locator("#live .label").inner_text()
        await expect(self.display.page.locator(".calls li").first).to_contain_text(label, timeout=5000)
        print(f"{label} is on the display {time.monotonic() - pressed:.2f} s after the button")
        return label

    async def form(self) -> Form:
        """Open the kiosk's page with the concerns; return what its buttons send."""
        await self.kiosk.open(DRAWN)
        names = ("csrf", "key")
        found = {name: await self.kiosk.page.get_attribute(f"input[name={name}]", "value") or "" for name in names}
        return {**found, "concern": "unterlagen"}

    async def tap(self, form: Form) -> tuple[int, str]:
        """Send such a form; return the status, and what the page says."""
        answer = await self.kiosk.page.request.post(f"{self.kiosk.base_url}/de{DRAWN}", form=form)
        text = await answer.text()
        shown = re.search(r'class="label">([A-Z]\d+)<', text) or re.search(r"<h1[^>]*>([^<]*)</h1>", text)
        assert shown, text
        return answer.status, shown[1]

    async def drawn_with(self, form: Form) -> list[str]:
        """Return the labels of the tickets in the database that a form has drawn."""
        query = "SELECT label FROM tickets WHERE idempotency_key LIKE :key"
        return [row["label"] for row in await self.site.rows("booking", query, key=f"%{form['key']}%")]

    async def shown(self) -> tuple[str, str]:
        """Return what the display tells of calls, and of its connection."""
        calls, cut = self.display.page.locator(".called"), self.display.page.locator("#cut")
        return await calls.inner_text(), await cut.inner_text()

    async def check_everybody(self) -> None:
        """Serve everybody; fail when somebody was lost, or called before another whose turn it was."""
        await office.serve(self.clerk)
        while await self.clerk.page.locator("#queue").inner_text() != "In der Reihe: 0":
            await self.call()
            await office.serve(self.clerk)
        everybody = await self.site.rows("booking", EVERYBODY)
        assert sorted(row["label"] for row in everybody) == sorted(self.labels), "each once, nobody is lost"
        assert sorted(row["number"] for row in everybody) == list(range(1, len(everybody) + 1)), "without a gap"
        assert {row["state"] for row in everybody} == {"served"}
        left = {row["label"]: row for row in everybody}
        for row in everybody:
            there = [one for one in left.values() if one["arrived_at"] <= row["called_at"]]
            names = ("id", "arrived_at", "due_at", "urgency", "number")
            waiting = [Waiting(**{name: one[name] for name in names}) for one in there]
            first = in_order(waiting, row["called_at"])[0]
            assert left.pop(row["label"])["id"] == first.id, f"{row['label']} was called before number {first.number}"


@asynccontextmanager
async def hall(new_installation: NewInstallation, chromium: Browser) -> AsyncIterator[Hall]:
    """Open the office on a Monday morning."""
    offset = (MONDAY - datetime.now(UTC)).total_seconds()
    to_booking = free_port()
    site = await new_installation(
        CLOCK_OFFSET_SECONDS=str(offset), DEMO_LOGINS="true", BOOKING_URL=f"http://127.0.0.1:{to_booking}"
    )
    async with AsyncExitStack() as stack:
        between = await stack.enter_async_context(way(to_booking, site.ports["booking"]))
        await site.start("mailbox", *SERVICES)
        contexts = [await chromium.new_context(locale="de-DE") for _ in range(4)]
        for context in contexts:
            stack.push_async_callback(context.close)
        display, kiosk, clerk, phone = [Visitor(await one.new_page(), site.url("gateway")) for one in contexts]
        opened = Hall(site, between, display, kiosk, clerk, phone)
        await opened.fill()
        yield opened
