"""What ends when a plan leaves nobody there for it: appointments, many at once, and what was held or offered."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, delete, select, update

from services.booking import domain, queries, waitlist
from services.booking.access import Access
from services.booking.models import appointments, audit_entries, holds, occupancies, person_claims
from services.booking.models import waitlist as waiting
from services.booking.planning import Planned
from services.booking.rows import event_values
from shared import audit, clock, outbox
from shared.contracts.booking import AppointmentCancelled
from shared.db import Session
from shared.identity import Identity


async def end_holds(session: Session, planned: Planned, plan: domain.Plan, start: datetime | None) -> None:
    """End what is kept for whoever fills in a form, or was offered it, if the plan in force from then has no such time.

    It could be booked otherwise. `start`: `None` for at once.
    """
    now, coverage = clock.now(), planned.coverage(plan)
    query = (
        select(holds.c.id, holds.c.concern_ids, holds.c.starts_at, holds.c.ends_at, occupancies.c.desk_id)
        .join(occupancies, occupancies.c.hold_id == holds.c.id)
        .where(holds.c.office_id == planned.office_id, holds.c.starts_at >= (start or now), holds.c.held_until > now)
    )
    ended = [
        row.id
        for row in await session.execute(query)
        if coverage.gap(row.concern_ids, row.starts_at, row.ends_at, row.desk_id)
    ]
    # In this order, as everybody locks them.
    await session.execute(update(holds).where(holds.c.id.in_(ended)).values(held_until=now))
    await session.execute(delete(occupancies).where(occupancies.c.hold_id.in_(ended)))


async def cancel(session: Session, ids: Sequence[UUID], staff: Identity, access: Access, because: str) -> None:
    """Cancel appointments for the office, as a plan has nobody for them; `because`: the action that did, for the audit.

    All are told by mail, or marked to be called. Their own time is offered to nobody: the plan does not have it.
    """
    now = clock.now()
    found = await queries.find_by_ids(session, ids, lock=True)
    for table in (occupancies, person_claims, waiting):
        await session.execute(delete(table).where(table.c.appointment_id.in_(ids)))
    no_address = appointments.c.email.is_(None)
    values = {
        "state": "cancelled",
        "cancelled_at": now,
        "cancelled_by": "office",
        "version": appointments.c.version + 1,
    }
    values |= {"to_phone": no_address, "mail": case((no_address, "none"), else_="waiting")}
    await session.execute(update(appointments).where(appointments.c.id.in_(ids)).values(values))
    offered = select(holds.c.appointment_id).where(
        holds.c.appointment_id.in_(ids), holds.c.purpose == "offer", holds.c.held_until > now
    )
    offered_to = set((await session.execute(offered)).scalars())
    for row in found:
        cancelled = {**row, "state": "cancelled", "version": row["version"] + 1}
        event = AppointmentCancelled(
            **event_values(cancelled),
            cancelled_at=now,
            cancelled_by="office",
            reason="plan",
            recipient=access.seal_recipient(cancelled),
        )
        outbox.add(session, event)
        office, number = row["office_id"], row["number"]
        audit.add(session, audit_entries, staff, "cancel", office=office, target=number, after={"reason": because})
        if row["id"] in offered_to:
            await waitlist.withdraw_offers(session, cancelled, access)
