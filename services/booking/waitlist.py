"""Who would come earlier: when a time becomes free, one of them is offered it before it is free for all again."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from services.booking import desks, domain, queries, switches
from services.booking.access import Access
from services.booking.models import appointments, holds, occupancies, waitlist
from services.booking.rows import Appointment, event_values
from shared import clock, outbox
from shared.contracts.booking import AppointmentOffered
from shared.db import Session

# The first who may be offered a time: their appointment is later and fits, and they have had no offer today, not even
# before they left and came back. Whoever another transaction is just dealing with is passed over, so that nobody waits
# for anybody.
_NEXT = text("""
    SELECT a.id, a.concern_id, a.also_ids FROM waitlist w JOIN appointments a ON a.id = w.appointment_id
    WHERE w.tenant = :tenant AND w.office_id = :office AND (w.offered_on IS NULL OR w.offered_on < :today)
      AND a.state = 'booked' AND a.email IS NOT NULL AND a.starts_at > :start AND a.id <> ALL(CAST(:passed AS uuid[]))
      AND a.ends_at - a.starts_at <= :end - :start
      AND NOT EXISTS (SELECT FROM holds h WHERE h.appointment_id = a.id AND h.purpose = 'offer'
                      AND h.held_until >= :midnight)
    ORDER BY w.joined_at, w.appointment_id LIMIT 1 FOR UPDATE OF w, a SKIP LOCKED
""")


async def join(session: Session, found: Appointment, email: str | None) -> Appointment:
    """Put a locked appointment on the waitlist; there already, it keeps its place.

    Raises `AlreadyCancelled`, `NotConfirmed`, `AppointmentOver`, `EmailNeeded`, `WaitlistOff`.
    """
    now = clock.now()
    domain.check_can_move(found["state"], found["starts_at"], now)
    await switches.check_waitlist(session, found["office_id"])
    email = found["email"] or email
    if not email:
        raise domain.EmailNeeded("Offers come by mail. Please give your e-mail address.")
    if not found["email"]:
        given = update(appointments).where(appointments.c.id == found["id"])
        await session.execute(given.values(email=email))
    row = {"appointment_id": found["id"], "tenant": session.tenant, "office_id": found["office_id"], "joined_at": now}
    await session.execute(insert(waitlist).values(row).on_conflict_do_nothing())
    return {**found, "email": email, "waiting": True}


async def leave(session: Session, appointment_id: UUID) -> None:
    """Take an appointment off the waitlist."""
    await session.execute(delete(waitlist).where(waitlist.c.appointment_id == appointment_id))


async def give_back(session: Session, freed: Appointment, desk_id: int, access: Access) -> None:
    """Offer a desk's time that has just become free to the first on the waitlist whom it fits.

    When there is nobody, or no waitlist, it is free for all after a random while. `freed`: the appointment as it was.
    """
    now = clock.now()
    if freed["starts_at"] <= now:
        return
    hold = {
        "id": uuid7(),
        "tenant": session.tenant,
        "office_id": freed["office_id"],
        "starts_at": freed["starts_at"],
        "extended": 0,
    }
    valid_until = domain.offer_until(freed["starts_at"], now, ZoneInfo(freed["zone"]))
    if valid_until and (chosen := await _first_in_line(session, freed, desk_id, now)):
        await _offer(session, hold, chosen, desk_id, valid_until, access)
        return
    concern_ids = [freed["concern_id"], *freed["also_ids"]]
    hold |= {"purpose": "returned", "ends_at": freed["ends_at"], "concern_ids": concern_ids}
    hold |= {"appointment_id": freed["id"], "held_until": domain.returns_at(now)}
    await desks.hold(session, hold, desk_id)


async def withdraw_offers(session: Session, found: Appointment, access: Access) -> None:
    """Pass on what an appointment was being offered and has no use for any more: it is cancelled, or earlier by now."""
    offered = select(holds.c.id).where(holds.c.appointment_id == found["id"], holds.c.purpose == "offer")
    if found["state"] == "booked":
        offered = offered.where(holds.c.starts_at >= found["starts_at"])
    now = clock.now()
    open_ = delete(occupancies).where(occupancies.c.hold_id.in_(offered), occupancies.c.held_until > now)
    kept = occupancies.c.hold_id, occupancies.c.desk_id, occupancies.c.starts_at, occupancies.c.ends_at
    for row in (await session.execute(open_.returning(*kept))).all():
        # Over for good: it must not look open again when the appointment is moved to a later time.
        await session.execute(update(holds).where(holds.c.id == row.hold_id).values(held_until=now))
        freed = {**found, "starts_at": row.starts_at, "ends_at": row.ends_at}
        await give_back(session, freed, row.desk_id, access)


async def forget_returned(session: Session, appointment_id: UUID) -> None:
    """Let go of the times that an appointment gave back and that are nobody's yet."""
    own = holds.c.appointment_id == appointment_id
    await session.execute(delete(holds).where(own, holds.c.purpose == "returned"))


