"""Every page and error state for staff, and how a member of staff gets there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.browser import office
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


STAFF_STATES = {
    "staff-sign-in": StaffState(sign_in),
    "staff-sign-in-error": StaffState(sign_in_error, 422),
    "staff-start": StaffState(start),
    "devices-error": StaffState(devices, 422),
    "display": StaffState(display),
    "desk": StaffState(called),
    "reception": StaffState(reception),
}
