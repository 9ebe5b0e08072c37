"""What people and others get wrong: a clear page, what was typed is kept, nothing is booked twice, never a 500."""

import asyncio
import html
import itertools
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewVisitor
from tests.harness.citizen import Citizen
from tests.harness.installation import Installation
from tests.harness.pages import browser, hidden_fields, problems_of
from tests.harness.waiting import eventually

TIMES = "/de/book/time?concern=neuantrag&office=mitte"
TURN = itertools.count()
SCRIPT = "\"'><script>alert(1)</script>"
ONCE_MORE = "Zu Ihrer Sicherheit: Bitte drücken Sie den Knopf noch einmal. Ihr Browser muss dafür Cookies annehmen."


@pytest.fixture
async def person(site: Installation) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(site.url("gateway")) as client:
        yield client


async def count(site: Installation, name: str) -> int:
    return len(await site.rows("booking", "SELECT id FROM appointments WHERE name = :name", name=name))


async def details(person: httpx.AsyncClient) -> dict[str, str]:
    """Return the hidden fields of the details page."""
    times = await person.get(TIMES)
    found = re.findall(r'name="start" value="([^"]+)"', times.text)
    start = html.unescape(found[next(TURN) % len(found)])  # a desk for everybody
    query = {"concern": "neuantrag", "office": "mitte", "start": start}
    return hidden_fields((await person.get("/de/book/details", params=query)).text)


async def check(person: httpx.AsyncClient, name: str) -> dict[str, str]:
    """Return the hidden fields of the check page."""
    form = await details(person)
    answer = await person.post("/de/book/check", data=form | {"name": name, "email": ""})
    assert answer.status_code == 200, problems_of(answer.text)
    return hidden_fields(answer.text)


@pytest.mark.parametrize(
    ("name", "token"), [("Keine", None), ("Leere", ""), ("Lange", "x" * 44), ("Andere", "ä"), ("Kurze", "AAAA")]
)
async def test_a_form_with_a_missing_or_forged_token_is_shown_again_with_everything_kept(
    person: httpx.AsyncClient, site: Installation, name: str, token: str | None
) -> None:
    form = await check(person, name)
    form.pop("csrf")
    answer = await person.post("/de/book", data=form if token is None else form | {"csrf": token})
    assert answer.status_code == 403
    assert problems_of(answer.text) == [ONCE_MORE]
    assert name in answer.text
    assert await count(site, name) == 0
    pressed_again = await person.post("/de/book", data=hidden_fields(answer.text))
    assert "Ihr Termin ist gebucht" in pressed_again.text


async def test_a_form_from_another_browser_books_nothing(person: httpx.AsyncClient, site: Installation) -> None:
    form = await check(person, "Fremder Browser")
    async with browser(site.url("gateway")) as other:
        answer = await other.post("/de/book", data=form)
    assert answer.status_code == 403
    assert await count(site, "Fremder Browser") == 0


async def test_going_back_after_booking_and_pressing_again_books_once(visitor: NewVisitor, site: Installation) -> None:
    someone = await visitor()
    await someone.book(name="Zurück")
    first = someone.page.url
    for _ in range(2):
        await someone.page.go_back()
        await expect(someone.page.locator("h1")).to_have_text("Stimmt alles?")
        await someone.send()
        assert someone.page.url == first
    assert await count(site, "Zurück") == 1


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_double_click_books_once(visitor: NewVisitor, site: Installation, *, javascript: bool) -> None:
    name = f"Doppelt {javascript}"
    someone = await visitor(java_script_enabled=javascript)
    await someone.to_check(name)
    await someone.page.locator("#send").dblclick(no_wait_after=True)
    await expect(someone.page.locator("h1")).to_have_text("Ihr Termin ist gebucht")
    assert await count(site, name) == 1


async def test_pressed_twenty_times_at_once_it_books_once(person: httpx.AsyncClient, site: Installation) -> None:
    form = await check(person, "Zwanzigmal")
    answers = await asyncio.gather(*(person.post("/de/book", data=form) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.url for answer in answers}) == 1
    assert await count(site, "Zwanzigmal") == 1


async def test_of_two_tabs_one_gets_the_last_desk_and_the_other_another_time_with_all_kept(
    visitor: NewVisitor, site: Installation
) -> None:
    async with httpx.AsyncClient(base_url=site.url("gateway"), trust_env=False) as client:
        citizen = Citizen(client)
        slots: list[dict[str, Any]] = (
            await client.get(
                "/api/v1/offices/mitte/slots", params={"concern": "neuantrag", "from": "2026-09-14", "to": "2026-09-14"}
            )
        ).json()
        tabs = [await visitor(), await visitor()]
        for tab in tabs:
            await tab.open(f"/book/time?concern=neuantrag&office=mitte&day={slots[-1]['start'][:10]}")
            await tab.press(".times .pick >> nth=-1")
            await tab.tell("Zwei Tabs", "tab@example.org")
        # Each tab's hold has ended by now, as it does for whoever takes long.
        await site.rows("booking", "UPDATE occupancies SET held_until = '2020-01-01Z' WHERE hold_id IS NOT NULL")
        await site.rows("booking", "UPDATE holds SET held_until = '2020-01-01Z'")
        for _ in range(slots[-1]["free"] - 1):
            assert (await citizen.book(slots[-1]["start"])).status_code == 201
    await tabs[0].send()
    await expect(tabs[0].page.locator("h1")).to_have_text("Ihr Termin ist gebucht")
    await tabs[1].send()
    assert tabs[1].status == 409
    assert "Diese Zeit hat gerade jemand anderes gebucht" in (await tabs[1].problems())[0]
    await tabs[1].choose_time()
    await expect(tabs[1].page.get_by_text("tab@example.org")).to_be_visible()
    await tabs[1].send()
    await expect(tabs[1].page.locator("h1")).to_have_text("Ihr Termin ist gebucht")


