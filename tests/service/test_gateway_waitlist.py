"""Confirming and offers on pages: opening a link changes nothing, a button does, and pressing again says the same."""

import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from shared import links
from tests.harness.inprocess import Town, moved_clock
from tests.harness.pages import browser, csrf_of
from tests.service.conftest import MONDAY

pytestmark = pytest.mark.usefixtures("on_monday")

SECRET = "a secret for tests"  # noqa: S105  of every installation of the tests
EARLY, LATE = "2026-09-08T06:00:00Z", "2026-09-15T06:00:00Z"


@pytest.fixture
async def someone(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the pages."""
    async with browser(str(town.client.base_url)) as client:
        yield client


async def offer_to(town: Town) -> tuple[dict[str, Any], str]:
    """Return a late appointment that is being offered an early time, and the path of the offer behind the language."""
    late = (await town.citizen.book(LATE, email="late@example.org")).json()
    headers = {"Authorization": f"Bearer {late['code']}"}
    joined = await town.client.put(f"/api/v1/appointments/{late['number']}/waitlist", json={}, headers=headers)
    assert joined.json()["waiting"], joined.text
    early = (await town.citizen.book(EARLY)).json()
    await town.citizen.cancel(early["number"], early["code"])
    [offer] = await town.installation.rows(
        "booking", "SELECT id FROM holds WHERE purpose = 'offer' AND appointment_id = :id", id=uuid.UUID(late["id"])
    )
    return late, f"/offers/{offer['id']}/{links.link_token(SECRET, offer['id'])}"


async def start_of(town: Town, booked: dict[str, Any]) -> datetime:
    return datetime.fromisoformat((await town.citizen.get(booked["number"], booked["code"])).json()["start"])


async def test_an_offer_is_accepted_by_its_button_only_and_once(town: Town, someone: httpx.AsyncClient) -> None:
    late, path = await offer_to(town)
    page = await someone.get(path)
    assert "Frühere Zeit nehmen" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert await start_of(town, late) == datetime.fromisoformat(LATE)
    for _ in range(3):
        done = await someone.post(f"/de{path}", data={"csrf": csrf_of(page.text), "answer": "accept"})
        assert "Ihr Termin hat eine neue Zeit" in done.text
    assert await start_of(town, late) == datetime.fromisoformat(EARLY)
    assert "angenommen" in (await someone.get(f"/de{path}")).text
    await town.citizen.cancel(late["number"], late["code"])


async def test_declining_or_missing_keeps_the_appointment(town: Town, someone: httpx.AsyncClient) -> None:
    late, path = await offer_to(town)
    page = await someone.get(path)
    with moved_clock(MONDAY.replace(hour=9)):
        assert "Dieses Angebot ist vorbei" in (await someone.get(f"/de{path}")).text
    done = await someone.post(f"/de{path}", data={"csrf": csrf_of(page.text), "answer": "decline"})
    assert "Sie behalten Ihren Termin" in done.text
    assert await start_of(town, late) == datetime.fromisoformat(LATE)
    for forged in (path[:-4] + "AAAA", f"/offers/{uuid.uuid4()}/x", "/offers/x/y"):
        assert (await someone.get(f"/de{forged}")).status_code == 404


async def test_the_waiting_list_is_joined_and_left_on_the_page(town: Town, someone: httpx.AsyncClient) -> None:
    booked = (await town.citizen.book("2026-09-11T06:00:00Z")).json()
    own = f"/de{httpx.URL(booked['link']).path}"
    page = await someone.get(own)
    for email, status in (("", 422), ("no address", 422)):
        refused = await someone.post(f"{own}/waitlist", data={"csrf": csrf_of(page.text), "email": email})
        assert refused.status_code == status
        assert email in refused.text
    joined = await someone.post(f"{own}/waitlist", data={"csrf": csrf_of(page.text), "email": "a@example.org"})
    assert "Sie stehen auf der Warteliste" in joined.text
    left = await someone.post(f"{own}/waitlist/leave", data={"csrf": csrf_of(page.text)})
    assert "Frühere Zeiten mitteilen" in left.text


async def test_whoever_cannot_come_earlier_any_more_is_told(town: Town, someone: httpx.AsyncClient) -> None:
    booked = (await town.citizen.book("2026-09-11T06:30:00Z", email="d@example.org")).json()
    own = f"/de{httpx.URL(booked['link']).path}"
    page = await someone.get(own)
    await town.citizen.cancel(booked["number"], booked["code"])
    refused = await someone.post(f"{own}/waitlist", data={"csrf": csrf_of(page.text)})
    assert refused.status_code == 409
    assert "nicht mehr verschoben" in refused.text
    assert "Dieser Termin ist abgesagt" in refused.text
    assert (await someone.get(f"{own}/waitlist")).url.path == own, "reloaded, it leads back"


async def test_an_offer_whose_appointment_is_gone_says_so(town: Town, someone: httpx.AsyncClient) -> None:
    late, path = await offer_to(town)
    page = await someone.get(f"/de{path}")
    refused = await someone.post(f"/de{path}", data={"csrf": "forged", "answer": "accept"})
    assert refused.status_code == 403
    assert await start_of(town, late) == datetime.fromisoformat(LATE)
    await town.citizen.cancel(late["number"], late["code"])
    done = await someone.post(f"/de{path}", data={"csrf": csrf_of(page.text), "answer": "accept"})
    assert "inzwischen verschoben oder abgesagt" in done.text
