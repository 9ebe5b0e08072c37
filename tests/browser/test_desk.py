"""A day at a desk, by the pages alone: a caller is booked, found, moved and cancelled; a manager closes a day."""

from playwright.async_api import expect

from tests.browser import desk
from tests.browser.conftest import NewVisitor
from tests.harness.citizen import Mailbox
from tests.harness.installation import Installation


async def test_a_caller_and_a_day_that_has_to_close_without_javascript(visitor: NewVisitor, site: Installation) -> None:
    clerk = await visitor("de", java_script_enabled=False)
    page, name, address = clerk.page, "Zoë Müller", "zoe@example.org"
    own = await desk.appointment(clerk, desk.CALM, name, phone="030 123456")
    await expect(page.get_by_text("Bitte sagen Sie der Person")).to_be_visible()
    number, _ = await clerk.secrets()

    await desk.look_for(clerk, "mueller zoe")
    await clerk.press(".entry a")
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)
    assert await page.locator(".secret").count() == 0, "the code is for the person"
    await clerk.press(f"a[href$='{number}/move']")
    await clerk.choose_time(day=2)
    await clerk.send()
    await expect(page.get_by_text("Der Termin hat eine neue Zeit")).to_be_visible()
    await clerk.press(f"a[href$='{number}/move']")
    await page.click("main summary")
    await page.fill("#on", desk.CALM)
    await page.fill("#at", "08:10")
    await clerk.press("details button")
    await clerk.send()
    assert clerk.status == 422
    await page.fill("#reason", "Kann nur um diese Zeit")
    await clerk.send()
    await expect(page.locator("main")).to_contain_text("überbucht")
    await clerk.press(f"a[href$='{number}/cancel']")
    await page.fill("#reason", "Hat Arbeit gefunden")
    await clerk.send()
    await expect(page.get_by_text("Der Termin ist abgesagt")).to_be_visible()
    await clerk.open(own)
    await expect(page.get_by_text("Hat Arbeit gefunden")).to_have_count(0)

    await desk.appointment(clerk, desk.WEDNESDAY, "Wird Geschrieben", "bescheid", email=address)
    await desk.appointment(clerk, desk.WEDNESDAY, "Wird Angerufen", "bescheid", phone="030 654321")
    manager = await visitor("de", java_script_enabled=False)
    await desk.close_check(manager, desk.WEDNESDAY)
    await expect(manager.page.get_by_role("heading", name="1 Person bekommt eine E-Mail")).to_be_visible()
    await expect(manager.page.get_by_role("heading", name="1 Person muss angerufen werden")).to_be_visible()
    await manager.send()
    await expect(manager.page.get_by_role("heading", name="Bitte anrufen")).to_be_visible()
    await expect(manager.page.get_by_role("link", name="030 654321")).to_be_visible()
    await manager.press("text=Angerufen >> nth=-1")
    await expect(manager.page.get_by_role("heading", name="Bitte anrufen")).to_have_count(0)
    box = Mailbox.of(site)
    mail = (await box.to(address, 2))[-1]
    await box.close()
    body = mail.get_body(("plain",))
    assert body
    assert "Wir können zu dieser Zeit nicht für Sie da sein" in body.get_content()
