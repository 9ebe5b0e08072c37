"""From the homepage to a mail and back: in two languages, with and without JavaScript."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewVisitor
from tests.harness.citizen import Mailbox
from tests.harness.installation import Installation
from tests.harness.visitor import Visitor
from tests.harness.waiting import eventually


@pytest.fixture
async def box(site: Installation) -> AsyncIterator[Mailbox]:
    opened = Mailbox.of(site)
    yield opened
    await opened.close()


async def booked_this_month(someone: Visitor) -> int:
    await someone.open("/")
    text = await someone.page.locator("section[aria-labelledby=booked] p").first.inner_text()
    found = re.search(r"2026: (\d+)", text)
    assert found, text
    return int(found[1])


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize(
    ("language", "booked", "cancelled", "mail"),
    [
        ("de", "Ihr Termin ist gebucht", "Dieser Termin ist abgesagt", "Ihr Termin am"),
        ("en", "Your appointment is booked", "This appointment is cancelled", "Your appointment on"),
    ],
)
async def test_from_the_homepage_to_a_mail_and_by_its_link_to_a_cancellation(
    visitor: NewVisitor, box: Mailbox, language: str, booked: str, cancelled: str, mail: str, *, javascript: bool
) -> None:
    someone = await visitor(language, java_script_enabled=javascript)
    page = someone.page
    before = await booked_this_month(someone)
    address = f"{language}-{javascript}@example.org".lower()

    await someone.choose_concern()
    pages, inputs = 2, 0  # concern and time
    await someone.choose_time(number=3, day=1)
    inputs += await page.locator("input[required]").count()
    await someone.tell("Aylin Öz", address)
    pages += 2  # details and check
    await expect(page.get_by_text("Aylin Öz")).to_be_visible()
    await someone.send()
    await expect(page.get_by_role("heading", level=1)).to_have_text(booked)
    assert pages <= 4
    assert inputs <= 8
    number, code = await someone.secrets()

    [sent] = await box.to(address)
    assert mail in str(sent["Subject"])
    text = str(sent.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert number in text
    assert code in text
    link = re.search(r"http://\S+", text)
    assert link
    await page.goto(link[0])
    assert f"/{language}/" in page.url, "the link in the mail leads to the person's language"
    async with page.expect_download() as download:
        await page.locator("a[href$='.ics']").click()
    assert "BEGIN:VCALENDAR" in (await (await download.value).path()).read_text()
    await someone.press("a[href$=cancel]")
    await someone.send()
    await expect(page.get_by_text(cancelled).first).to_be_visible()
    assert len(await box.to(address, count=2)) == 2

    async def counted() -> bool:
        return await booked_this_month(someone) > before

    await eventually(counted)
    assert max(someone.statuses) == 200
    assert someone.foreign == []
    assert someone.complaints == []


async def test_without_an_address_number_and_code_open_the_appointment(visitor: NewVisitor) -> None:
    someone = await visitor()
    await someone.book(name="Ohne Mail", number=1)
    number, code = await someone.secrets()
    another = await visitor("en")
    await another.open("/appointments")
    await another.page.fill("#number", number.lower().replace("-", " "))
    await another.page.fill("#code", code.lower())
    await another.send()
    await expect(another.page.get_by_text("Ohne Mail")).to_be_visible()


async def test_time_and_details_can_be_changed_before_booking_and_nothing_is_lost(visitor: NewVisitor) -> None:
    someone = await visitor()
    page = someone.page
    await someone.to_check("Aylin Öz", "kept@example.org", number=2)
    first = await page.locator("dl").first.inner_text()
    await someone.press("a:has-text('Zeit ändern')")
    await someone.choose_time(number=4, day=2)
    await expect(page.get_by_text("kept@example.org")).to_be_visible()
    assert await page.locator("dl").first.inner_text() != first
    await someone.press("a:has-text('Meine Angaben ändern')")
    assert await page.input_value("#name") == "Aylin Öz"
    await someone.tell("Aylin Öztürk", "kept@example.org")
    await someone.press("header nav a")  # another language
    await expect(page.get_by_text("Is everything right?")).to_be_visible()
    await expect(page.get_by_text("Aylin Öztürk")).to_be_visible()
    await someone.send()
    await expect(page.get_by_text("Aylin Öztürk")).to_be_visible()


async def test_an_office_is_chosen_where_there_are_several(visitor: NewVisitor) -> None:
    someone = await visitor("de", host="duesseldorf.localhost")
    await someone.open("/book")
    await someone.send()
    assert await someone.problems() == ["Bitte wählen Sie, worum es geht.", "Bitte wählen Sie einen Standort."]
    await someone.page.click("label[for=concern-1]")
    await someone.page.click("label[for=office-2]")
    await someone.send()
    await expect(someone.page.locator("h1")).to_have_text("Wann möchten Sie kommen?")
    await expect(someone.page.locator("main")).to_contain_text("Standort Süd")


async def test_with_the_keyboard_alone_a_time_takes_at_most_twenty_strokes(visitor: NewVisitor) -> None:
    someone = await visitor(viewport={"width": 1280, "height": 900})
    page, strokes = someone.page, 0
    await someone.to_times()

    async def stroke(key: str) -> None:
        nonlocal strokes
        await page.keyboard.press(key)
        strokes += 1

    await stroke("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    assert (await page.locator(".skip").bounding_box() or {"x": -1})["x"] >= 0, "the skip link shows when it has focus"
    await stroke("Enter")
    for _ in range(4):  # past what else somebody may have to sort out
        await stroke("Tab")
    third = page.locator(".days .pick").nth(2)
    await expect(third).to_be_focused()
    assert await third.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    wanted = await third.inner_text()
    async with page.expect_navigation():
        await stroke("Enter")
    await expect(page.locator("[aria-current=date]")).to_have_text(wanted)
    await stroke("Tab")
    await stroke("Tab")
    await expect(page.locator(".times .pick").nth(1)).to_be_focused()
    async with page.expect_navigation():
        await stroke("Enter")
    assert strokes <= 20
    for text in ("Aylin Öz", "tastatur@example.org"):
        while not await page.evaluate("document.activeElement.matches('main input')"):
            await page.keyboard.press("Tab")
        await page.keyboard.type(text)
        await page.keyboard.press("Tab")
    for heading in ("Stimmt alles?", "Ihr Termin ist gebucht"):
        while not await page.evaluate("document.activeElement.matches('.kern-btn--primary')"):
            await page.keyboard.press("Tab")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text(heading)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
async def test_an_appointment_is_moved_and_keeps_its_number(
    visitor: NewVisitor, box: Mailbox, *, javascript: bool
) -> None:
    someone = await visitor(java_script_enabled=javascript)
    page, address = someone.page, f"moved-{javascript}@example.org".lower()
    await someone.book("Aylin Öz", address, day=2)
    number, code = await someone.secrets()
    await someone.press("a:has-text('verschieben')")
    await someone.press("a:has-text('Termin verschieben')")
    await expect(page.get_by_text("Diese Zeit behalten Sie")).to_be_visible()
    await someone.choose_time(day=4, number=1)
    await expect(page.locator("h1")).to_have_text("Termin verschieben?")
    wanted = await page.locator("dd").nth(1).inner_text()
    await someone.send()
    await expect(page.locator("h1")).to_have_text("Ihr Termin hat eine neue Zeit")
    assert await someone.secrets() == (number, code)
    await expect(page.locator("dl.ticket")).to_contain_text(wanted)
    sent = await box.to(address, count=2)
    assert str(sent[1]["Subject"]).startswith("Neue Zeit: Ihr Termin am ")
    for _ in range(2):  # the back button after moving
        await page.go_back()
        await someone.send()
        await expect(page.locator("h1")).to_have_text("Ihr Termin hat eine neue Zeit")
    assert len(await box.to(address, count=2)) == 2
    assert max(someone.statuses) == 200
    assert someone.complaints == []


async def test_a_time_that_has_gone_meanwhile_costs_nobody_their_appointment(visitor: NewVisitor) -> None:
    someone = await visitor()
    path = await someone.book("Aylin Öz", day=5)
    before = await someone.page.locator("dl.ticket").inner_text()
    await someone.open(f"{path}/move/check?start=2026-09-08T08:07:00%2B02:00")
    await someone.send()
    assert someone.status == 422
    assert "Ihren Termin haben Sie noch" in (await someone.problems())[0]
    await someone.open(f"{path}/move/check?start=nonsense")
    assert await someone.problems() == ["Bitte wählen Sie eine Zeit."]
    await someone.open(path)
    assert await someone.page.locator("dl.ticket").inner_text() == before
