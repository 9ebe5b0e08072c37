"""Booking, moving and cancelling: one transaction each, from the rules to the event."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from services.booking import desks, domain, queries
from services.booking.access import Access
from services.booking.models import appointments, occupancies
from shared import clock, links, outbox
from shared.api import AppointmentRequest
from shared.contracts.booking import AppointmentBooked, AppointmentCancelled, AppointmentMoved
from shared.contracts.values import Concern, Office
from shared.db import Session

Appointment = Mapping[str, Any]  # a row of `appointments` with its office and concern, as `queries` selects it
SealingKey = tuple[str, bytes]

_INSERT = insert(appointments).on_conflict_do_nothing().returning(appointments.c.id)


async def book(
    session: Session, request: AppointmentRequest, idempotency_key: str, access: Access, sealing_key: SealingKey
) -> Appointment:
    """Book an appointment, or return the one that this key has booked before.

    Raises `UnknownOffice`, `UnknownConcern`, `SlotNotOffered`, `SlotTaken`, `IdempotencyKeyReused`.
    """
    now, hash_ = clock.now(), access.request_hash(request)
    rules, place = await queries.load_rules(session, request.office, request.concern)
    try:
        slot = domain.find_offered(rules, request.start, now)
    except domain.SlotNotOffered:
        # A repeated request must get its answer also when the time could not be booked any more.
        if earlier := await queries.find_by_key(session, idempotency_key):
            return _same_request(earlier, hash_)
        raise
    row = _new_row(session.tenant, request, slot, now) | {"idempotency_key": idempotency_key, "request_hash": hash_}
    while (await session.execute(_INSERT, row)).first() is None:
        if earlier := await queries.find_by_key(session, idempotency_key):
            return _same_request(earlier, hash_)
        row["number"] = links.new_number()  # the number was given already
    await desks.take(session, row["id"], slot)
    event = AppointmentBooked(
        **_event_values({**place, **row}), booked_at=now, recipient=access.seal_recipient(row, sealing_key)
    )
    outbox.add(session, event)
    return {**place, **row}


async def move(
    session: Session, number: str, given: str | None, start: datetime, access: Access, sealing_key: SealingKey
) -> Appointment:
    """Move an appointment to another time for its citizen; to the time it has already, nothing changes.

    Raises `AppointmentNotFound`, `AlreadyCancelled`, `AppointmentOver`, `SlotNotOffered`, `SlotTaken`.
    """
    now = clock.now()
    place = await find(session, number, given, access)
    # The plan's lock before the row's: publishing a plan takes them in this order too.
    await session.share_lock(desks.plan_lock(session.tenant, place["office_id"]))
    found = await find(session, number, given, access, lock=True)
    domain.check_can_move(found["state"], found["starts_at"], now)
    if start == found["starts_at"]:
        return found
    rules, _ = await queries.load_rules(session, found["office_id"], found["concern_id"])
    slot = domain.find_offered(rules, start, now)
    # Its own desk is free for it first, as the new time may overlap the old one.
    await session.execute(delete(occupancies).where(occupancies.c.appointment_id == found["id"]))
    await desks.take(session, found["id"], slot)
    moved = await _change(session, found, {"starts_at": slot.starts_at, "ends_at": slot.ends_at})
    event = AppointmentMoved(
        **_event_values(moved),
        previous_starts_at=found["starts_at"],
        moved_at=now,
        moved_by="citizen",
        recipient=access.seal_recipient(moved, sealing_key),
    )
    outbox.add(session, event)
    return moved


async def cancel(
    session: Session, number: str, given: str | None, access: Access, sealing_key: SealingKey
) -> Appointment:
    """Cancel an appointment for its citizen; cancelling again changes nothing.

    Raises `AppointmentNotFound`, `AppointmentOver`.
    """
    now = clock.now()
    found = await find(session, number, given, access, lock=True)
    if not domain.check_can_cancel(found["state"], found["starts_at"], now):
        return found
    await session.execute(delete(occupancies).where(occupancies.c.appointment_id == found["id"]))
    cancelled = await _change(session, found, {"state": "cancelled", "cancelled_at": now})
    event = AppointmentCancelled(
        **_event_values(cancelled),
        cancelled_at=now,
        cancelled_by="citizen",
        recipient=access.seal_recipient(cancelled, sealing_key),
    )
    outbox.add(session, event)
    return cancelled


async def find(session: Session, number: str, given: str | None, access: Access, *, lock: bool = False) -> Appointment:
    """Return the appointment that number and code (or link) open; a wrong code and a wrong number look the same."""
    characters = links.normalise(number)
    possible = links.is_number(characters)
    found = await queries.find_by_number(session, links.grouped(characters), lock=lock) if possible else None
    if found is None or not access.opens(found["id"], given):
        raise domain.AppointmentNotFound("No appointment has this number and code. Please check both.")
    return found


async def _change(session: Session, found: Appointment, values: Mapping[str, Any]) -> Appointment:
    changes = {**values, "version": found["version"] + 1, "mail": "waiting" if found["email"] else "none"}
    await session.execute(update(appointments).where(appointments.c.id == found["id"]).values(changes))
    return {**found, **changes}


def _new_row(tenant: str, request: AppointmentRequest, slot: domain.Slot, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "tenant": tenant,
        "number": links.new_number(),
        "version": 1,
        "state": "booked",
        "channel": "online",
        "office_id": request.office,
        "concern_id": request.concern,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "name": request.name,
        "birth_date": request.birth_date,
        "email": request.email,
        "language": request.language,
        "mail": "waiting" if request.email else "none",
        "booked_at": now,
    }


def _event_values(row: Appointment) -> dict[str, Any]:
    return {
        "appointment_id": row["id"],
        "version": row["version"],
        "number": row["number"],
        "channel": row["channel"],
        "office": Office(
            id=row["office_id"], name=row["office_name"], address=row["address"], zone=row["zone"], phone=row["phone"]
        ),
        "concern": Concern(id=row["concern_id"], name=row["concern_name"], papers=row["papers"]),
        "starts_at": row["starts_at"],
        "ends_at": row["ends_at"],
    }


def _same_request(earlier: Appointment, hash_: bytes) -> Appointment:
    if not hmac.compare_digest(earlier["request_hash"], hash_):
        raise domain.IdempotencyKeyReused("This Idempotency-Key was used for another request. Please send a new one.")
    return earlier
