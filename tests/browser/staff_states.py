"""Every page and error state for staff, and how a member of staff gets there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.harness.visitor import Visitor


@dataclass(frozen=True)
class StaffState:
    """What is shown, and its status. `reach` signs in if it has to."""

    reach: Callable[[Visitor], Awaitable[object]]
    status: int = 200


async def sign_in(someone: Visitor) -> None:
    await someone.open("/staff/sign-in")


async def sign_in_error(someone: Visitor) -> None:
    await someone.open("/staff/sign-in")
    await someone.page.fill("#login", "clerk")
    await someone.page.fill("#password", "wrong")
    await someone.send()


async def start(someone: Visitor) -> None:
    await someone.sign_in("clerk")


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


STAFF_STATES = {
    "staff-sign-in": StaffState(sign_in),
    "staff-sign-in-error": StaffState(sign_in_error, 422),
    "staff-start": StaffState(start),
    "staff-switches": StaffState(switches),
    "staff-switch-error": StaffState(switch_error, 422),
}
