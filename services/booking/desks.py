"""Taking a desk for a time: the one statement on which the promise rests that none is booked twice."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from services.booking import domain
from shared.db import Session

# Free desks are tried in random order: were all to try the first, nearly all would lose. What the snapshot calls
# free may be taken by a booking that commits meanwhile; then nothing is inserted, and the caller looks again.
TAKE_DESK = text("""
    WITH free AS MATERIALIZED (
        SELECT desk FROM unnest(CAST(:desks AS int[])) AS desk
        WHERE NOT EXISTS (
            SELECT FROM occupancies o WHERE o.tenant = :tenant AND o.desk_id = desk
            AND o.starts_at < :end AND o.starts_at > :day_before AND o.ends_at > :start)
    ), taken AS (
        INSERT INTO occupancies (appointment_id, tenant, desk_id, starts_at, ends_at)
        SELECT :id, :tenant, desk, :start, :end FROM free ORDER BY random() LIMIT 1
        ON CONFLICT DO NOTHING RETURNING desk_id
    )
    SELECT (SELECT count(*) FROM free) AS free, (SELECT desk_id FROM taken) AS desk_id
""")


def plan_lock(tenant: str, office_id: str) -> str:
    """Name the advisory lock that bookings of an office share and publishing a plan takes alone."""
    return f"plan/{tenant}/{office_id}"


async def take(session: Session, appointment_id: UUID, slot: domain.Slot) -> None:
    """Take one of the slot's desks that are free; raise `SlotTaken` when none is left."""
    values = {
        "id": appointment_id,
        "tenant": session.tenant,
        "desks": list(slot.desks),
        "start": slot.starts_at,
        "end": slot.ends_at,
        "day_before": slot.starts_at - timedelta(days=1),
    }
    while True:
        tried = (await session.execute(TAKE_DESK, values)).one()
        if tried.desk_id is not None:
            return
        if not tried.free:
            raise domain.SlotTaken("This time has just been taken. Please choose another.")
