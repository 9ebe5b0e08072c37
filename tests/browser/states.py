"""Every page and error state of the gateway, and how a visitor gets there."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import expect

from tests.browser import applying, office, wishes
from tests.harness.visitor import CONCERN, OFFICE, Visitor
from tests.harness.waiting import eventually

PLACE = f"concern={CONCERN}&office={OFFICE}"


@dataclass(frozen=True)
class State:
    """What is shown: its status, whether a browser may keep it, whether its title says that there is an error."""

    reach: Callable[[Visitor], Awaitable[object]]
    status: int = 200
    personal: bool = False
    error: bool = False
    host: str = "localhost"
    away: bool = False
    crowded: bool = False


async def bare_home(someone: Visitor) -> None:
    await someone.open("/")


async def home(someone: Visitor) -> None:
    await someone.book(day=5)

    async def chart_is_drawn() -> bool:
        await someone.open("/")
        return await someone.page.locator("figure svg").count() == 1

    await eventually(chart_is_drawn)


async def concern(someone: Visitor) -> None:
    await someone.open("/book")


async def booking_off(someone: Visitor) -> None:
    await someone.open(f"/book/time?concern={CONCERN}&office=ost")


async def concern_error(someone: Visitor) -> None:
    await someone.open("/book")
    await someone.send()


async def full(someone: Visitor) -> None:
    await someone.open(f"/book/time?{PLACE}")


async def time_taken(someone: Visitor) -> None:
    await someone.to_check(email="aylin@example.org")
    query = someone.page.url.partition("?")[2]
    await someone.open(f"/book/time?{query}&problem=slot-taken")


async def details_error(someone: Visitor) -> None:
    await someone.to_details()
    await someone.tell("", "no address")


async def check_again(someone: Visitor) -> None:
    await someone.to_check(email="aylin@example.org")
    await someone.page.goto(f"{someone.page.url}&problem=idempotency-key-reused")


async def forged(someone: Visitor) -> None:
    await someone.to_check()
    await someone.page.context.clear_cookies()
    await someone.send()


async def booked(someone: Visitor) -> None:
    await someone.book(email="aylin@example.org", day=3)


async def shown(someone: Visitor) -> None:
    await someone.open(await someone.book(day=3))


async def move(someone: Visitor) -> None:
    await someone.open(await someone.book(day=3) + "/move")


async def move_taken(someone: Visitor) -> None:
    await someone.open(await someone.book(day=3) + "/move?problem=slot-taken")


async def move_check(someone: Visitor) -> None:
    await move(someone)
    await someone.choose_time(day=4)


async def moved(someone: Visitor) -> None:
    await move_check(someone)
    await someone.send()


async def question(someone: Visitor) -> None:
    await someone.open(await someone.book(day=4) + "/cancel")


async def cancelled(someone: Visitor) -> None:
    await question(someone)
    await someone.send()


async def find(someone: Visitor) -> None:
    await someone.open("/appointments")


async def find_error(someone: Visitor) -> None:
    await find(someone)
    await someone.page.fill("#number", "XXXX-0000")
    await someone.page.fill("#code", "YYYY-0000")
    await someone.send()


async def find_empty(someone: Visitor) -> None:
    await find(someone)
    await someone.send()


async def throttled(someone: Visitor) -> None:
    for _ in range(11):
        await find(someone)
        await someone.page.fill("#number", "TH1T-0000" if someone.language == "de" else "TH2T-0000")
        await someone.page.fill("#code", "WRXN-GC0D")
        await someone.send()


async def nothing(someone: Visitor) -> None:
    await someone.open("/nothing")


async def no_appointment(someone: Visitor) -> None:
    await someone.open("/appointments/ABCD-EFGH/forged")


async def kiosk(someone: Visitor) -> None:
    await office.become(someone, "kiosk")


async def kiosk_error(someone: Visitor) -> None:
    await kiosk(someone)
    await someone.press("a[href$='/appointment']")
    await someone.send()


async def kiosk_ticket(someone: Visitor) -> None:
    await kiosk(someone)
    await office.draw_at_kiosk(someone)


async def ticket(someone: Visitor) -> None:
    await kiosk_ticket(someone)
    address = await someone.page.get_attribute(".slip img", "src") or ""
    await someone.page.goto(someone.base_url + address.removesuffix("/qr.svg"))


async def draw_error(someone: Visitor) -> None:
    await someone.open("/office/mitte/ticket")
    await someone.page.click(".choice label >> nth=0")
    await someone.send()


async def arrive_error(someone: Visitor) -> None:
    """From the appointment's own page, with a code that the display does not show."""
    _, _, path = await office.booked_for_today(someone, "09:30")
    await someone.open(path)
    await someone.page.fill("#shown", "x")
    await someone.press("main form[action$='/arrive'] button")


