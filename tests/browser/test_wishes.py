"""More than one concern in the office: with and without JavaScript, forth and back, nothing typed is lost."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.wishes import TOGETHER, details
from tests.harness.installation import Installation
from tests.harness.visitor import Visitor

BOOKED = "SELECT also_ids, kind, call_number, interpreter, needs FROM appointments WHERE name = :name"


async def type_everything(someone: Visitor, name: str) -> None:
    page = someone.page
    await page.click("text=Per Telefon")
    await page.fill("#phone", "030 123456")
    await page.click("details summary")
    await page.select_option("#interpreter", "uk")
    await page.click("text=Ich höre nicht gut")
    await someone.tell(name)


@pytest.mark.parametrize("javascript", [True, False])
async def test_two_concerns_by_phone_with_an_interpreter_are_booked_in_four_steps(
    visitor: NewVisitor, site: Installation, *, javascript: bool
) -> None:
    name = f"Am Telefon {javascript}"
    someone = await visitor(java_script_enabled=javascript)
    await someone.choose_concern("bescheid")
    await someone.page.click("text=Haben Sie noch ein anderes Anliegen?")
    await someone.page.click("text=Beratung zur Arbeitssuche")
    await someone.press("text=Zeiten für alles zeigen")
    await expect(someone.page.locator("main")).to_contain_text("Es dauert etwa 65 Minuten")
    await someone.press("text=Zurück")
    await someone.send()
    await expect(someone.page.locator("main")).to_contain_text("Es dauert etwa 65 Minuten")
    await someone.choose_time(day=2)
    await expect(someone.page.locator("#phone")).to_be_hidden()
    await type_everything(someone, name)
    assert "E-Mail-Adresse" in (await someone.problems())[0], "it has to be confirmed by mail"
    await someone.page.fill("#email", "telefon@example.org")
    await someone.send()
    await someone.send()
    await expect(someone.page.locator("h1")).to_have_text("Noch nicht gebucht")
    [booked] = await site.rows("booking", BOOKED, name=name)
    assert booked == {
        "also_ids": ["arbeitsberatung"],
        "kind": "phone",
        "call_number": "030 123456",
        "interpreter": "uk",
        "needs": ["hearing"],
    }
    assert someone.complaints == []


async def test_going_back_keeps_all_that_was_chosen_and_typed(visitor: NewVisitor) -> None:
    someone = await visitor()
    page = someone.page
    await details(someone)
    await type_everything(someone, "Hin Und Zurück")
    await page.go_back()
    await expect(page.locator("#kind-2")).to_be_checked()
    await expect(page.locator("#phone")).to_have_value("030 123456")
    await expect(page.locator("#interpreter")).to_have_value("uk")
    await expect(page.locator("#needs-3")).to_be_checked()
    await page.go_forward()
    await someone.press("a:has-text('Meine Angaben ändern')")
    await expect(page.locator("#kind-2")).to_be_checked()
    await expect(page.locator("#needs-3")).to_be_checked()
    await someone.press("a:has-text('Zurück')")
    await someone.choose_time(day=3)
    for kept in ("Hin Und Zurück", "030 123456", "Ukrainisch", "Ich höre nicht gut", "Einen Bescheid erklären"):
        await expect(page.locator("main")).to_contain_text(kept)


async def test_what_does_not_go_together_is_taken_off_and_the_journey_goes_on(visitor: NewVisitor) -> None:
    someone = await visitor(java_script_enabled=False)
    await someone.open(f"/book/time?{TOGETHER}&also=neuantrag")
    assert someone.status == 422
    assert "Das geht nicht alles in einem Termin" in (await someone.problems())[0]
    await someone.page.click("details label:has-text('Neuen Antrag')")
    await someone.press("text=Zeiten für alles zeigen")
    assert someone.status == 200
    await expect(someone.page.locator("main")).to_contain_text("Es dauert etwa 40 Minuten")
