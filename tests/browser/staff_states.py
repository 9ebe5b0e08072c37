"""Every page and error state for staff, and how a member of staff gets there."""

import uuid
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
    await someone.press(".entries a:has-text('Demo clerk')")


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
