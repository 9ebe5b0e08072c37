"""A day at the office: kiosk, phone, display, desk and reception, by those who stand there."""

import asyncio
import re
import time

import pytest
from playwright.async_api import expect

from tests.browser import office
from tests.browser.conftest import NewVisitor
from tests.harness import chaos
from tests.harness.installation import Installation
from tests.harness.visitor import Visitor


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
async def test_at_the_kiosk_with_an_appointment(visitor: NewVisitor, *, javascript: bool) -> None:
    someone, kiosk = await visitor(), await visitor(java_script_enabled=javascript)
    number, _, path = await office.booked_for_today(someone, "09:10")
    await office.become(kiosk, "kiosk")
    for button in await kiosk.page.locator(".kern-btn").all():
        assert (await button.bounding_box() or {"height": 0})["height"] >= 64, "a finger finds it"
    await kiosk.press("a[href$='/appointment']")
    field = kiosk.page.locator("#number")
    if javascript:
        await expect(field).to_be_focused()
    async with kiosk.page.expect_navigation():  # as a scanner does: the link of the confirmation, then Enter
        await field.type(f"{someone.base_url}{path}")
        await field.press("Enter")
    await expect(kiosk.page.get_by_text("Sie sind angemeldet.")).to_be_visible()
    label = await kiosk.page.locator(".label").inner_text()
    await kiosk.press("#back")
    await kiosk.press("a[href$='/appointment']")
    await kiosk.page.fill("#number", number.lower())
    await kiosk.page.fill("#code", "0000-0000")
    await kiosk.send()
    assert kiosk.status == 422
    assert "gibt es keinen Termin" in (await kiosk.problems())[0]
    await kiosk.page.fill("#number", f"https://x.example{path}")
    await kiosk.send()
    await expect(kiosk.page.get_by_text("Sie sind schon angemeldet.")).to_be_visible()
    assert await kiosk.page.locator(".label").inner_text() == label
    assert kiosk.complaints == []


async def test_a_kiosk_says_to_each_what_to_do_and_goes_back_by_itself(visitor: NewVisitor) -> None:
    someone, kiosk = await visitor(), await visitor()
    await office.become(kiosk, "kiosk")
    for start, sentence in (("11:30", "Sie sind früh da"), ("08:00", "kommen heute trotzdem an die Reihe")):
        number, code, _ = await office.booked_for_today(someone, start)
        await kiosk.open("/office/mitte/kiosk/appointment")
        await kiosk.page.fill("#number", number)
        await kiosk.page.fill("#code", code)
        await kiosk.send()
        await expect(kiosk.page.locator("main")).to_contain_text(sentence)
    path = await someone.book("Aylin Öz", day=3)
    await kiosk.page.clock.install()
    await kiosk.open("/office/mitte/kiosk/appointment")
    await kiosk.page.fill("#number", someone.base_url + path)
    await kiosk.send()
    await expect(kiosk.page.locator("main")).to_contain_text("an einem anderen Tag")
    async with kiosk.page.expect_navigation(url="**/office/mitte/kiosk"):
        await kiosk.page.clock.run_for(31_000)
    await expect(kiosk.page.locator("h1")).to_have_text("Willkommen")


async def test_back_at_a_kiosk_shows_nobody_who_was_there_before(visitor: NewVisitor) -> None:
    kiosk = await visitor()
    await office.become(kiosk, "kiosk")
    label = await office.draw_at_kiosk(kiosk)
    await kiosk.press(".big a:has-text('Fertig')")
    await expect(kiosk.page.locator("h1")).to_have_text("Willkommen")
    await kiosk.page.go_back()
    await expect(kiosk.page.locator("h1")).to_have_text("Willkommen")
    await expect(kiosk.page.locator("body")).not_to_contain_text(label)
    await kiosk.page.clock.install()
    await kiosk.open("/office/mitte/kiosk/nowhere")
    assert kiosk.status == 404
    assert await kiosk.page.locator("main a, footer a, header a").count() == 1, "the way back to the start"
    async with kiosk.page.expect_navigation(url="**/office/mitte/kiosk"):
        await kiosk.page.clock.run_for(31_000)
    await expect(kiosk.page.locator("h1")).to_have_text("Willkommen")
    assert kiosk.complaints == []


