"""Accounts of staff: who may sign in, with which roles, at which offices."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from services.gateway.models import staff_accounts as accounts
from shared import clock
from shared.db import Session

Account = Mapping[str, Any]  # a row of `staff_accounts`

ROLES = ("clerk", "manager", "placement", "council", "admin")
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,62}[a-z0-9]")

DEMO_PASSWORD = "demo"  # noqa: S105  everybody is meant to know it
DEMO: tuple[tuple[str, tuple[str, ...]], ...] = tuple((role, (role,)) for role in ROLES)


def normal(login: str) -> str:
    """Return the name of an account as it is stored: capitals do not matter."""
    return login.strip().lower()


async def find(session: Session, login: str) -> Account | None:
    """Return the account of this name."""
    return await _one(session, accounts.c.login == normal(login))


async def find_by_id(session: Session, account_id: UUID) -> Account | None:
    """Return the account with this id."""
    return await _one(session, accounts.c.id == account_id)


async def find_locked(session: Session, account_id: UUID) -> Account | None:
    """Return the account with this id, which nobody else can change before this transaction ends."""
    row = (await session.execute(select(accounts).where(accounts.c.id == account_id).with_for_update())).one_or_none()
    return None if row is None else dict(row._mapping)


async def find_by_subject(session: Session, subject: str) -> Account | None:
    """Return the account of whom the tenant's provider calls so."""
    return await _one(session, accounts.c.provider_subject == subject)


async def list_all(session: Session) -> Sequence[Account]:
    """Return all accounts by name, those that are disabled last."""
    query = select(accounts).order_by(accounts.c.disabled_at.is_not(None), accounts.c.name, accounts.c.login)
    return [dict(row._mapping) for row in await session.execute(query)]


async def list_names(session: Session) -> dict[str, str]:
    """Return the names of all accounts by id."""
    return {str(row.id): row.name for row in await session.execute(select(accounts.c.id, accounts.c.name))}


async def add(session: Session, login: str, name: str, **values: Any) -> Account | None:  # noqa: ANN401  columns
    """Make an account and return it; `None` when the name is taken."""
    row = {"id": uuid7(), "tenant": session.tenant, "login": normal(login), "name": name, "created_at": clock.now()}
    statement = insert(accounts).values(row | values).on_conflict_do_nothing().returning(accounts)
    made = (await session.execute(statement)).one_or_none()
    return None if made is None else dict(made._mapping)


async def change(session: Session, account_id: UUID, **values: Any) -> None:  # noqa: ANN401  columns
    """Change an account."""
    await session.execute(update(accounts).where(accounts.c.id == account_id).values(values))


async def make_demo(session: Session, offices: list[str], password_hash: str) -> None:
    """Make one account for each role, in all of these offices, unless they are there."""
    for login, roles in DEMO:
        values = {"is_demo": True, "password_hash": password_hash, "roles": roles, "offices": offices}
        await add(session, login, f"Demo {login}", **values)


async def _one(session: Session, condition: Any) -> Account | None:  # noqa: ANN401  SQLAlchemy's own type
    row = (await session.execute(select(accounts).where(condition))).one_or_none()
    return None if row is None else dict(row._mapping)
