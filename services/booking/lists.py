"""Lists of appointments for staff: a day in order, what a search finds, who a closed day affects."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, false, func, or_, select, text
from sqlalchemy.engine import Row

from services.booking.models import appointments, desks, occupancies, offices
from shared import api_staff, links
from shared.db import Session
from shared.name_search import has_word
from shared.wanted import read_wanted

_concerns = text(
    "(SELECT jsonb_agg(c.name ORDER BY array_position(concern_id || also_ids, c.id)) FROM concerns c "
    "WHERE c.id = ANY(concern_id || also_ids)) AS concerns"
)
_ENTRIES = (
    select(
        appointments,
        offices.c.zone,
        desks.c.name.label("desk"),
        desks.c.team_id,
        _concerns,
    )
    .join(offices, offices.c.id == appointments.c.office_id)
    .outerjoin(occupancies, occupancies.c.appointment_id == appointments.c.id)
    .outerjoin(desks, desks.c.id == occupancies.c.desk_id)
)
Entries = Sequence[Row[Any]]


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a day begins, and the next one, in the office's zone."""
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


async def list_day(session: Session, office_id: str, bounds: tuple[datetime, datetime], now: datetime) -> Entries:
    """Return a day's appointments in order, with those that are cancelled; not what was never confirmed in time."""
    begin, end = bounds
    query = _ENTRIES.where(
        appointments.c.office_id == office_id,
        appointments.c.starts_at >= begin,
        appointments.c.starts_at < end,
        or_(appointments.c.state != "unconfirmed", appointments.c.confirm_until > now),
    )
    return await _read(session, query.order_by(appointments.c.starts_at, appointments.c.number))


async def list_by_id(session: Session, ids: Sequence[UUID]) -> Entries:
    """Return these appointments in the order of their time."""
    query = _ENTRIES.where(appointments.c.id.in_(ids))
    return await _read(session, query.order_by(appointments.c.starts_at, appointments.c.number))


async def search(session: Session, office_ids: Sequence[str], typed: str) -> Entries:
    """Return the newest of the appointments at these offices with such a number, name or date of birth."""
    number = links.normalise(typed)
    wanted = read_wanted(typed, number)
    either = [and_(*(has_word(appointments.c.name, word) for word in wanted.words))] if wanted.words else []
    if number and set(number) <= set(links.ALPHABET):
        either.append(func.starts_with(func.replace(appointments.c.number, "-", ""), number))
    if wanted.born:
        either.append(appointments.c.birth_date == wanted.born)
    query = _ENTRIES.where(appointments.c.office_id.in_(office_ids), or_(false(), *either))
    newest = query.order_by(appointments.c.starts_at.desc(), appointments.c.number).limit(api_staff.MOST_FOUND)
    return await _read(session, newest)


def documents(rows: Entries) -> list[api_staff.Entry]:
    """Return what is told of the appointments of a list."""
    as_they_are = ("number", "name", "concerns", "kind", "state", "outcome", "overbooked", "mail", "to_phone")
    return [
        api_staff.Entry(
            **{name: getattr(row, name) for name in as_they_are},
            office=row.office_id,
            start=row.starts_at.astimezone(ZoneInfo(row.zone)),
            end=row.ends_at.astimezone(ZoneInfo(row.zone)),
            interpreter=bool(row.interpreter),
            needs=bool(row.needs),
            desk=row.desk,
            has_email=bool(row.email),
            phone=row.call_number,
        )
        for row in rows
    ]


async def _read(session: Session, query: Select[Any]) -> Entries:
    return (await session.execute(query)).all()
