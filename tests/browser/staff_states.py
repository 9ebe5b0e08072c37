"""Every page and error state for staff, and how a member of staff gets there."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.browser import cases, desk, office, planning
from tests.harness.visitor import Visitor

MITTE = "/staff/offices/mitte/plan"


@dataclass(frozen=True)
class StaffState:
    """What is shown, and its status. `reach` signs in if it has to."""

    reach: Callable[[Visitor], Awaitable[object]]
    status: int = 200
    host: str = "localhost"


async def sign_in(someone: Visitor) -> None:
    await someone.open("/staff/sign-in")


async def sign_in_error(someone: Visitor) -> None:
    await someone.open("/staff/sign-in")
    await someone.page.fill("#login", "clerk")
    await someone.page.fill("#password", "wrong")
    await someone.send()


async def start(someone: Visitor) -> None:
    await someone.sign_in("clerk")


async def plans(someone: Visitor) -> None:
    await someone.sign_in("manager")
    await someone.open(MITTE)


async def plan_edit(someone: Visitor) -> None:
    await planning.edit(someone, MITTE)


async def plan_edit_error(someone: Visitor) -> None:
    await planning.edit(someone, MITTE)
    await planning.named(someone, "teams.eingang.kept_desks").fill("9")
    await planning.named(someone, "teams.eingang.hours.1.to").fill("13:00")
    await planning.named(someone, "teams.beratung.desks").fill("")
    await planning.look(someone)


async def one_desk_less(someone: Visitor) -> None:
    await planning.edit(someone, MITTE)
    await planning.named(someone, "teams.eingang.desks").fill("Fenster A")
    await planning.look(someone)


async def plan_preview(someone: Visitor) -> None:
    await someone.book(number=-1, day=3)  # a time that no other test counts on
    await one_desk_less(someone)


async def plan_preview_error(someone: Visitor) -> None:
    await one_desk_less(someone)
    await someone.page.click("label[for=when-later]")
    await someone.send()


async def switches(someone: Visitor) -> None:
    await someone.sign_in("manager", "/staff/offices/mitte/switches")


async def switch_error(someone: Visitor) -> None:
    """With something scheduled, and a history to go back in; at the end it is on, as others need it."""
    await someone.sign_in("admin", "/staff/switches/phone-arrival")
    for _ in range(2):
        await someone.send()
    schedule = "form[action$='/schedule'] button"
    await someone.page.fill("#from", "2027-01-01T08:00")
    await someone.page.fill("#reason-then", "Feiertag")
    await someone.press(schedule)
    await someone.page.fill("#from", "2026-12-24T08:00")
    await someone.page.fill("#until", "2026-12-23T08:00")
    await someone.press(schedule)


async def devices(someone: Visitor) -> None:
    await someone.sign_in("manager", f"{office.HERE}/devices")
    await someone.send()


async def display(someone: Visitor) -> None:
    await office.become(someone, "display")


async def called(someone: Visitor) -> None:
    await reception(someone)
    await someone.press("#draw")
    await office.open_desk(someone, signed_in=True)
    if await someone.page.locator("#next").count():
        await someone.press("#next")


async def reception(someone: Visitor) -> None:
    await someone.sign_in("clerk", f"{office.HERE}/reception")


async def busy_reception(someone: Visitor) -> None:
    """Somebody has an appointment, somebody cannot wait, somebody can, and somebody has gone."""
    number, _, _ = await office.booked_for_today(someone, "09:30")
    await office.booked_for_today(someone, "10:30")
    await reception(someone)
    await someone.press(f"#here-{number}")
    for _ in range(3):
        await someone.press("#draw")
    await someone.page.click("[id^=urgent-] >> nth=-1")
    await someone.press("[id^=frail-] >> nth=-1")
    await someone.press("[id^=leave-] >> nth=-1")


def arrived(start: str) -> Callable[[Visitor], Awaitable[None]]:
    """Return how to say on the phone that one is here, with an appointment at this time of today."""

    async def reach(someone: Visitor) -> None:
        number, code, _ = await office.booked_for_today(someone, start)
        await office.say_here(someone, number, code)

    return reach


async def arrived_cancelled(someone: Visitor) -> None:
    number, code, path = await office.booked_for_today(someone, "11:30")
    await someone.open(f"{path}/cancel")
    await someone.send()
    await office.say_here(someone, number, code)


async def arrived_elsewhere(someone: Visitor) -> None:
    number, code, _ = await office.booked_for_today(someone, "11:30", at="nord")
    await office.say_here(someone, number, code)


async def arrive(someone: Visitor) -> None:
    await someone.open("/office/mitte/arrive")


async def back_from_nowhere(someone: Visitor) -> None:
    await someone.page.goto(f"{someone.base_url}/staff/sign-in/back?code=x&state=x")


async def signed_out(someone: Visitor) -> None:
    await someone.open("/staff/sign-in?to=/account&ended=yes")


async def account(someone: Visitor) -> None:
    await someone.sign_in("clerk", "/staff/account")


async def password_error(someone: Visitor) -> None:
    await someone.sign_in("clerk", "/staff/account/password")
    for name, text in {"present": "demo", "password": "short", "again": "short"}.items():
        await someone.page.fill(f"#{name}", text)
    await someone.send()


async def second_factor_error(someone: Visitor) -> None:
    await someone.sign_in("clerk", "/staff/account/second-factor")
    await someone.page.fill("#present", "demo")
    await someone.page.fill("#code", "000000")
    await someone.send()


async def accounts(someone: Visitor) -> None:
    await someone.sign_in("admin", "/staff/accounts")


async def new_account_error(someone: Visitor) -> None:
    await someone.sign_in("admin", "/staff/accounts/new")
    await someone.page.fill("#login", "a b")
    await someone.page.fill("#name", "Erika Muster")
    await someone.send()


async def an_account(someone: Visitor) -> None:
    await accounts(someone)
    await someone.press(".records a:has-text('Demo clerk')")


async def new_password(someone: Visitor) -> None:
    await someone.sign_in("admin", "/staff/accounts/new")
    await someone.page.fill("#login", f"erika-{uuid.uuid4().hex[:8]}")
    await someone.page.fill("#name", "Erika Muster")
    await someone.page.click("label[for=roles]")
    await someone.send()


async def audit(someone: Visitor) -> None:
    await someone.sign_in("admin", "/staff/audit")


STAFF_STATES = {
    "staff-sign-in": StaffState(sign_in),
    "staff-sign-in-error": StaffState(sign_in_error, 422),
    "staff-start": StaffState(start),
    "staff-plans": StaffState(plans),
    "staff-plan-edit": StaffState(plan_edit),
    "staff-plan-edit-error": StaffState(plan_edit_error, 422),
    "staff-plan-preview": StaffState(plan_preview),
    "staff-plan-preview-error": StaffState(plan_preview_error, 422),
    "desk-day": StaffState(desk.day),
    "desk-day-empty": StaffState(desk.empty_day),
    "desk-search": StaffState(desk.search),
    "desk-search-error": StaffState(desk.search_error, 422),
    "desk-concerns": StaffState(desk.concerns),
    "desk-times": StaffState(desk.times),
    "desk-details-error": StaffState(desk.details_error, 422),
    "desk-overbooking-error": StaffState(desk.overbooking_error, 422),
    "desk-booked": StaffState(desk.appointment),
    "desk-correction-error": StaffState(desk.correction_error, 422),
    "desk-move": StaffState(desk.move),
    "desk-move-check": StaffState(desk.move_check),
    "desk-cancel": StaffState(desk.cancel),
    "desk-close-error": StaffState(desk.close_error, 422),
    "desk-close-check": StaffState(desk.close_check),
    "applications-empty": StaffState(cases.empty),
    "applications-error": StaffState(cases.list_error, 422),
    "applications-search": StaffState(cases.search),
    "application-register-error": StaffState(cases.register_error, 422),
    "application": StaffState(cases.case),
    "application-error": StaffState(cases.case_error, 422),
    "application-step-back-error": StaffState(cases.step_back_error, 422),
    "application-overtaken": StaffState(cases.overtaken),
    "application-request-error": StaffState(cases.request_error, 422),
    "application-records-error": StaffState(cases.records_error, 422),
    "application-letter": StaffState(cases.letter),
    "application-new-code": StaffState(cases.new_code),
    "application-code-letter": StaffState(cases.code_letter),
    "application-tasks": StaffState(cases.tasks),
    "staff-switches": StaffState(switches),
    "staff-switch-error": StaffState(switch_error, 422),
    "devices-error": StaffState(devices, 422),
    "display": StaffState(display),
    "desk": StaffState(called),
    "reception": StaffState(busy_reception),
    "arrive": StaffState(arrive),
    "arrived": StaffState(arrived("09:30")),
    "arrived-early": StaffState(arrived("11:30")),
    "arrived-late": StaffState(arrived("08:00")),
    "arrived-cancelled": StaffState(arrived_cancelled),
    "arrived-elsewhere": StaffState(arrived_elsewhere, host="duesseldorf.localhost"),
    "staff-provider-error": StaffState(back_from_nowhere, 422),
    "staff-signed-out": StaffState(signed_out),
    "staff-account": StaffState(account),
    "staff-password-error": StaffState(password_error, 422),
    "staff-second-factor-error": StaffState(second_factor_error, 422),
    "staff-accounts": StaffState(accounts),
    "staff-new-account-error": StaffState(new_account_error, 422),
    "staff-an-account": StaffState(an_account),
    "staff-new-password": StaffState(new_password),
    "staff-audit": StaffState(audit),
}
