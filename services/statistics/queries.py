"""Figures, computed from facts when somebody asks."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Date, Double, Integer, and_, cast, column, func, not_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.engine import Row

from services.statistics.models import appointment_facts as facts
from services.statistics.models import appointment_outcomes as became
from services.statistics.models import processing_facts as processed
from services.statistics.models import search_facts as searched
from services.statistics.models import ticket_facts as visits
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


async def count_searches(session: Session, start: datetime, today: datetime, end: datetime) -> Sequence[Row[Any]]:
    """Return per office and concern the searches of a period, how many had a result, and both since `today` (UTC)."""
    since_today = searched.c.counted_from >= today
    query = (
        select(
            searched.c.office_id,
            func.max(searched.c.office_name).label("office_name"),
            searched.c.concern_id,
            func.sum(searched.c.searches).label("searches"),
            func.sum(searched.c.with_result).label("with_result"),
            func.coalesce(func.sum(searched.c.searches).filter(since_today), 0).label("today"),
            func.coalesce(func.sum(searched.c.with_result).filter(since_today), 0).label("today_with_result"),
        )
        .where(*_searched_within(session, start, end))
        .group_by(searched.c.office_id, searched.c.concern_id)
        .order_by(searched.c.office_id, searched.c.concern_id)
    )
    return (await session.execute(query)).all()


async def count_days_to_next(session: Session, start: datetime, end: datetime) -> dict[tuple[str, str], dict[int, int]]:
    """Return per office and concern how many searches of a period (UTC) found their first time in how many days."""
    found = (
        func.jsonb_to_recordset(searched.c.days_to_next)
        .table_valued(column("days", Integer), column("searches", Integer))
        .render_derived(name="found", with_types=True)
    )
    query = (
        select(searched.c.office_id, searched.c.concern_id, found.c.days, func.sum(found.c.searches).label("n"))
        .join(found, true())
        .where(*_searched_within(session, start, end))
        .group_by(searched.c.office_id, searched.c.concern_id, found.c.days)
    )
    counts: dict[tuple[str, str], dict[int, int]] = {}
    for row in await session.execute(query):
        counts.setdefault((row.office_id, row.concern_id), {})[row.days] = row.n
    return counts


async def count_kept(session: Session, start: datetime, end: datetime, zone: str) -> dict[int, tuple[int, int]]:
    """Return per lead time how many appointments there were in a period (UTC), and how many were not cancelled.

    The lead time is in days of the zone's calendar, from the booking to the last time that the appointment had.
    A moved appointment counts once: as long as this its person kept it in mind. A cancelled one counts at the time
    it would have had. One whose booking has not arrived yet is left out.
    """
    within = facts.c.starts_at >= start, facts.c.starts_at < end
    ids = select(facts.c.appointment_id).where(facts.c.tenant == session.tenant, *within)
    # A move and its booking may be told in either order: what happened last decides.
    newest_first = aggregate_order_by(facts.c.starts_at, facts.c.happened_at.desc())
    each = (
        select(
            func.min(facts.c.happened_at).filter(facts.c.fact == "booked").label("booked_at"),
            func.array_agg(newest_first, type_=ARRAY(facts.c.starts_at.type))[1].label("starts_at"),
            func.bool_or(facts.c.fact == "cancelled").label("cancelled"),
        )
        .where(facts.c.tenant == session.tenant, facts.c.appointment_id.in_(ids))
        .group_by(facts.c.appointment_id)
        .subquery()
    )
    days = cast(func.timezone(zone, each.c.starts_at), Date) - cast(func.timezone(zone, each.c.booked_at), Date)
    query = (
        select(days.label("days"), func.count().label("n"), func.count().filter(not_(each.c.cancelled)).label("kept"))
        .where(each.c.booked_at.is_not(None), each.c.starts_at >= start, each.c.starts_at < end)
        .group_by(days)
    )
    return {row.days: (row.n, row.kept) for row in await session.execute(query)}


async def measure_waiting(session: Session, start: datetime, end: datetime) -> Sequence[Row[Any]]:
    """Return per office the delays and waits of a period (UTC), in minutes: of how many people, median and p90.

    Delay: from the time of an appointment until its person, who was there at that time, was called; called before, it
    is none. Wait: from the arrival of somebody without an appointment until they were called. Who was passed on from
    team to team is in neither: what is known is the last call.
    """
    minutes = func.extract("epoch", visits.c.called_at - func.coalesce(visits.c.due_at, visits.c.arrived_at)) / 60
    waited = cast(func.greatest(minutes, 0), Double)
    of = {
        "delay": and_(visits.c.kind == "appointment", visits.c.arrived_at <= visits.c.due_at),
        "wait": visits.c.kind == "walk-in",
    }
    columns: list[ColumnElement[Any]] = []
    for name, condition in of.items():
        columns.append(func.count().filter(condition).label(f"{name}_people"))
        for part, share in (("median", 0.5), ("p90", 0.9)):
            spread = func.percentile_cont(share).within_group(waited).filter(condition)
            columns.append(spread.label(f"{name}_{part}"))
    query = (
        select(visits.c.office_id, func.max(visits.c.office_name).label("office_name"), *columns)
        .where(
            visits.c.tenant == session.tenant,
            visits.c.ended_at >= start,
            visits.c.ended_at < end,
            visits.c.called_at.is_not(None),
            not_(visits.c.passed_on),
        )
        .group_by(visits.c.office_id)
        .order_by(visits.c.office_id)
    )
    return (await session.execute(query)).all()


async def measure_processing(session: Session, start: datetime, end: datetime, fewest: int) -> Sequence[Row[Any]]:
    """Return how many days applications stayed in states they left in a period (UTC): cases, median, four of five."""
    days = cast(func.extract("epoch", processed.c.ended_at - processed.c.began_at) / 86_400, Double)
    query = (
        select(
            processed.c.benefit_id,
            processed.c.state,
            func.count().label("cases"),
            func.percentile_cont(0.5).within_group(days).label("median"),
            func.percentile_cont(0.8).within_group(days).label("p80"),
        )
        .where(processed.c.tenant == session.tenant, processed.c.ended_at >= start, processed.c.ended_at < end)
        .group_by(processed.c.benefit_id, processed.c.state)
        .having(func.count() >= fewest)
        .order_by(processed.c.benefit_id, processed.c.state)
    )
    return (await session.execute(query)).all()


async def count_outcomes(session: Session, start: datetime, end: datetime, zone: str) -> Sequence[Row[Any]]:
    """Return per office, concern, day of a zone and outcome how many appointments of a period (UTC) came to it.

    A cancelled one counts at the time that it would have had. One whose booking has not arrived yet is left out, and
    so is one that was never confirmed.
    """
    day = cast(func.timezone(zone, became.c.starts_at), Date)
    was_booked = select(facts.c.event_id).where(
        facts.c.tenant == session.tenant, facts.c.fact == "booked", facts.c.appointment_id == became.c.appointment_id
    )
    query = (
        select(
            became.c.office_id,
            func.max(became.c.office_name).label("office_name"),
            became.c.concern_id,
            day.label("day"),
            became.c.outcome,
            func.count().label("n"),
        )
        .where(
            became.c.tenant == session.tenant,
            became.c.starts_at >= start,
            became.c.starts_at < end,
            became.c.outcome.is_not(None),
            was_booked.exists(),
        )
        .group_by(became.c.office_id, became.c.concern_id, day, became.c.outcome)
        .order_by(became.c.office_id, became.c.concern_id, day)
    )
    return (await session.execute(query)).all()


def _searched_within(session: Session, start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    return searched.c.tenant == session.tenant, searched.c.counted_from >= start, searched.c.counted_from < end