async def _first_in_line(
    session: Session, freed: Appointment, desk_id: int, now: datetime
) -> tuple[Appointment, domain.Slot] | None:
    """Return the first whom the time fits, locked, with what they are to be offered."""
    if not await switches.is_on(session, freed["office_id"], "waitlist"):
        return None
    passed, zone = [freed["id"]], ZoneInfo(freed["zone"])
    today = now.astimezone(zone).date()
    values: dict[str, Any] = {
        "tenant": session.tenant,
        "office": freed["office_id"],
        "today": today,
        "midnight": datetime.combine(today, time(), zone),
        "start": freed["starts_at"],
        "end": freed["ends_at"],
    }
    while row := (await session.execute(_NEXT, {**values, "passed": passed})).first():
        if slot := await _fitting(session, freed, [row.concern_id, *row.also_ids], desk_id, now):
            return await queries.find_by_id(session, row.id), slot
        passed.append(row.id)
    return None


async def _fitting(
    session: Session, freed: Appointment, concern_ids: Sequence[str], desk_id: int, now: datetime
) -> domain.Slot | None:
    try:
        rules, _ = await queries.load_rules(session, freed["office_id"], concern_ids)
        slot = domain.find_offered(rules, freed["starts_at"], now)
    except (domain.SlotNotOffered, domain.UnknownConcern, domain.NotTogether):
        return None
    # What a concern takes today decides, which may be longer than their appointment was made for.
    return slot if desk_id in slot.desks and slot.ends_at <= freed["ends_at"] else None


async def _offer(
    session: Session,
    hold: dict[str, Any],
    chosen: tuple[Appointment, domain.Slot],
    desk_id: int,
    valid_until: datetime,
    access: Access,
) -> None:
    now = clock.now()
    found, slot = chosen
    concern_ids = [found["concern_id"], *found["also_ids"]]
    hold |= {"purpose": "offer", "ends_at": slot.ends_at, "concern_ids": concern_ids}
    hold |= {"appointment_id": found["id"], "held_until": valid_until}
    if not await desks.hold(session, hold, desk_id):
        return  # whoever moved away a little sits there in part: it is not free at all
    today = now.astimezone(ZoneInfo(found["zone"])).date()
    entry = update(waitlist).where(waitlist.c.appointment_id == found["id"])
    await session.execute(entry.values(offered_on=today))
    version = found["version"] + 1
    changed = update(appointments).where(appointments.c.id == found["id"])
    await session.execute(changed.values(version=version))
    event = AppointmentOffered(
        **event_values({**found, "version": version}),
        offered_starts_at=slot.starts_at,
        offered_ends_at=slot.ends_at,
        valid_until=valid_until,
        offered_at=now,
        recipient=access.seal_recipient(found, hold["id"]),
    )
    outbox.add(session, event)