async def test_a_double_tap_at_the_kiosk_draws_one_ticket(visitor: NewVisitor, site: Installation) -> None:
    kiosk = await visitor(java_script_enabled=False)
    await office.become(kiosk, "kiosk")
    await kiosk.open("/office/mitte/kiosk/ticket")
    form: dict[str, str | float | bool] = {"concern": "unterlagen"}
    for name in ("csrf", "key"):
        form[name] = await kiosk.page.get_attribute(f"input[name={name}]", "value") or ""
    address = f"{kiosk.base_url}/de/office/mitte/kiosk/ticket"
    taps = await asyncio.gather(*(kiosk.page.request.post(address, form=form) for _ in range(3)))
    labels = {re.findall(r'class="label">([A-Z]\d+)<', await tap.text())[0] for tap in taps}
    assert len(labels) == 1
    query = "SELECT count(*) AS n FROM tickets WHERE idempotency_key LIKE :key"
    assert (await site.rows("booking", query, key=f"%{form['key']}%"))[0]["n"] == 1


async def test_on_the_phone_from_the_display_to_the_desk(visitor: NewVisitor) -> None:
    display, phone, clerk = await visitor(), await visitor(), await visitor()
    await office.become(display, "display")
    code = await office.shown_code(display)
    await office.open_desk(clerk, 1)
    await office.empty_queue(clerk)
    await phone.open("/office/mitte")
    await phone.press("a[href$='/ticket']")
    await phone.page.click("label:has-text('Unterlagen')")
    await phone.page.fill("#shown", "0000" if code != "0000" else "1111")
    await phone.send()
    assert await phone.problems() == [
        "Das ist nicht der Code, den die Anzeige jetzt zeigt. Bitte sehen Sie noch einmal nach."
    ]
    await phone.page.fill("#shown", code)
    await phone.send()
    label = await phone.page.locator(".label").inner_text()
    await expect(phone.page.locator("#live")).to_contain_text("Sie sind Nummer 1 in der Reihe")
    await clerk.page.reload()
    pressed = time.monotonic()
    await clerk.press("#next")
    await expect(display.page.locator(".calls li").first).to_contain_text(label, timeout=5000)
    print(f"on the display {time.monotonic() - pressed:.2f} s after the button")
    await expect(phone.page.locator(".desk")).to_contain_text("Sie sind dran", timeout=15_000)
    await office.serve(clerk)
    await expect(phone.page.locator("#live")).to_contain_text("Besuch ist beendet", timeout=15_000)
    assert [*phone.complaints, *display.complaints, *clerk.complaints] == []


async def test_who_cannot_wait_gives_the_ticket_back(visitor: NewVisitor) -> None:
    display, phone = await visitor(), await visitor(java_script_enabled=False)
    await office.become(display, "display")
    await phone.open("/office/mitte/ticket")
    await phone.page.click("label:has-text('Unterlagen')")
    await phone.page.fill("#shown", await office.shown_code(display))
    await phone.send()
    await phone.press("a[href$='/leave']")
    await phone.send()
    await expect(phone.page.locator("#live")).to_contain_text("zurückgegeben")
    await phone.page.goto(phone.page.url[:-3] + "xyz")
    assert phone.status == 404


async def test_on_its_day_the_appointments_own_page_says_i_am_here(visitor: NewVisitor) -> None:
    display, someone = await visitor(), await visitor()
    await office.become(display, "display")
    _, _, path = await office.booked_for_today(someone, "09:05")
    await someone.open(path)
    await someone.page.fill("#shown", await office.shown_code(display))
    await someone.press("main form[action$='/arrive'] button")
    await expect(someone.page.locator("main")).to_contain_text("Sie sind angemeldet.")
    assert "/tickets/" in someone.page.url


async def test_two_tabs_of_a_desk_show_the_same_call_and_call_one_person(visitor: NewVisitor) -> None:
    kiosk, clerk = await visitor(), await visitor()
    await office.become(kiosk, "kiosk")
    await office.open_desk(clerk, 2)
    await office.empty_queue(clerk)
    first = await office.draw_at_kiosk(kiosk)
    await office.draw_at_kiosk(kiosk)
    other = Visitor(await clerk.page.context.new_page(), clerk.base_url)
    await other.page.goto(clerk.page.url)
    await clerk.press("#next")
    await other.press("#next")
    for tab in (clerk, other):
        await expect(tab.page.locator(".label")).to_have_text(first)
    for _ in range(2):
        await clerk.press("#again")
    await expect(other.page.locator("#missing")).to_be_visible(timeout=15_000)
    await other.press("#missing")
    await clerk.press("#missing")
    assert clerk.status == 409
    assert "Jemand war schneller" in (await clerk.problems())[0]
    async with clerk.page.expect_response(re.compile(r"/desk\?desk=\d+$"), timeout=15_000) as looked:
        pass  # it still looks by itself, and tells that somebody is there
    assert (await looked.value).ok
    await clerk.open(f"{office.HERE}/reception")
    await clerk.press(f"#return-{first}")
    await expect(clerk.page.locator("section[aria-labelledby=waiting]")).to_contain_text(first)


