"""Who of the staff did what: a row in the transaction that did it, in the database of the service that did it.

What is changed is told before and after; of what a person gave (name, birth date, address) only that it was changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Insert, MetaData, Table, Text, Uuid, delete, insert, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Row
from uuid_utils.compat import uuid7

from shared import clock
from shared.db import Session
from shared.identity import Identity

MOST = 50


def table(metadata: MetaData) -> Table:
    """Return the table of a service that staff work with; it is under row-level security."""
    return Table(
        "audit_entries",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("tenant", Text, nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("subject", Text, nullable=False),  # the account's id; "schedule" when nobody pressed
        Column("action", Text, nullable=False),
        Column("office_id", Text, nullable=False),  # empty: the whole tenant
        Column("target", Text, nullable=False),  # a number, a version, a name that tells which
        Column("before", JSONB(none_as_null=True)),
        Column("after", JSONB(none_as_null=True)),
        Index("ix_audit_entries_at", "tenant", "at"),
    )


@cache
def _insert(entries: Table) -> Insert:
    """Return the one statement that all entries of a transaction share: they are written in bulk."""
    return insert(entries)


def add(
    session: Session,
    entries: Table,
    who: Identity | str,
    action: str,
    *,
    office: str = "",
    target: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down an action with this transaction; `before` and `after`: what it changed, as JSON."""
    row = {
        "id": uuid7(),
        "tenant": session.tenant,
        "at": clock.now(),
        "subject": who if isinstance(who, str) else who.subject,
        "action": action,
        "office_id": office,
        "target": target,
        "before": before,
        "after": after,
    }
    session.execute_later(_insert(entries), row)


@dataclass(frozen=True)
class Part:
    """Which entries are wanted. `offices` (`None`: all, and those of the whole tenant); empty texts: any."""

    offices: Sequence[str] | None
    office: str = ""
    action: str = ""
    before: tuple[datetime, UUID] | None = None  # older than the entry of this moment and id


async def read(session: Session, entries: Table, part: Part, most: int = MOST) -> Sequence[Row[Any]]:
    """Return the newest entries of a part, newest first."""
    query = select(entries).order_by(entries.c.at.desc(), entries.c.id.desc()).limit(most)
    if part.offices is not None:
        query = query.where(entries.c.office_id.in_(part.offices))
    if part.office:
        query = query.where(entries.c.office_id == part.office)
    if part.action:
        query = query.where(entries.c.action == part.action)
    if part.before is not None:
        query = query.where(tuple_(entries.c.at, entries.c.id) < tuple_(*part.before))
    return (await session.execute(query)).all()


async def forget(service: Any, entries: Table) -> None:  # noqa: ANN401  a Service, which need not be imported for it
    """Delete each tenant's entries that are older than `AUDIT_RETENTION_DAYS`."""
    before = clock.now() - timedelta(days=service.settings.audit_retention_days)
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            await session.execute(delete(entries).where(entries.c.at < before))
