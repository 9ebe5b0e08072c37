"""Sessions of staff: who is signed in with which key. The key is in a browser's cookie; the database has its hash."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.accounts import Account
from services.gateway.models import staff_accounts as accounts
from services.gateway.models import staff_sessions as sessions
from shared import clock
from shared.db import Session

LONGEST = timedelta(hours=12)
LONGEST_INCOMPLETE = timedelta(minutes=10)  # between password and code
SEEN_EVERY = timedelta(minutes=1)  # each request would cost a write otherwise


async def begin(session: Session, account_id: UUID, *, complete: bool = True) -> str:
    """Sign an account in; return a new key for the browser's cookie. Not `complete`: a code is still asked for."""
    key, now = secrets.token_urlsafe(32), clock.now()
    row = {"key_hash": _hashed(key), "tenant": session.tenant, "account_id": account_id, "complete": complete}
    await session.execute(insert(sessions).values(**row, began_at=now, seen_at=now))
    return key


async def end(session: Session, key: str) -> None:
    """Sign out."""
    await session.execute(delete(sessions).where(sessions.c.key_hash == _hashed(key)))


async def end_all(session: Session, account_id: UUID, but: str = "") -> None:
    """Sign an account out everywhere, but for the session of one key."""
    others = sessions.c.account_id == account_id, sessions.c.key_hash != _hashed(but)
    await session.execute(delete(sessions).where(*others))


async def get(session: Session, key: str, idle: timedelta, *, is_active: bool = True) -> Account | None:
    """Return whose session the key is, and whether it is `complete`.

    It is nobody's after so long without a request, after twelve hours, or when the account is disabled.
    `is_active`: somebody does something; a page that looks by itself keeps nobody signed in.
    """
    now = clock.now()
    query = select(accounts, sessions.c.seen_at, sessions.c.began_at, sessions.c.complete)
    query = query.join(sessions, sessions.c.account_id == accounts.c.id).where(
        sessions.c.key_hash == _hashed(key),
        sessions.c.seen_at > now - idle,
        sessions.c.began_at > now - LONGEST,
        accounts.c.disabled_at.is_(None),
    )
    row = (await session.execute(query)).one_or_none()
    if row is None or not (row.complete or row.began_at > now - LONGEST_INCOMPLETE):
        return None
    if is_active and now - row.seen_at > SEEN_EVERY:
        await session.execute(update(sessions).where(sessions.c.key_hash == _hashed(key)).values(seen_at=now))
    return dict(row._mapping)


async def tidy(session: Session) -> None:
    """Delete what is over in any case."""
    await session.execute(delete(sessions).where(sessions.c.began_at <= clock.now() - LONGEST))


def _hashed(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
