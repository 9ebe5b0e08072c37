"""What those who manage accounts do with them; each in one transaction, with a line about it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog

from services.gateway import accounts, sessions
from services.gateway.accounts import Account
from services.gateway.mapping import DISABLED, NAME_TAKEN, Person, SignInRefused
from services.gateway.models import audit_entries
from services.gateway.render import N_
from shared import audit, clock
from shared.db import Session
from shared.errors import Conflict, NotFound
from shared.identity import Identity

log = structlog.get_logger()

Who = Identity | str

OWN_ROLE = N_("You cannot take your own role as admin away, or disable your own account. Another admin can.")
OWN_ACCESS = N_("For your own password and second factor please use the page My account.")
LAST_ADMIN = N_("This is the last account that manages accounts. Please give the role admin to another one first.")
TAKEN = N_("There is already an account of this name. Please choose another.")


class AccountRefused(Conflict):
    """The change is not possible; `detail` is a sentence to translate."""


class AccountNotFound(NotFound):
    """There is no such account."""


async def create(session: Session, who: Who, login: str, name: str, **values: Any) -> Account:  # noqa: ANN401  columns
    """Make an account; raise `AccountRefused` when its name is taken."""
    made = await accounts.add(session, login, name, **values)
    if made is None:
        raise AccountRefused(TAKEN)
    audit.add(session, audit_entries, who, "account-created", target=made["login"], after=shown(made))
    return made


async def change(
    session: Session, who: Who, account_id: UUID, *, name: str, roles: Sequence[str], offices: Sequence[str]
) -> Account:
    """Change name, roles and offices. Other roles or offices end the sessions: pages that are open know the old ones.

    Raises `AccountNotFound`, `AccountRefused`.
    """
    before = await _locked(session, account_id)
    after = {**before, "name": name, "roles": list(roles), "offices": list(offices)}
    if "admin" in before["roles"] and "admin" not in roles:
        await _check_admin_can_go(session, who, before)
    if shown(before) != shown(after):
        await accounts.change(session, account_id, name=name, roles=list(roles), offices=list(offices))
        audit.add(
            session, audit_entries, who, "account-changed", target=before["login"], before=shown(before),
            after=shown(after),
        )  # fmt: skip
    if set(before["roles"]) != set(roles) or set(before["offices"]) != set(offices):
        await sessions.end_all(session, account_id)
    return after


async def disable(session: Session, who: Who, account_id: UUID) -> None:
    """Let nobody sign in with an account any more, at once. Raises `AccountNotFound`, `AccountRefused`."""
    found = await _locked(session, account_id)
    await _check_admin_can_go(session, who, found)
    if found["disabled_at"] is None:
        await accounts.change(session, account_id, disabled_at=clock.now())
        audit.add(session, audit_entries, who, "account-disabled", target=found["login"])
    await sessions.end_all(session, account_id)


async def enable(session: Session, who: Who, account_id: UUID) -> None:
    """Let an account in again. Raises `AccountNotFound`."""
    found = await _locked(session, account_id)
    if found["disabled_at"] is not None:
        await accounts.change(session, account_id, disabled_at=None)
        audit.add(session, audit_entries, who, "account-enabled", target=found["login"])


async def reset_password(session: Session, who: Who, account_id: UUID, password_hash: str) -> Account:
    """Give an account a password that has to be changed at the next sign-in.

    Raises `AccountNotFound`, `AccountRefused`.
    """
    found = await _locked(session, account_id)
    _check_not_own(who, found)
    await accounts.change(session, account_id, password_hash=password_hash, must_change_password=True)
    await sessions.end_all(session, account_id)
    audit.add(session, audit_entries, who, "password-reset", target=found["login"])
    return found


async def remove_second_factor(session: Session, who: Who, account_id: UUID) -> None:
    """Forget phone and recovery codes of an account. Raises `AccountNotFound`, `AccountRefused`."""
    found = await _locked(session, account_id)
    _check_not_own(who, found)
    await accounts.change(session, account_id, totp_secret=None, recovery_hashes=[])
    await sessions.end_all(session, account_id)
    audit.add(session, audit_entries, who, "second-factor-removed", target=found["login"])


async def follow(session: Session, person: Person, all_offices: Sequence[str]) -> Account:
    """Return the account of who comes from the provider, made or brought up to date; raise `SignInRefused`.

    The last account that manages accounts keeps its roles whatever the provider says.
    """
    offices = [office for office in all_offices if person.offices is None or office in person.offices]
    found = await accounts.find_by_subject(session, person.subject)
    if found is None:
        values: dict[str, Any] = {"roles": person.roles, "offices": offices, "provider_subject": person.subject}
        try:
            return await create(session, "provider", person.login, person.name, **values)
        except AccountRefused as error:
            raise SignInRefused(NAME_TAKEN, login=person.login) from error
    if found["disabled_at"] is not None:
        raise SignInRefused(DISABLED)
    values = {"name": person.name, "offices": offices}
    try:
        return await change(session, "provider", found["id"], roles=person.roles, **values)
    except AccountRefused:  # nobody could give the role back
        log.warning("the last admin keeps the role", tenant=session.tenant, subject=str(found["id"]))
        return await change(session, "provider", found["id"], roles=found["roles"], **values)


def shown(account: Account) -> dict[str, Any]:
    """Return what the audit tells of an account."""
    return {
        "name": account["name"],
        "roles": sorted(account["roles"]),
        "offices": sorted(account["offices"]),
    }


async def _locked(session: Session, account_id: UUID) -> Account:
    # One at a time per tenant: two admins who take each other's role away leave one.
    await session.lock(f"accounts/{session.tenant}")
    found = await accounts.find_by_id(session, account_id)
    if found is None:
        raise AccountNotFound("There is no such account.")
    return found


def _is_own(who: Who, account: Account) -> bool:
    return isinstance(who, Identity) and who.subject == str(account["id"])


def _check_not_own(who: Who, account: Account) -> None:
    # There password and code are asked for: a browser that was left open is not enough.
    if _is_own(who, account):
        raise AccountRefused(OWN_ACCESS)


async def _check_admin_can_go(session: Session, who: Who, account: Account) -> None:
    if _is_own(who, account):
        raise AccountRefused(OWN_ROLE)
    everybody = await accounts.list_all(session)
    real = [one for one in everybody if one["disabled_at"] is None and not one["is_demo"]]
    admins = {one["id"] for one in real if "admin" in one["roles"]}
    if admins == {account["id"]}:
        raise AccountRefused(LAST_ADMIN)
