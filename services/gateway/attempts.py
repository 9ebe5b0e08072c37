"""Slows down whoever guesses passwords and codes: counted in the database, for all replicas.

An attempt counts as failed before it is looked at, and is taken back when it was right: many at once are no way round.
While somebody has to wait nothing is tried and nothing counted, so no wait is ever longer than a quarter of an hour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address
from math import ceil

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.models import staff_attempts as attempts
from shared import clock
from shared.db import Session
from shared.errors import TooManyRequests

FREE = 5  # wrong ones before the first wait
FREE_OF_ADDRESS = 50  # a whole Jobcenter may come from one address
FORGOTTEN_AFTER = timedelta(minutes=15)
LONGEST = timedelta(minutes=15)
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Attempt:
    """One that counts as failed. `before`: when the last failure was; `failures`: how many there are with it."""

    at: datetime
    before: datetime
    failures: int


class TooManyAttempts(TooManyRequests):
    """There were too many wrong passwords or codes."""


def wait_after(failures: int, free: int = FREE) -> timedelta:
    """Return how long to wait after so many failures: 1, 2, 4, 8, then always 15 minutes."""
    if failures < free:
        return timedelta()
    return min(timedelta(minutes=2 ** min(failures - free, 4)), LONGEST)


def seconds_to_wait(failures: int, failed_at: datetime, now: datetime, free: int = FREE) -> int:
    """Return for how many seconds nothing more may be tried; 0: try."""
    wait = wait_after(failures, free)
    return max(0, ceil((failed_at + wait - now).total_seconds())) if wait else 0


def counted_as(address: str) -> str:
    """Return what a network address is counted as: of IPv6 the /64, all of which one household has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return address
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False))


async def begin(session: Session, keys: Mapping[str, int]) -> dict[str, Attempt]:
    """Count an attempt as failed; raise `TooManyAttempts`. `keys`: what it is for, and how many failures are free."""
    now, begun = clock.now(), {}
    for key in sorted(keys):  # always in the same order: no deadlocks
        row = {"tenant": session.tenant, "key": key, "failures": 0, "failed_at": now}
        await session.execute(insert(attempts).values(row).on_conflict_do_nothing())
        query = select(attempts.c.failures, attempts.c.failed_at).where(attempts.c.key == key).with_for_update()
        found = (await session.execute(query)).one()
        if seconds := seconds_to_wait(found.failures, found.failed_at, now, keys[key]):
            raise TooManyAttempts("There were too many wrong tries. Please wait.", seconds=seconds)
        over = now - found.failed_at >= wait_after(found.failures, keys[key]) + FORGOTTEN_AFTER
        begun[key] = Attempt(now, found.failed_at, 1 if over else found.failures + 1)
        changes = {"failures": begun[key].failures, "failed_at": now}
        await session.execute(update(attempts).where(attempts.c.key == key).values(changes))
    return begun


async def forget(session: Session, key: str) -> None:
    """Forget all failures: it was right."""
    await session.execute(delete(attempts).where(attempts.c.key == key))


async def take_back(session: Session, key: str, attempt: Attempt) -> None:
    """Take back one failure, as others come from the same address; a later one of theirs stays the last."""
    failed_at = case((attempts.c.failed_at == attempt.at, attempt.before), else_=attempts.c.failed_at)
    changes = {"failures": attempts.c.failures - 1, "failed_at": failed_at}
    await session.execute(update(attempts).where(attempts.c.key == key, attempts.c.failures > 0).values(changes))


async def tidy(session: Session) -> None:
    """Delete what is long over."""
    await session.execute(delete(attempts).where(attempts.c.failed_at < clock.now() - KEPT))
