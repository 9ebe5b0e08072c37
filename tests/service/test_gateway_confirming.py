"""Confirming by the button behind the link in a mail: what is told before, after, and when it is too late."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.harness.inprocess import Town, moved_clock
from tests.harness.pages import browser, csrf_of, hidden_fields
from tests.service.conftest import MONDAY

pytestmark = pytest.mark.usefixtures("on_monday")

UNDELIVERED = "UPDATE appointments SET mail = 'failed' WHERE number = :number"


@pytest.fixture
async def someone(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the pages."""
    async with browser(str(town.client.base_url)) as client:
        yield client


async def unconfirmed(town: Town) -> tuple[dict[str, Any], str]:
    """Return an appointment that waits to be confirmed, and the path of its pages behind the language."""
    await town.installation.rows("booking", "UPDATE concerns SET confirm_minutes = 30 WHERE id = 'veraenderung'")
    period = {"from": "2026-09-08", "to": "2026-09-18", "concern": "veraenderung"}
    slots = (await town.client.get("/api/v1/offices/mitte/slots", params=period)).json()
    asked = (await town.citizen.book(slots[0]["start"], concern="veraenderung", email="a@example.org")).json()
    assert asked["state"] == "unconfirmed"
    return asked, httpx.URL(asked["link"]).path


async def state_of(town: Town, booked: dict[str, Any]) -> str:
    return str((await town.citizen.get(booked["number"], booked["code"])).json()["state"])


async def test_opening_the_link_books_nothing_and_ten_presses_book_once(town: Town, someone: httpx.AsyncClient) -> None:
    asked, own = await unconfirmed(town)
    page = await someone.get(f"{own}/confirm")
    assert page.url.path == f"/de{own}/confirm"
    assert page.headers["cache-control"] == "no-store"
    assert f"bis {asked['confirm_until'][11:16]}" in page.text
    assert (await someone.post(f"/de{own}/confirm", data={"csrf": "forged"})).status_code == 403
    assert await state_of(town, asked) == "unconfirmed"
    for _ in range(10):
        done = await someone.post(f"/de{own}/confirm", data={"csrf": csrf_of(page.text)})
        assert "Ihr Termin ist gebucht" in done.text
    assert (await town.citizen.get(asked["number"], asked["code"])).json()["version"] == 2
    assert "Ihr Termin ist gebucht" in (await someone.get(page.url.path)).text


async def test_until_it_is_confirmed_every_page_says_what_is_still_to_do(
    town: Town, someone: httpx.AsyncClient
) -> None:
    asked, own = await unconfirmed(town)
    for path in ("", "/booked", "/move", "/moved", "/appointment.ics"):
        page = await someone.get(f"/de{own}{path}")
        assert "Noch nicht gebucht" in page.text, path
        assert "drücken Sie dort" in page.text
        for missing in ("appointment.ics", "move", "waitlist"):
            assert f'="/de{own}/{missing}' not in page.text
    await town.installation.rows("booking", UNDELIVERED, number=asked["number"])
    assert "konnte nicht zugestellt werden" in (await someone.get(f"/de{own}")).text


async def test_too_late_or_cancelled_it_says_so_and_leads_to_a_new_booking(
    town: Town, someone: httpx.AsyncClient
) -> None:
    (late, lates), (_, given_up) = await unconfirmed(town), await unconfirmed(town)
    page = await someone.get(f"/de{lates}/confirm")
    question = await someone.get(f"/de{given_up}/cancel")
    assert "abgesagt" in (await someone.post(question.url.path, data=hidden_fields(question.text))).text
    refused = await someone.post(f"/de{given_up}/confirm", data={"csrf": csrf_of(page.text)})
    assert refused.status_code == 409
    assert "Dieser Termin ist abgesagt" in refused.text
    with moved_clock(MONDAY + timedelta(minutes=32)):
        refused = await someone.post(f"/de{lates}/confirm", data={"csrf": csrf_of(page.text)})
        assert refused.status_code == 409
        for path in ("/confirm", "", "/cancel"):
            shown = await someone.get(f"/de{lates}{path}")
            assert "nicht rechtzeitig bestätigt" in shown.text
            assert 'href="/de/book"' in shown.text
    assert (await someone.get(f"{lates}x/confirm")).status_code == 404
    assert late["number"] in refused.text


async def test_an_address_that_has_become_necessary_is_asked_for_with_all_that_was_typed(
    town: Town, someone: httpx.AsyncClient
) -> None:
    place = {"concern": "unterlagen", "office": "mitte", "start": "2026-09-14T06:30:00+00:00"}
    details = await someone.get("/de/book/details", params=place)
    check = await someone.post("/de/book/check", data=hidden_fields(details.text) | {"name": "Aylin Öz"})
    await town.installation.rows("booking", "UPDATE concerns SET confirm_minutes = 30 WHERE id = 'unterlagen'")
    done = await someone.post("/de/book", data=hidden_fields(check.text))
    assert done.status_code == 422
    assert "per E-Mail bestätigen" in done.text
    assert 'value="Aylin Öz"' in done.text
