"""Figures, computed from facts when somebody asks."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, cast, func, select
from sqlalchemy.engine import Row

from services.statistics.models import appointment_facts as facts
from shared.db import Session


async def count_online(session: Session, start: datetime, end: datetime) -> Sequence[Row[Any]]:
    """Return per office and fact how many online appointments were booked or cancelled in a period (UTC)."""
    query = (
        select(
            facts.c.office_id, func.max(facts.c.office_name).label("office_name"), facts.c.fact, func.count().label("n")
        )
        .where(
            facts.c.tenant == session.tenant,
            facts.c.fact.in_(("booked", "cancelled")),
            facts.c.channel == "online",
            facts.c.happened_at >= start,
            facts.c.happened_at < end,
        )
        .group_by(facts.c.office_id, facts.c.fact)
        .order_by(facts.c.office_id)
    )
    return (await session.execute(query)).all()


async def count_by_day(session: Session, start: datetime, end: datetime, zone: str) -> dict[date, int]:
    """Return how many appointments were booked online on each day of a zone within a period (UTC)."""
    day = cast(func.timezone(zone, facts.c.happened_at), Date)
    query = (
        select(day.label("day"), func.count().label("n"))
        .where(
            facts.c.tenant == session.tenant,
            facts.c.fact == "booked",
            facts.c.channel == "online",
            facts.c.happened_at >= start,
            facts.c.happened_at < end,
        )
        .group_by(day)
    )
    return {row.day: row.n for row in await session.execute(query)}