async def test_the_same_form_for_somebody_else_asks_first(person: httpx.AsyncClient, site: Installation) -> None:
    form = await check(person, "Erste Person")
    await person.post("/de/book", data=form)
    answer = await person.post("/de/book", data=form | {"name": "Zweite Person"})
    assert answer.status_code == 422
    assert "schon einen Termin gebucht" in problems_of(answer.text)[0]
    assert await count(site, "Zweite Person") == 0
    assert "Ihr Termin ist gebucht" in (await person.post("/de/book", data=hidden_fields(answer.text))).text


@pytest.mark.parametrize("length", [320, 5_000, 60_000])
async def test_a_name_that_is_too_long_is_kept_and_told(person: httpx.AsyncClient, length: int) -> None:
    form = await details(person)
    answer = await person.post("/de/book/check", data=form | {"name": "ä" * (length // 2), "email": "a@example.org"})
    expected = 200 if length == 320 else 422
    assert answer.status_code == (expected if length != 60_000 else 413), answer.text[:300]
    answer = await person.post("/de/book/check", data=form | {"name": "x" * length, "email": "a@example.org"})
    assert answer.status_code == 422
    assert problems_of(answer.text) == ["Ihr Name darf hier bis zu 200 Zeichen haben. Bitte kürzen Sie ihn."]
    assert "x" * length in answer.text
    assert "a@example.org" in answer.text


async def test_a_form_that_is_too_large_is_a_page_that_says_so(person: httpx.AsyncClient) -> None:
    answer = await person.post("/de/book/check", data={"name": "x" * 100_000})
    assert answer.status_code == 413
    assert "Das war zu viel auf einmal" in answer.text


async def test_a_script_in_every_field_is_text(visitor: NewVisitor) -> None:
    someone = await visitor()
    dialogs: list[str] = []
    someone.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await someone.to_details()
    await someone.tell(SCRIPT, SCRIPT)
    assert someone.status == 422
    assert await someone.page.input_value("#name") == SCRIPT
    await someone.page.fill("#email", "")
    await someone.send()
    await someone.send()
    await expect(someone.page.locator("dl.ticket")).to_contain_text(SCRIPT)
    await someone.open("/appointments")
    await someone.page.fill("#number", SCRIPT)
    await someone.page.fill("#code", SCRIPT)
    await someone.send()
    assert await someone.page.input_value("#code") == SCRIPT
    for path in ("/book", "/book/time", "/book/details", "/book/check", "/appointments"):
        query = "&".join(f"{name}={SCRIPT}" for name in ("office", "concern", "day", "start", "draft", "problem"))
        await someone.open(f"{path}?{query}")
        assert someone.status in (200, 422)
    assert dialogs == []
    assert someone.complaints == []


ODD = ["%00", "%ff", "%zz", "..", "%2e%2e%2f", "\N{ARABIC LETTER ALEF}", "x" * 4000, "-1", "9999-99-99", "null", "[]"]


@pytest.mark.parametrize("odd", ODD)
async def test_an_odd_value_in_an_address_is_a_clear_page(person: httpx.AsyncClient, odd: str) -> None:
    paths = [f"/de/{odd}", f"/{odd}/", f"/de/book/{odd}", f"/de/appointments/{odd}/{odd}", f"/static/{odd}/{odd}"]
    names, steps = ("office", "concern", "day", "start", "draft", "problem"), ("", "/time", "/details", "/check")
    paths += [f"/de/book{step}?concern=neuantrag&office=mitte&{name}={odd}" for name in names for step in steps]
    for path in paths:
        answer = await person.get(path)
        assert answer.status_code in (200, 404, 422), (path, answer.status_code)
        assert "</html>" in answer.text or path.startswith("/static/")


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b'{"name": "x"}', 403),
        ("application/x-www-form-urlencoded", b"name=%00%ff&start=%zz&csrf=\xff", 403),
        ("multipart/form-data; boundary=x", b"garbage", 400),
        ("multipart/form-data", b"garbage", 400),
        ("text/plain", b"", 403),
    ],
)
async def test_an_odd_body_is_a_clear_page(person: httpx.AsyncClient, kind: str, body: bytes, status: int) -> None:
    for path in ("/de/book/check", "/de/book", "/de/appointments"):
        answer = await person.post(path, content=body, headers={"Content-Type": kind})
        assert answer.status_code in (status, 422), path
        assert "</html>" in answer.text


async def test_a_part_that_is_away_is_told_and_what_was_typed_can_be_sent_again(
    new_installation: Any, visitor: NewVisitor
) -> None:
    own: Installation = await new_installation()
    await own.start("notifications", "booking", "gateway")
    someone = await visitor(base_url=own.url("gateway"))
    await someone.open("/")
    await expect(someone.page.locator("main")).to_contain_text("Diese Zahlen sind im Moment nicht verfügbar")
    await expect(someone.page.locator("main")).to_contain_text("Marktplatz 1")
    await someone.to_check("Trotzdem", "trotzdem@example.org")
    await own.children.pop("booking").stop()
    await someone.send()
    assert someone.status == 503
    await expect(someone.page.locator("main")).to_contain_text("Ihre Angaben bleiben erhalten")
    await own.start("booking")

    async def booked() -> bool:
        if await someone.page.get_by_text("Noch einmal versuchen").count():
            await someone.press("main button")
        return await someone.page.locator("h1").inner_text() == "Ihr Termin ist gebucht"

    await eventually(booked)
    assert await count(own, "Trotzdem") == 1
