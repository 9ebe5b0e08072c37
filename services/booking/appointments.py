"""Finding, moving and cancelling an appointment: one transaction each, from the rules to the event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import update

from services.booking import desks, domain, limits, queries, switches, waitlist
from services.booking.access import Access
from services.booking.models import appointments
from services.booking.rows import Appointment, event_values
from shared import clock, links, outbox
from shared.contracts.booking import AppointmentCancelled, AppointmentMoved
from shared.db import Session

Actor = Literal["citizen", "office"]


async def find(session: Session, number: str, given: str | None, access: Access, *, lock: bool = False) -> Appointment:
    """Return the appointment that number and code (or link) open; a wrong code and a wrong number look the same."""
    found = await find_by_number(session, number, lock=lock)
    if found is None or not access.opens(found["id"], given):
        raise domain.AppointmentNotFound("No appointment has this number and code. Please check both.")
    return found


async def find_by_number(session: Session, number: str, *, lock: bool = False) -> Appointment | None:
    """Return the appointment of a number as people type it, whoever asks."""
    characters = links.normalise(number)
    possible = links.is_number(characters)
    return await queries.find_by_number(session, links.grouped(characters), lock=lock) if possible else None


async def find_to_change(session: Session, number: str, given: str | None, access: Access) -> Appointment:
    """Return and lock the appointment, after the lock of its office's plan: publishing a plan locks in this order."""
    place = await find(session, number, given, access)
    await session.share_lock(desks.plan_lock(session.tenant, place["office_id"]))
    return await find(session, number, given, access, lock=True)


async def move(session: Session, number: str, given: str | None, start: datetime, access: Access) -> Appointment:
    """Move an appointment to another time for its citizen; to the time it has already, nothing changes.

    Raises `AppointmentNotFound`, and what `move_found` does.
    """
    return await move_found(session, await find_to_change(session, number, given, access), start, access)


async def move_found(
    session: Session,
    found: Appointment,
    start: datetime,
    access: Access,
    by: Actor = "citizen",
    *,
    overbook: bool = False,
) -> Appointment:
    """Move a locked appointment; the office can give all desks, and today already, whatever is switched off.

    It may `overbook` a time for which no desk is free, or at which nothing begins.

    Raises `AlreadyCancelled`, `NotConfirmed`, `AppointmentOver`, `SlotNotOffered`, `SlotTaken`, `OnlineBookingOff`.
    """
    now = clock.now()
    domain.check_can_move(found["state"], found["starts_at"], now)
    if start == found["starts_at"]:
        return found
    if by == "citizen":
        await switches.check_online_booking(session, found["office_id"], found["phone"])
    rules, _ = await queries.load_rules(session, found["office_id"], [found["concern_id"], *found["also_ids"]])
    find_slot = domain.find_overbookable if overbook else domain.find_offered
    slot = find_slot(domain.for_staff(rules) if by == "office" else rules, start, now)
    # What it gave back before is its own still, and its present desk is free first: the new time may overlap both.
    await waitlist.forget_returned(session, found["id"])
    desk_id = await desks.give_up(session, found["id"], now)
    owner = desks.Owner(appointment_id=found["id"])
    has_desk = await desks.take_or_overbook(session, owner, slot, now, overbook=overbook)
    return await moved(session, found, slot, desk_id, access, by, overbooked=not has_desk)


async def moved(
    session: Session,
    found: Appointment,
    slot: domain.Slot,
    former_desk: int | None,
    access: Access,
    by: Actor = "citizen",
    *,
    overbooked: bool = False,
) -> Appointment:
    """Write down that an appointment, whose new desk is taken, has another time; its former one is given back.

    `overbooked`: no desk is taken for it.
    """
    now = clock.now()
    await limits.prolong(session, found["id"], slot.ends_at)
    times = {"starts_at": slot.starts_at, "ends_at": slot.ends_at}
    changed = await change(session, found, {**times, "overbooked": overbooked, "outcome": None})
    event = AppointmentMoved(
        **event_values(changed),
        previous_starts_at=found["starts_at"],
        moved_at=now,
        moved_by=by,
        recipient=access.seal_recipient(changed),
    )
    outbox.add(session, event)
    await waitlist.withdraw_offers(session, changed, access)
    if former_desk is not None:
        await waitlist.give_back(session, found, former_desk, access)
    return changed


async def cancel(session: Session, number: str, given: str | None, access: Access) -> Appointment:
    """Cancel an appointment for its citizen; cancelling again changes nothing.

    Raises `AppointmentNotFound`, `AppointmentOver`.
    """
    return await cancel_found(session, await find_to_change(session, number, given, access), access)


async def cancel_found(session: Session, found: Appointment, access: Access, by: Actor = "citizen") -> Appointment:
    """Cancel a locked appointment; raise `AppointmentOver`."""
    now = clock.now()
    if not domain.check_can_cancel(found["state"], found["starts_at"], now):
        return found
    desk_id = await desks.give_up(session, found["id"], now)
    await limits.release(session, found["id"])
    await waitlist.leave(session, found["id"])
    values = {"state": "cancelled", "cancelled_at": now, "cancelled_by": by}
    cancelled = await change(session, found, values) | {"waiting": False}
    # What was never confirmed was told to nobody; when the office does it, who may be about to confirm is told.
    if found["state"] == "booked" or (by == "office" and found["confirm_until"] > now):
        event = AppointmentCancelled(
            **event_values(cancelled),
            cancelled_at=now,
            cancelled_by=by,
            late=domain.was_cancelled_late(cancelled, access.late),
            recipient=access.seal_recipient(cancelled),
        )
        outbox.add(session, event)
    await waitlist.withdraw_offers(session, cancelled, access)
    if desk_id is not None:
        await waitlist.give_back(session, found, desk_id, access)
    return cancelled


async def change(session: Session, found: Appointment, values: Mapping[str, Any]) -> dict[str, Any]:
    """Change a locked appointment, which is then one version on, and of which a message tells."""
    changes = {**values, "version": found["version"] + 1, "mail": "waiting" if found["email"] else "none"}
    await session.execute(update(appointments).where(appointments.c.id == found["id"]).values(changes))
    return {**found, **changes}
