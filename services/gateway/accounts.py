"""Accounts of staff and their sessions: who may sign in, and who is signed in."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Text, cast, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from services.gateway.models import staff_accounts as accounts
from services.gateway.models import staff_sessions as sessions
from shared import clock
from shared.db import Session

Account = Mapping[str, Any]  # a row of `staff_accounts`

LONGEST_SESSION = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # each request would cost a write otherwise
_hasher = PasswordHasher()
# Of an account that does not exist, so that it takes as long to say no.
_NOBODY = _hasher.hash(secrets.token_urlsafe())

DEMO_PASSWORD = "demo"  # noqa: S105  everybody is meant to know it
DEMO: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("clerk", ("clerk",)),
    ("manager", ("manager",)),
    ("placement", ("placement",)),
    ("council", ("council",)),
    ("admin", ("admin",)),
)


async def find(session: Session, login: str) -> Account | None:
    """Return the account of this name, whatever its capitals."""
    query = select(accounts).where(accounts.c.login == login.strip().lower())
    row = (await session.execute(query)).one_or_none()
    return None if row is None else dict(row._mapping)


def is_right(account: Account | None, password: str) -> bool:
    """Tell whether the password opens the account; slow on purpose: call it in a thread."""
    try:
        _hasher.verify((account and account["password_hash"]) or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return account is not None and account["password_hash"] is not None


def hash_of(password: str) -> str:
    """Return what is stored of a password; slow on purpose: call it in a thread."""
    return _hasher.hash(password)


async def begin_session(session: Session, account_id: UUID) -> str:
    """Sign an account in; return the key for the browser's cookie."""
    key, now = secrets.token_urlsafe(32), clock.now()
    row = {"key_hash": _hashed(key), "tenant": session.tenant, "account_id": account_id}
    await session.execute(insert(sessions).values(**row, began_at=now, seen_at=now))
    return key


async def end_session(session: Session, key: str) -> None:
    """Sign out."""
    await session.execute(delete(sessions).where(sessions.c.key_hash == _hashed(key)))


async def who_is(session: Session, key: str, idle: timedelta, *, is_active: bool = True) -> Account | None:
    """Return whose session the key is; nobody's after so long without a request, or after twelve hours.

    `is_active`: somebody does something; a page that looks by itself keeps nobody signed in.
    """
    now = clock.now()
    query = select(accounts, sessions.c.seen_at).join(sessions, sessions.c.account_id == accounts.c.id)
    query = query.where(
        sessions.c.key_hash == _hashed(key),
        sessions.c.seen_at > now - idle,
        sessions.c.began_at > now - LONGEST_SESSION,
        accounts.c.disabled_at.is_(None),
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    if is_active and now - row.seen_at > SEEN_EVERY:
        await session.execute(update(sessions).where(sessions.c.key_hash == _hashed(key)).values(seen_at=now))
    return dict(row._mapping)


async def make_demo(session: Session, offices: list[str], password_hash: str) -> None:
    """Make one account for each role, in all of these offices, unless they are there."""
    for login, roles in DEMO:
        row = {"id": uuid7(), "tenant": session.tenant, "login": login, "name": f"Demo {login}", "is_demo": True}
        row |= {"password_hash": password_hash, "roles": roles, "offices": offices, "created_at": clock.now()}
        await session.execute(insert(accounts).values(row).on_conflict_do_nothing())


async def names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of accounts by their ids; of one that is gone, or never was, none."""
    id_ = cast(accounts.c.id, Text)
    known = select(id_.label("id"), accounts.c.name).where(id_.in_(set(ids)))
    return {row.id: row.name for row in await session.execute(known)}


def _hashed(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
