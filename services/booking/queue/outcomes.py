"""What becomes of an appointment on its day: arrived, served, missed, excused; and the event that tells it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from services.booking import appointments, domain, queries
from services.booking.models import appointments as table
from services.booking.models import audit_entries
from services.booking.queue import reading, tickets
from services.booking.rows import Appointment, event_values
from services.booking.staff import check_may
from shared import audit, clock, outbox
from shared.contracts.booking import (
    AppointmentArrived,
    AppointmentExcused,
    AppointmentMissed,
    AppointmentOutcomeWithdrawn,
    AppointmentServed,
)
from shared.db import Session
from shared.identity import Identity


async def note_arrival(session: Session, found: Appointment, now: datetime) -> None:
    """Tell that somebody is here; the appointment is locked. What was noted before they came is forgotten."""
    changed = await _change(session, found, None)
    outbox.add(session, AppointmentArrived(**event_values(changed), arrived_at=now))


async def note(
    session: Session, appointment_id: UUID, due_at: datetime | None, outcome: str | None, now: datetime
) -> None:
    """Note what became of an appointment, and tell it; `None` takes it back. `due_at`: when it began for their ticket.

    Whoever has cancelled or moved it while they waited has no appointment now, although they are served.
    """
    found = await queries.find_by_id(session, appointment_id, lock=True)
    if found["state"] == "booked" and found["starts_at"] == due_at and outcome != found["outcome"]:
        await _note(session, found, outcome, now)


async def choose(session: Session, number: str, outcome: str | None, staff: Identity) -> Appointment:
    """Note what became of an appointment whose person is not here; noted already, nothing changes.

    Raises `AppointmentNotFound`, `NotYourTask`, `OutcomeWrong`.
    """
    now = clock.now()
    found = await appointments.find_by_number(session, number)
    if found is None or found["office_id"] not in staff.offices:
        raise domain.AppointmentNotFound("No appointment of your offices has this number. Please check it.")
    check_may(staff, "desk", found["office_id"])
    await tickets.lock(session, found["office_id"])
    found = await queries.find_by_id(session, found["id"], lock=True)
    here = await reading.today(session, found["office_id"], now)
    ticket = await reading.find_of_appointment(session, here, found["id"])
    domain.check_outcome(outcome, found, now, is_here=ticket is not None)
    if outcome == found["outcome"]:
        return found
    changed = await _note(session, found, outcome, now)
    audit.add(
        session,
        audit_entries,
        staff,
        "appointment-outcome",
        office=found["office_id"],
        target=found["number"],
        before={"outcome": found["outcome"]},
        after={"outcome": outcome},
    )
    return changed


async def _change(session: Session, found: Appointment, outcome: str | None) -> Mapping[str, Any]:
    values = {"outcome": outcome, "version": found["version"] + 1}
    await session.execute(update(table).where(table.c.id == found["id"]).values(values))
    return {**found, **values}


async def _note(session: Session, found: Appointment, outcome: str | None, now: datetime) -> Mapping[str, Any]:
    """Note another outcome than was noted before, and tell it."""
    changed = await _change(session, found, outcome)
    values = event_values(changed)
    if changed["outcome"] == "served":
        outbox.add(session, AppointmentServed(**values, served_at=now))
    elif changed["outcome"] == "missed":
        outbox.add(session, AppointmentMissed(**values, missed_at=now))
    elif changed["outcome"] == "excused":
        outbox.add(session, AppointmentExcused(**values, excused_at=now))
    else:
        outbox.add(session, AppointmentOutcomeWithdrawn(**values, withdrawn=found["outcome"], withdrawn_at=now))
    return changed
