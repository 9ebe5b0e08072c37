"""The plan editor in a browser: hours are changed, looked at, published, taken back; whoever is affected is told."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.planning import HOST, PLAN, edit, look, named, without_afternoon
from tests.harness.citizen import Mailbox
from tests.harness.installation import Installation

THURSDAY = "2026-09-10T14:00:00+02:00"


class Citizens:
    """People who look at and book the times of the office `nord`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def times(self) -> list[str]:
        """Return when one can come on Thursday."""
        params = {"concern": "auskunft", "from": THURSDAY[:10], "to": THURSDAY[:10]}
        answer = await self._client.get("/api/v1/offices/nord/slots", params=params)
        return [slot["start"] for slot in answer.json()]

    async def book(self, email: str) -> str:
        """Book on Thursday afternoon; return the number."""
        body: dict[str, Any] = {"office": "nord", "concern": "auskunft", "start": THURSDAY, "name": "Aylin Öz"}
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        answer = await self._client.post("/api/v1/appointments", json=body | {"email": email}, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])


@pytest.fixture
async def citizens(site: Installation) -> AsyncIterator[Citizens]:
    async with httpx.AsyncClient(base_url=site.url("gateway"), headers={"Host": HOST}, trust_env=False) as client:
        yield Citizens(client)


@pytest.fixture
async def mailbox(site: Installation) -> AsyncIterator[Mailbox]:
    box = Mailbox.of(site)
    yield box
    await box.close()


async def test_hours_are_changed_and_taken_back_and_nobody_is_left_unasked(
    visitor: NewVisitor, citizens: Citizens, mailbox: Mailbox
) -> None:
    email = f"{uuid.uuid4()}@example.org"
    before, number = await citizens.times(), await citizens.book(email)
    manager = await visitor(host=HOST, java_script_enabled=False, viewport={"width": 320, "height": 640})
    await without_afternoon(manager)
    body = manager.page.locator("main")
    await expect(body).to_contain_text("Eingangszone, Donnerstag")
    await expect(body).to_contain_text("bisher: 08:00–12:00, 14:00–18:00")
    await expect(body).to_contain_text("neu: 08:00–12:00")
    await expect(body).to_contain_text(number)
    await manager.press("#send")
    assert manager.status == 422
    [problem] = await manager.problems()
    assert "Bitte entscheiden Sie" in problem
    assert await citizens.times() == before, "nothing is published yet"
    await manager.page.click("label[for=stranded-2]")
    await manager.page.fill("#note", "Teamtag")
    await manager.press("#send")
    await expect(body).to_contain_text("Version 2")
    await expect(body).to_contain_text("Teamtag")
    await expect(body).to_contain_text("Demo manager")
    assert await citizens.times() == [time for time in before if time[11:13] < "12"]
    told = (await mailbox.to(email, 2))[-1].get_body(("plain",))
    assert told
    assert "tut uns leid" in told.get_content()
    former = await manager.page.locator(".versions li:nth-child(2) code").inner_text()
    await manager.press("a[href$='/return/1']")
    await expect(body).to_contain_text("neu: 08:00–12:00, 14:00–18:00")
    await manager.press("#send")
    assert await manager.page.locator(".versions li:nth-child(1) code").inner_text() == former
    assert await citizens.times() == before


async def test_rows_are_added_and_what_is_wrong_is_said_at_its_field_with_nothing_lost(visitor: NewVisitor) -> None:
    manager = await visitor(host=HOST, java_script_enabled=False)
    await edit(manager)
    await named(manager, "teams.eingang.desks").fill("Fenster A\nFenster B")
    await manager.press('button[value="teams.eingang.hours"]')
    row = "teams.eingang.hours.2"
    for name, text in (("from", "11:00"), ("to", "13:00")):
        await named(manager, f"{row}.{name}").fill(text)
    await named(manager, f"{row}.fri").check()
    await look(manager)
    assert manager.status == 422
    [problem] = await manager.problems()
    assert "überschneiden sich" in problem
    assert await named(manager, f"{row}.from").get_attribute("aria-invalid") == "true"
    assert await named(manager, "teams.eingang.desks").input_value() == "Fenster A\nFenster B"
    await named(manager, f"{row}.from").fill("12:00")
    await look(manager)
    await expect(manager.page.locator("main")).to_contain_text("neu: Fenster A, Fenster B")
    await manager.press("button[name=back]")
    assert await named(manager, f"{row}.from").input_value() == "12:00"
    await manager.open(PLAN)
    await expect(manager.page.locator("main")).not_to_contain_text("Fenster")


async def test_a_team_is_added_and_taken_away_without_javascript(visitor: NewVisitor) -> None:
    manager = await visitor(host=HOST, java_script_enabled=False, viewport={"width": 320, "height": 640})
    body = manager.page.locator("main")
    await edit(manager)
    await manager.press("button[name=add-team]")
    assert manager.status == 422
    assert "Bitte geben Sie dem neuen Team einen Namen." in (await manager.problems())[0]
    await named(manager, "new-team.de").fill("Widerspruch")
    await manager.press("button[name=add-team]")
    team = "teams.widerspruch"
    await named(manager, f"{team}.desks").fill("Widerspruch 1")
    await named(manager, f"{team}.hours.0.wed").check()
    for edge, text in (("from", "13:00"), ("to", "15:00")):
        await named(manager, f"{team}.hours.0.{edge}").fill(text)
    await look(manager)
    assert manager.status == 422
    assert "Widerspruch: Bitte wählen Sie mindestens ein Anliegen." in (await manager.problems())[0]
    await manager.page.click(f'label[for="{team}.concerns.auskunft"]')
    await look(manager)
    await expect(body).to_contain_text("neu: Widerspruch")
    await manager.press("button[name=back]")
    await manager.press("button[name=remove][value=eingang]")
    await expect(body).to_contain_text("Das Team ist weggenommen: Eingangszone")
    await look(manager)
    await expect(body).to_contain_text("bisher: Eingangszone")
    await expect(body).to_contain_text("neu: Widerspruch")
    await manager.open(PLAN)
    await expect(body).not_to_contain_text("Widerspruch")
