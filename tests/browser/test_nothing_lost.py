"""Whatever way people take through the pages: what they typed stays, and every page says how it goes on."""

from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.test_bad_input import check, count, person
from tests.harness.installation import Installation
from tests.harness.pages import hidden_fields, problems_of

__all__ = ["person"]  # a fixture


@pytest.mark.parametrize("javascript", [True, False])
async def test_after_a_mistake_the_first_press_books(
    visitor: NewVisitor, site: Installation, *, javascript: bool
) -> None:
    name = f"Nach Fehler {javascript}"
    someone = await visitor(java_script_enabled=javascript)
    await someone.to_details()
    await someone.tell("", "")
    assert await someone.problems() == ["Bitte geben Sie Ihren Namen ein."]
    await someone.tell(name)
    await someone.send()
    await expect(someone.page.locator("h1")).to_have_text("Ihr Termin ist gebucht")
    assert await count(site, name) == 1


@pytest.mark.parametrize("key", ["", "x", "4" * 36])
async def test_a_form_without_a_usable_key_books_nothing_and_says_what_to_do(
    person: httpx.AsyncClient, site: Installation, key: str
) -> None:
    form = await check(person, "Ohne Schlüssel")
    before = await count(site, "Ohne Schlüssel")
    answer = await person.post("/de/book", data=form | {"key": key})
    assert answer.status_code == 422
    assert "drücken Sie den Knopf noch einmal" in problems_of(answer.text)[0]
    assert await count(site, "Ohne Schlüssel") == before
    again = await person.post("/de/book", data=hidden_fields(answer.text))
    assert "Ihr Termin ist gebucht" in again.text


async def test_whoever_goes_back_after_cancelling_learns_that_it_is_cancelled_and_can_book_another(
    visitor: NewVisitor,
) -> None:
    someone = await visitor()
    page = someone.page
    path = await someone.book(name="Doch wieder", day=2)
    booked = page.url
    await someone.open(f"{path}/cancel")
    await someone.send()
    for address in (booked, f"{someone.base_url}/de{path}/cancel"):
        await page.goto(address)
        await expect(page).to_have_title("Ihr Termin – Jobcenter Musterstadt")
        await expect(page.get_by_text("Dieser Termin ist abgesagt")).to_be_visible()
        await expect(page.get_by_role("link", name="Termin buchen")).to_be_visible()
        await expect(page.get_by_text("Ja, absagen")).to_have_count(0)


async def test_back_and_back_again_keep_what_was_typed(visitor: NewVisitor) -> None:
    someone = await visitor()
    await someone.to_check("Hin Und Her", "hin@example.org")
    await someone.press("a:has-text('Meine Angaben ändern')")
    await someone.press("a:has-text('Zurück')")
    await someone.press("a:has-text('Zurück')")
    await someone.send()
    await someone.choose_time(day=3)
    await expect(someone.page.get_by_text("hin@example.org")).to_be_visible()


async def test_another_language_of_a_refused_form_keeps_what_was_typed(visitor: NewVisitor) -> None:
    someone = await visitor()
    await someone.to_check("Zwei Sprachen", "sprachen@example.org")
    await someone.page.evaluate("document.querySelector('input[name=csrf]').value = 'forged'")
    await someone.send()
    assert someone.status == 403
    await someone.press("header nav a")
    await expect(someone.page.locator("h1")).to_have_text("Is everything right?")
    await expect(someone.page.get_by_text("sprachen@example.org")).to_be_visible()


async def test_a_page_that_is_away_can_be_asked_for_again_at_the_same_address(visitor: NewVisitor, lonely: str) -> None:
    someone = await visitor(base_url=lonely)
    await someone.open("/book/time?concern=neuantrag&office=mitte&draft=kept")
    assert someone.status == 503
    again = await someone.page.get_by_role("link", name="Noch einmal versuchen").get_attribute("href")
    assert again == "/de/book/time?concern=neuantrag&office=mitte&draft=kept"


async def test_the_printed_confirmation_says_where_the_appointment_is_found(visitor: NewVisitor) -> None:
    someone = await visitor()
    await someone.book(name="Auf Papier", day=4)
    await someone.page.emulate_media(media="print")
    paper = await someone.page.locator("body").inner_text()
    address = f"http://{urlsplit(someone.base_url).netloc}"
    assert f"ansehen, verschieben oder absagen: {address} oder telefonisch: +49" in paper
    assert "Brauchen Sie Hilfe" not in paper
    number, code = await someone.secrets()
    assert number in paper
    assert code in paper


@pytest.mark.parametrize(
    ("number", "code", "told"),
    [
        ("", "", ["Bitte geben Sie die Nummer ein.", "Bitte geben Sie den Code ein."]),
        ("ABCD-EFGH", "", ["Bitte geben Sie den Code ein."]),
        ("", "ABCD-EFGH", ["Bitte geben Sie die Nummer ein."]),
    ],
)
async def test_what_is_missing_is_told_at_its_field(
    visitor: NewVisitor, number: str, code: str, told: list[str]
) -> None:
    someone = await visitor()
    await someone.open("/appointments")
    await someone.page.fill("#number", number)
    await someone.page.fill("#code", code)
    await someone.send()
    assert await someone.problems() == told


async def test_a_draft_of_one_form_opens_in_no_other(visitor: NewVisitor) -> None:
    someone = await visitor()
    await someone.to_check("Anderes Formular")
    draft = someone.page.url.partition("draft=")[2]
    await someone.open(f"/appointments?draft={draft}")
    assert someone.status == 200
    assert await someone.problems() == []
