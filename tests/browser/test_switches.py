"""A manager switches an office's online booking off and back in a browser; all processes heed it within ten seconds."""

import uuid
from collections.abc import Awaitable, Callable

import httpx
from playwright.async_api import expect

from tests.browser.conftest import NewVisitor
from tests.harness.installation import Installation
from tests.harness.waiting import eventually

HOST = "duesseldorf.localhost"
TIMES = "/book/time?concern=neuantrag&office=sued"
PERIOD = {"concern": "neuantrag", "from": "2026-09-08", "to": "2026-09-11"}
WITHIN = 10  # seconds: the promise


async def test_off_in_two_presses_and_back_in_one(visitor: NewVisitor, site: Installation) -> None:
    manager, someone = await visitor("de", host=HOST), await visitor("de", host=HOST)
    async with httpx.AsyncClient(base_url=site.url("gateway"), headers={"Host": HOST}, trust_env=False) as client:
        free = (await client.get("/api/v1/offices/sued/slots", params=PERIOD)).json()
        wanted = {"office": "sued", "concern": "neuantrag", "start": free[-1]["start"], "name": "Aylin Öz"}
        await manager.sign_in("manager")
        await manager.press("a[href$='/offices/sued/switches']")
        await manager.press("a[href$='/switches/online-booking']")
        await manager.page.fill("#reason", "Wasserschaden")
        await manager.send()
        await expect(manager.page.locator("main")).to_contain_text("Demo manager: Wasserschaden")

        async def book() -> int:
            headers = {"Idempotency-Key": str(uuid.uuid4())}
            return (await client.post("/api/v1/appointments", json=wanted, headers=headers)).status_code

        def shows(heading: str) -> Callable[[], Awaitable[bool]]:
            async def shown() -> bool:
                await someone.open(TIMES)
                return heading in await someone.page.locator("h1").inner_text()

            return shown

        async def is_refused() -> bool:
            return await book() == httpx.codes.CONFLICT

        await eventually(is_refused, within=WITHIN)
        await eventually(shows("Zurzeit keine Online-Buchung"), within=WITHIN)
        await expect(someone.page.locator("main a[href^='tel:']")).to_be_visible()
        await manager.press("text=Zurück zum Stand davor")
        await expect(manager.page.locator("main")).to_contain_text("Innerhalb von zehn Sekunden gilt es überall")

        async def is_booked() -> bool:
            return await book() == httpx.codes.CREATED

        await eventually(is_booked, within=WITHIN)
        await eventually(shows("Wann möchten Sie kommen?"), within=WITHIN)
