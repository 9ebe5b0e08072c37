"""Taking a desk for a time: the one statement on which the promise rests that none is booked twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text

from services.booking import domain
from services.booking.models import holds, occupancies
from shared.db import Session

# Free desks are tried in random order: were all to try the first, nearly all would lose. What the snapshot calls
# free may be taken by a booking that commits meanwhile, or still hold a row whose time has passed; then nothing is
# inserted, and the caller looks again.
TAKE_DESK = text("""
    WITH free AS MATERIALIZED (
        SELECT desk FROM unnest(CAST(:desks AS int[])) AS desk
        WHERE NOT EXISTS (
            SELECT FROM occupancies o WHERE o.tenant = :tenant AND o.desk_id = desk
            AND o.starts_at < :end AND o.starts_at > :day_before AND o.ends_at > :start
            AND (o.held_until IS NULL OR o.held_until > :now))
    ), taken AS (
        INSERT INTO occupancies (appointment_id, hold_id, tenant, desk_id, starts_at, ends_at, held_until)
        SELECT :appointment_id, :hold_id, :tenant, desk, :start, :end, :held_until FROM free ORDER BY random() LIMIT 1
        ON CONFLICT DO NOTHING RETURNING desk_id
    )
    SELECT (SELECT count(*) FROM free) AS free, (SELECT desk_id FROM taken) AS desk_id
""")

# A statement of its own, as the one above must see its result. What another transaction has locked, it is clearing.
_CLEAR = text("""
    DELETE FROM occupancies WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM occupancies
        WHERE tenant = :tenant AND desk_id = ANY(CAST(:desks AS int[])) AND starts_at < :end
          AND starts_at > :day_before AND ends_at > :start AND held_until <= :now
        ORDER BY desk_id, starts_at FOR UPDATE SKIP LOCKED))
""")


@dataclass(frozen=True)
class Owner:
    """For whom a desk is taken: an appointment or a hold, until a moment if it is to be free by itself then."""

    appointment_id: UUID | None = None
    hold_id: UUID | None = None
    held_until: datetime | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The columns of `occupancies` that say so."""
        return {"appointment_id": self.appointment_id, "hold_id": self.hold_id, "held_until": self.held_until}


def plan_lock(tenant: str, office_id: str) -> str:
    """Name the advisory lock that bookings of an office share and publishing a plan takes alone."""
    return f"plan/{tenant}/{office_id}"


async def take(session: Session, owner: Owner, slot: domain.Slot, now: datetime) -> None:
    """Take one of the slot's desks that are free; raise `SlotTaken` when none is left."""
    values = {
        **owner.values,
        "tenant": session.tenant,
        "desks": list(slot.desks),
        "start": slot.starts_at,
        "end": slot.ends_at,
        "day_before": slot.starts_at - timedelta(days=1),
        "now": now,
    }
    while True:
        tried = (await session.execute(TAKE_DESK, values)).one()
        if tried.desk_id is not None:
            return
        if not tried.free:
            raise domain.SlotTaken("This time has just been taken. Please choose another.")
        await session.execute(_CLEAR, values)


async def take_or_overbook(session: Session, owner: Owner, slot: domain.Slot, now: datetime, *, overbook: bool) -> bool:
    """Take one of the slot's desks; tell whether there was one, as an overbooked appointment needs none.

    Raises `SlotTaken` when none is left and staff do not `overbook`.
    """
    try:
        await take(session, owner, slot, now)
    except domain.SlotTaken:
        if not overbook:
            raise
        return False
    return True


async def take_over(session: Session, hold_id: UUID, owner: Owner, now: datetime) -> bool:
    """Give an appointment the desk of a hold; tell whether that was held still."""
    held = occupancies.update().where(occupancies.c.hold_id == hold_id, occupancies.c.held_until > now)
    return bool((await session.execute(held.values(owner.values))).rowcount)


async def give_up(session: Session, appointment_id: UUID, now: datetime) -> int | None:
    """Free the desk of an appointment and return it; nothing when it has none (any more).

    What was not confirmed in time is free for all already: it is nobody's to give back.
    """
    own = delete(occupancies).where(occupancies.c.appointment_id == appointment_id)
    row = (await session.execute(own.returning(occupancies.c.desk_id, occupancies.c.held_until))).one_or_none()
    return None if row is None or (row.held_until and row.held_until <= now) else int(row.desk_id)


async def hold(session: Session, row: Mapping[str, Any], desk_id: int) -> bool:
    """Insert a hold on a desk; tell whether the desk was free for it: when it was not, nothing is left of the hold."""
    await session.execute(holds.insert(), row)
    values = {
        "hold_id": row["id"],
        "tenant": session.tenant,
        "desk_id": desk_id,
        **{name: row[name] for name in ("starts_at", "ends_at", "held_until")},
    }
    if (await session.execute(_HOLD_DESK, values)).first() is not None:
        return True
    await session.execute(delete(holds).where(holds.c.id == row["id"]))
    return False


_HOLD_DESK = text("""
    INSERT INTO occupancies (hold_id, tenant, desk_id, starts_at, ends_at, held_until)
    VALUES (:hold_id, :tenant, :desk_id, :starts_at, :ends_at, :held_until) ON CONFLICT DO NOTHING RETURNING desk_id
""")
