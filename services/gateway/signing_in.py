"""What signing in consists of: password, code, session; each step in transactions of its own."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from services.gateway import accounts, attempts, passwords, sessions
from services.gateway.accounts import Account
from services.gateway.attempts import FREE, FREE_OF_ADDRESS
from services.gateway.members import SignInNeeded
from services.gateway.models import audit_entries
from services.gateway.second_factor import SecondFactor
from services.gateway.settings import GatewaySettings
from services.gateway.vault import Vault
from shared import audit
from shared.db import Session
from shared.service import Service

log = structlog.get_logger()


@dataclass(frozen=True)
class Client:
    """From where somebody tries to sign in. `knows`: whom this browser has signed in before, as its cookie says."""

    address: str
    knows: str


class SigningIn:
    """Signs members of staff in."""

    def __init__(self, service: Service[GatewaySettings], private_key: str) -> None:
        self._service = service
        self._vault = Vault(private_key, b"signing in")
        self.factor = SecondFactor(private_key)

    def known_mark(self, tenant: str, login: str) -> str:
        """Return what a browser keeps when this account has signed in with it."""
        return self._vault.digest("known", tenant, accounts.normal(login)).hex()[:32]

    async def check_password(self, tenant: str, login: str, password: str, client: Client) -> Account | None:
        """Return the account that name and password open, or `None`; raise `TooManyAttempts`.

        Names that do not exist wait like others, so that nobody learns which do. Browsers that have signed in before
        are counted apart, and not by address: who guesses from elsewhere does not keep the rightful person out.
        """
        is_known = client.knows == self.known_mark(tenant, login)
        name = self._key("login", "known" if is_known else "new", accounts.normal(login))
        address = self._key("address", attempts.counted_as(client.address))
        async with self._service.database.transaction(tenant) as session:
            begun = await attempts.begin(session, {name: FREE} | ({} if is_known else {address: FREE_OF_ADDRESS}))
            found = await accounts.find(session, login) if accounts.LOGIN.fullmatch(accounts.normal(login)) else None
        # Outside of the transaction: it is slow on purpose.
        stored: str | None = found["password_hash"] if found else None
        right = await asyncio.to_thread(passwords.is_right, stored, password)
        if not right or found is None or not self.may_sign_in(found):
            log.warning("sign-in refused", tenant=tenant, subject=str(found["id"]) if found else "")
            return None
        async with self._service.database.transaction(tenant) as session:
            await attempts.forget(session, name)
            if address in begun:
                await attempts.take_back(session, address, begun[address])
        return found

    async def check_code(self, tenant: str, account: Account, code: str) -> bool:
        """Use up a code of the app, or a recovery code; raise `TooManyAttempts`."""
        key = self._key("code", str(account["id"]))
        async with self._service.database.transaction(tenant) as session:
            begun = await attempts.begin(session, {key: FREE})

        async def work(session: Session) -> bool:
            await session.lock(f"account/{account['id']}")  # the same code twice at once is accepted once
            now = await accounts.find_by_id(session, account["id"])
            used = self._use_code(now, code) if now else None
            if used is None:
                log.warning("code refused", tenant=tenant, subject=str(account["id"]))
                if begun[key].failures >= FREE:  # it has to wait now
                    audit.add(session, audit_entries, str(account["id"]), "wrong-codes", target=account["login"])
                return False
            await accounts.change(session, account["id"], **used)
            if "recovery_hashes" in used:
                audit.add(session, audit_entries, str(account["id"]), "recovery-code-used", target=account["login"])
            await attempts.forget(session, key)
            return True

        return await self._service.database.run(work, tenant)

    async def begin(self, tenant: str, account: Account, how: str, old_key: str = "", *, complete: bool = True) -> str:
        """Return the key of a new session; what the browser had before is over, so nobody can foist a session on it.

        Raises `SignInNeeded` when the account was given another password, or disabled, since it was checked.
        """
        async with self._service.database.transaction(tenant) as session:
            now = await accounts.find_locked(session, account["id"])
            if now is None or now["password_hash"] != account["password_hash"] or not self.may_sign_in(now):
                raise SignInNeeded("The account was changed meanwhile. Please sign in again.", ended=True)
            if old_key:
                await sessions.end(session, old_key)
            if complete:
                audit.add(session, audit_entries, str(account["id"]), "sign-in", after={"how": how})
            return await sessions.begin(session, account["id"], complete=complete)

    def may_sign_in(self, account: Account) -> bool:
        """Whether the account is in use; those of a demonstration only where they are wanted."""
        return account["disabled_at"] is None and (not account["is_demo"] or self._service.settings.demo_logins)

    def needs_second_factor(self, account: Account) -> bool:
        """Whether one of the account's roles must not be used without; who signs in elsewhere shows it there."""
        asked = {role.strip() for role in self._service.settings.staff_totp_roles.split(",")}
        local = account["password_hash"] is not None and not account["is_demo"]
        return local and not asked.isdisjoint(account["roles"])

    def _use_code(self, account: Account, code: str) -> dict[str, Any] | None:
        if (step := self.factor.step_of(account, code)) is not None:
            return {"totp_step": step}
        if (hashed := self.factor.recovery_hash(account, code)) is not None:
            return {"recovery_hashes": [one for one in account["recovery_hashes"] if one != hashed]}
        return None

    def _key(self, *what: str) -> str:
        return self._vault.digest(*what).hex()[:32]


async def set_password(session: Session, account_id: UUID, password_hash: str, *, must_change: bool, key: str) -> None:
    """Give an account a new password and end its sessions, but for the one that did it."""
    await accounts.change(session, account_id, password_hash=password_hash, must_change_password=must_change)
    await sessions.end_all(session, account_id, but=key)
