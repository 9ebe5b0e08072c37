"""Booking's time-driven work: erasing people and what they need when appointments are over, tidying what has ended."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, func, or_, update

from services.booking import queries
from services.booking.models import (
    appointments,
    audit_entries,
    holds,
    occupancies,
    open_desks,
    ticket_counters,
    tickets,
    waitlist,
)
from services.booking.queue import reading
from services.booking.queue.tickets import close_earlier_days
from services.booking.settings import BookingSettings
from shared import audit, clock
from shared.db import Session
from shared.service import Service

ERASE_SECONDS = 3600.0
NEEDS_SECONDS = 600.0
TIDY_SECONDS = 3600.0
QUEUE_SECONDS = 600.0

NOBODY: dict[str, Any] = {
    "name": None, "birth_date": None, "email": None, "call_number": None, "interpreter": None, "needs": [],
    "request_hash": b"", "to_phone": False,
}  # fmt: skip
ONLY_TIMES: dict[str, Any] = {
    "label": None, "number": 0, "language": None, "urgency": "", "desk_id": None, "idempotency_key": None,
    "request_hash": None, "left_desk_id": None,
}  # fmt: skip


async def erase_persons(service: Service[BookingSettings]) -> None:
    """Erase name, birth date and e-mail some time after the appointment; what is left names nobody."""
    now = clock.now()
    before = now - timedelta(days=service.settings.appointment_retention_days)
    # What was asked for and never confirmed is nobody's appointment: a day is enough.
    unconfirmed = appointments.c.state == "unconfirmed", appointments.c.confirm_until < now - timedelta(days=1)
    over = update(appointments).where(
        appointments.c.erased_at.is_(None), or_(appointments.c.ends_at < before, and_(*unconfirmed))
    )
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            await session.execute(over.values(**NOBODY, erased_at=now))


async def erase_needs(service: Service[BookingSettings]) -> None:
    """Erase what people need, which is health data, as soon as the appointment is over or cancelled."""
    told = or_(appointments.c.interpreter.is_not(None), func.cardinality(appointments.c.needs) > 0)
    done = or_(appointments.c.ends_at < clock.now(), appointments.c.state == "cancelled")
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            await session.execute(update(appointments).where(told, done).values(interpreter=None, needs=[]))


async def tidy_queue(service: Service[BookingSettings]) -> None:
    """Close what an earlier day has left open, and keep nothing of it but times.

    Of urgency, language, number and desk nobody needs to know on the next day; the appointment is known for longer.
    """
    now = clock.now()
    away = now - timedelta(minutes=service.settings.desk_away_minutes)
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            await session.execute(delete(open_desks).where(open_desks.c.seen_at < away))
            oldest = await reading.list_oldest_open(session)
            offices = await queries.list_offices(session)
        for office in offices:
            today = now.astimezone(ZoneInfo(office.zone)).date()
            async with service.database.transaction(tenant) as session:
                if oldest.get(office.id, today) < today:
                    await close_earlier_days(session, office.id, now)
                await _forget_earlier_days(session, office.id, today, service.settings)


async def _forget_earlier_days(session: Session, office_id: str, today: date, settings: BookingSettings) -> None:
    own = update(tickets).where(tickets.c.office_id == office_id)
    await session.execute(own.where(tickets.c.day < today, tickets.c.label.is_not(None)).values(ONLY_TIMES))
    known_until = today - timedelta(days=settings.ticket_link_retention_days)
    linked = tickets.c.day < known_until, tickets.c.appointment_id.is_not(None)
    await session.execute(own.where(*linked).values(appointment_id=None))
    numbers = ticket_counters.c.office_id == office_id, ticket_counters.c.day < today
    await session.execute(delete(ticket_counters).where(*numbers))


async def tidy_holds(service: Service[BookingSettings]) -> None:
    """Delete what was held a day ago. Nothing waits for it: times are free when their hold has ended.

    Offers stay as long as their appointment, so that their links can say what became of them. Whose appointment has
    begun is taken off the waitlist: nobody can come earlier to it any more.
    """
    now = clock.now()
    before = now - timedelta(days=1)
    begun = waitlist.c.appointment_id == appointments.c.id, appointments.c.starts_at <= now
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            await session.execute(delete(occupancies).where(occupancies.c.held_until < before))
            await session.execute(delete(holds).where(holds.c.held_until < before, holds.c.purpose != "offer"))
            await session.execute(delete(waitlist).where(*begun))


async def forget_audit(service: Service[BookingSettings]) -> None:
    """Delete what is no longer kept of who did what."""
    await audit.forget(service, audit_entries)
