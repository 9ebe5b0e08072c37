"""At an office, with browsers: registering kiosk and display, working at desk and reception."""

import re

from playwright.async_api import expect

from tests.harness.visitor import Visitor

HERE = "/staff/offices/mitte"
DESK = "Eingangszone"


async def become(device: Visitor, kind: str, at: str = "mitte") -> None:
    """Let a browser be a kiosk or a display: sign in there as a manager, register it, open its link, sign out."""
    await device.sign_in("manager", f"/staff/offices/{at}/devices")
    await device.page.fill("#name", f"In the hall: {kind}")
    await device.page.click(f"label[for={'kind' if kind == 'kiosk' else 'kind-display'}]")
    await device.send()
    link = await device.page.get_attribute("main [role=status] a", "href")
    assert link
    await device.page.context.clear_cookies(name="staff")
    await device.page.goto(link)
    assert "device=" not in device.page.url


async def shown_code(display: Visitor) -> str:
    """Return the code that the display shows."""
    return await display.page.locator(".by-phone strong").inner_text()


async def booked_for_today(someone: Visitor, start: str, at: str = "mitte") -> tuple[str, str, str]:
    """Book, and let it have been for today. Number, code, path of its page."""
    path = await someone.book(day=2, office=at)
    number, code = await someone.secrets()
    await someone.let_it_be_today(number, start)
    return number, code, path


async def say_here(someone: Visitor, number: str, code: str, at: str = "mitte") -> None:
    """Say on a phone that one is here, with the code of that office's display."""
    await become(someone, "display", at)
    shown = await shown_code(someone)
    await someone.open(f"/office/{at}/arrive")
    for field, text in {"number": number, "code": code, "shown": shown}.items():
        await someone.page.fill(f"#{field}", text)
    await someone.send()


async def open_desk(clerk: Visitor, number: int = 0, *, signed_in: bool = False) -> None:
    """Sign in as a clerk, unless they have, and open one of the desks of the entrance."""
    if signed_in:
        await clerk.open(f"{HERE}/desk")
    else:
        await clerk.sign_in("clerk", f"{HERE}/desk")
    names = await clerk.page.locator("#desk option").all_inner_texts()
    own = [name for name in names if name.startswith(DESK)]
    await clerk.page.select_option("#desk", label=own[number])
    await clerk.send()
    await expect(clerk.page.locator("#now")).to_be_visible()


async def empty_queue(clerk: Visitor) -> None:
    """Serve whoever waits for this desk."""
    while (
        await clerk.page.locator("#queue").inner_text() != "In der Reihe: 0"
        or not await clerk.page.locator("#next").count()
    ):
        await serve(clerk)


async def serve(clerk: Visitor) -> None:
    """Call whoever is next, unless somebody is called, and finish with them."""
    if await clerk.page.locator("#next").count():
        await clerk.press("#next")
    if await clerk.page.locator("#start").count():
        await clerk.press("#start")
    await clerk.press("#serve")


async def draw_at_kiosk(kiosk: Visitor, concern: str = "unterlagen") -> str:
    """Draw a ticket at the kiosk; return its number."""
    await kiosk.open("/office/mitte/kiosk")
    await kiosk.press("a[href$='/ticket']")
    await kiosk.press(f"button[value={concern}]")
    label = await kiosk.page.locator(".label").inner_text()
    assert re.fullmatch(r"[A-Z]\d{3}", label)
    return label
