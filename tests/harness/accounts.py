"""Accounts of staff, made as a test needs them, and the codes of their phones."""

import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pyotp

from services.gateway import passwords
from services.gateway.second_factor import SecondFactor
from shared import clock
from tests.harness.identity import PRIVATE_KEY
from tests.harness.inprocess import Town
from tests.harness.installation import Installation
from tests.harness.member import Member

PASSWORD = "correct horse battery"  # noqa: S105  of invented people
_HASH = passwords.hash_of(PASSWORD)  # once: it is slow on purpose
_INSERT = """
    INSERT INTO staff_accounts (id, tenant, login, name, password_hash, roles, offices, created_at, totp_secret,
    must_change_password) VALUES (:id, 'musterstadt', :login, :name, :password_hash, :roles, :offices,
    '2026-09-07T07:00Z', :totp_secret, :must_change)
"""


async def add_account(
    installation: Installation,
    *roles: str,
    login: str = "",
    secret: str = "",
    must_change: bool = False,
    office: str = "mitte",
) -> str:
    """Make an account at an office; return its name. `secret`: of its phone."""
    login = login or f"one-{uuid.uuid4().hex[:12]}"
    values: dict[str, Any] = {
        "id": uuid.uuid4(), "login": login, "name": f"Name of {login}", "password_hash": _HASH, "roles": list(roles),
        "offices": [office], "must_change": must_change,
        "totp_secret": SecondFactor(PRIVATE_KEY).seal(secret) if secret else None,
    }  # fmt: skip
    await installation.rows("gateway", _INSERT, **values)
    return login


def code_of(secret: str, steps: int = 0) -> str:
    """Return what a phone shows now, or some steps of 30 seconds later."""
    return str(pyotp.TOTP(secret.replace(" ", "")).at(int(clock.now().timestamp()) + 30 * steps))


@dataclass
class Staff:
    """The staff of a town, each with a browser of their own."""

    town: Town
    stack: AsyncExitStack

    async def add(self, *roles: str, **values: Any) -> str:
        """Make an account; return its name."""
        return await add_account(self.town.installation, *roles, **values)

    async def member(self, login: str = "") -> Member:
        """Return somebody who is not signed in."""
        return await self.stack.enter_async_context(Member(str(self.town.client.base_url), login))

    async def signed_in(self, login: str, password: str = "demo") -> Member:  # noqa: S107  the demo's
        """Return somebody who is."""
        someone = await self.member(login)
        answer = await someone.sign_in(password)
        assert answer.status_code == 303, answer.text
        return someone

    async def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """Run SQL in the gateway's database."""
        return await self.town.installation.rows("gateway", statement, **values)

    async def account(self, login: str) -> dict[str, Any]:
        """Return an account's row."""
        [found] = await self.rows(
            "SELECT * FROM staff_accounts WHERE tenant = 'musterstadt' AND login = :login", login=login
        )
        return found