async def test_whoever_is_at_a_desk_is_passed_on_to_another_team_without_javascript(visitor: NewVisitor) -> None:
    kiosk, clerk = await visitor(), await visitor(java_script_enabled=False)
    await office.become(kiosk, "kiosk")
    await office.open_desk(clerk)
    await office.empty_queue(clerk)
    label = await office.draw_at_kiosk(kiosk)
    await clerk.press("#next")
    await clerk.press("#start")
    await clerk.press("#pass-on")
    assert clerk.status == 422
    assert "Bitte wählen Sie das Team" in (await clerk.problems())[0]
    await clerk.page.select_option("#team", label="Beratung")
    await clerk.press("#pass-on")
    await expect(clerk.page.locator("#next")).to_be_visible()
    await clerk.open(f"{office.HERE}/reception")
    await expect(clerk.page.locator("section[aria-labelledby=waiting]")).to_contain_text(label)


async def test_what_a_clerk_is_choosing_stays_while_somebody_else_arrives(visitor: NewVisitor) -> None:
    kiosk, clerk = await visitor(), await visitor()
    await office.become(kiosk, "kiosk")
    await office.open_desk(clerk, 0)
    await office.empty_queue(clerk)
    await office.draw_at_kiosk(kiosk)
    await clerk.page.reload()
    await clerk.press("#next")
    chosen = clerk.page.locator("#team")
    await chosen.select_option("beratung")
    await clerk.page.locator("h1").click()  # somewhere else: the choice alone has to hold
    label = await office.draw_at_kiosk(kiosk)
    await expect(clerk.page.locator("section[aria-labelledby=queue]")).to_contain_text(label, timeout=15_000)
    await expect(chosen).to_have_value("beratung")
    await office.serve(clerk)
    assert clerk.complaints == []


async def test_reception_takes_in_by_name_and_draws_for_who_cannot_wait(visitor: NewVisitor) -> None:
    someone, clerk = await visitor(), await visitor()
    number, _, _ = await office.booked_for_today(someone, "09:20")
    await clerk.sign_in("clerk", f"{office.HERE}/reception")
    await expect(clerk.page.locator("section[aria-labelledby=to-come]")).to_contain_text("Aylin Öz")
    await clerk.press(f"#here-{number}")
    await expect(clerk.page.locator("[role=status]")).to_contain_text("Sie sind angemeldet")
    await clerk.page.click("summary")
    await clerk.page.click("label[for=urgency-frail]")
    await clerk.press("#draw")
    label = await clerk.page.locator("[role=status] .label").inner_text()
    waiting = clerk.page.locator("section[aria-labelledby=waiting] li").first
    await expect(waiting).to_contain_text(label)
    await expect(waiting).to_contain_text("Kann nicht warten")
    other = Visitor(await clerk.page.context.new_page(), clerk.base_url)
    await other.open(f"{office.HERE}/reception")
    await other.press("#draw")
    label = await other.page.locator("[role=status] .label").inner_text()
    shown = clerk.page.locator("section[aria-labelledby=waiting]")
    await expect(shown).to_contain_text(label, timeout=15_000)
    await clerk.page.click(f"#urgent-{label}")
    await clerk.press(f"#danger-{label}")
    await expect(shown.locator("li", has_text=label)).to_contain_text("Ist in Gefahr")
    late, _, _ = await office.booked_for_today(someone, "08:15")
    await clerk.open(f"{office.HERE}/appointments/{late}")
    await clerk.press("#missed")
    await expect(clerk.page.locator(".ticket")).to_contain_text("niemand kam")
    await clerk.open(f"{office.HERE}/day")
    await expect(clerk.page.locator(".entry", has_text=late)).to_contain_text("niemand kam")


async def test_with_booking_away_the_display_keeps_what_it_shows_and_the_kiosk_sends_to_the_reception(
    visitor: NewVisitor, site: Installation
) -> None:
    display, kiosk = await visitor(), await visitor()
    await office.become(display, "display")
    await office.become(kiosk, "kiosk")
    before = await display.page.locator(".called").inner_text()
    await chaos.kill(site, "booking")
    await expect(display.page.locator("#cut")).to_be_visible(timeout=15_000)
    assert await display.page.locator(".called").inner_text() == before
    await kiosk.press("a[href$='/ticket']")
    assert kiosk.status == 503
    await expect(kiosk.page.locator("h1")).to_have_text("Bitte gehen Sie zum Empfang")
    await kiosk.press("#back")
    await expect(kiosk.page.locator("h1")).to_have_text("Willkommen")
    await site.start("booking")
    await expect(display.page.locator("#cut")).to_be_hidden(timeout=15_000)