async def waiting(someone: Visitor) -> None:
    await someone.open("/book")
    await expect(someone.page.locator("#place")).to_contain_text(re.compile("before you|Vor Ihnen"), timeout=20_000)


async def waiting_without_place(someone: Visitor) -> None:
    await someone.open("/waiting?to=book")


STATES = {
    "home": State(home),
    "home-away": State(bare_home, away=True),
    "concern": State(concern),
    "concern-error": State(concern_error, 422, error=True),
    "concern-several-offices": State(concern, host="duesseldorf.localhost"),
    "booking-off": State(booking_off, 409, personal=True, host="duesseldorf.localhost"),
    "time": State(Visitor.to_times),
    "time-further": State(wishes.further),
    "time-not-together": State(wishes.not_together, 422, error=True),
    "time-full": State(full, host="voll.localhost"),
    "time-taken": State(time_taken, 409, personal=True, error=True),
    "details": State(Visitor.to_details),
    "details-error": State(details_error, 422, personal=True, error=True),
    "details-kinds": State(wishes.kinds),
    "details-phone-missing": State(wishes.phone_missing, 422, personal=True, error=True),
    "details-birth-date": State(wishes.birth_date, 409, personal=True, error=True),
    "check-all": State(wishes.check_all, personal=True),
    "check": State(Visitor.to_check, personal=True),
    "check-again": State(check_again, 422, personal=True, error=True),
    "check-forged": State(forged, 403, personal=True, error=True),
    "booked": State(booked, personal=True),
    "booked-by-phone": State(wishes.by_phone, personal=True),
    "unconfirmed": State(wishes.unconfirmed, personal=True),
    "confirm": State(wishes.confirm, personal=True),
    "show": State(shown, personal=True),
    "move": State(move, personal=True),
    "move-taken": State(move_taken, 409, personal=True, error=True),
    "move-check": State(move_check, personal=True),
    "moved": State(moved, personal=True),
    "cancel": State(question, personal=True),
    "cancelled": State(cancelled, personal=True),
    "offer": State(wishes.offer, personal=True),
    "offer-accepted": State(wishes.accepted, personal=True),
    "offer-declined": State(wishes.declined, personal=True),
    "offer-gone": State(wishes.gone, personal=True),
    "waitlist-error": State(wishes.waitlist_error, 422, personal=True, error=True),
    "find": State(find),
    "find-error": State(find_error, 422, personal=True, error=True),
    "find-empty": State(find_empty, 422, personal=True, error=True),
    "kiosk": State(kiosk, personal=True),
    "kiosk-error": State(kiosk_error, 422, personal=True, error=True),
    "kiosk-ticket": State(kiosk_ticket, personal=True),
    "ticket": State(ticket, personal=True),
    "draw-error": State(draw_error, 422, personal=True, error=True),
    "arrive-error": State(arrive_error, 422, personal=True, error=True),
    "applications": State(applying.start),
    "apply": State(applying.details),
    "apply-choice-error": State(applying.nothing_chosen, 422, error=True),
    "apply-error": State(applying.details_error, 422, personal=True, error=True),
    "apply-check": State(applying.check, personal=True),
    "applied": State(applying.sent, personal=True),
    "application-open": State(applying.opening),
    "application-open-error": State(applying.mistyped, 422, personal=True, error=True),
    "application": State(applying.standing, personal=True),
    "application-state": State(applying.state_only, personal=True),
    "application-paper": State(applying.paper, personal=True),
    "application-withdraw": State(applying.withdrawal, personal=True),
    "application-left": State(applying.left),
    "404-application": State(applying.forged_link, 404, personal=True),
    "waiting": State(waiting, personal=True, crowded=True),
    "waiting-no-place": State(waiting_without_place, personal=True, crowded=True),
    "429": State(throttled, 429, personal=True),
    "404": State(nothing, 404, personal=True),
    "404-appointment": State(no_appointment, 404, personal=True),
    "404-host": State(bare_home, 404, personal=True, host="unknown.example"),
    "waitlist": State(wishes.waiting, personal=True),  # late, so that no time that others give up is offered to them
    "503": State(concern, 503, personal=True, away=True),
}
