"""Holding a time while somebody fills in the form: until a printed clock time, one hold for each browser."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from services.booking import desks, domain, queries, switches
from services.booking.models import holds, occupancies, offices
from shared import api, clock
from shared.db import Session


@dataclass(frozen=True)
class Held:
    """A hold that has not ended."""

    id: UUID
    slot: domain.Slot


async def hold(session: Session, request: api.HoldRequest, holder: bytes) -> api.Hold:
    """Keep a time free in place of what the holder held before; held already, nothing changes.

    Raises `UnknownOffice`, `UnknownConcern`, `NotTogether`, `SlotNotOffered`, `SlotTaken`, `OnlineBookingOff`: what was
    held is kept then.
    """
    now = clock.now()
    rules, place = await queries.load_rules(session, request.office, request.concerns)
    await switches.check_online_booking(session, request.office, place["phone"])
    earlier = await _find(session, holder)
    if earlier and earlier["held_until"] > now and _is_for(earlier, request):
        return _document(earlier, rules.zone)
    slot = domain.find_offered(rules, request.start, now)
    row: dict[str, Any] = {
        "office_id": request.office,
        "concern_ids": request.concerns,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "held_until": domain.until(now, domain.HOLD),
        "extended": 0,
    }
    new = insert(holds).values(id=uuid7(), tenant=session.tenant, purpose="form", holder=holder, **row)
    new = new.on_conflict_do_update(index_elements=["tenant", "holder"], set_=row)
    id_ = (await session.execute(new.returning(holds.c.id))).scalar_one()
    await session.execute(delete(occupancies).where(occupancies.c.hold_id == id_))
    await desks.take(session, desks.Owner(hold_id=id_, held_until=row["held_until"]), slot, now)
    return _document(row, rules.zone)


async def extend(session: Session, holder: bytes) -> api.Hold:
    """Hold a time for ten minutes from now on; raise `HoldExpired` or `HoldExtendedEnough`."""
    now = clock.now()
    found = await _find(session, holder)
    if found is None or found["held_until"] <= now:
        raise domain.HoldExpired("The time is not held any more. It may still be free: please go on, or choose again.")
    if found["extended"] >= domain.MOST_EXTENSIONS:
        local = found["held_until"].astimezone(ZoneInfo(found["zone"]))
        detail = f"The time has been held as long as possible. It is yours until {local:%H:%M}."
        raise domain.HoldExtendedEnough(detail)
    changes = {"held_until": domain.until(now, domain.HOLD), "extended": found["extended"] + 1}
    await session.execute(update(holds).where(holds.c.id == found["id"]).values(changes))
    own = update(occupancies).where(occupancies.c.hold_id == found["id"])
    await session.execute(own.values(held_until=changes["held_until"]))
    return _document(found | changes, ZoneInfo(found["zone"]))


async def let_go(session: Session, holder: bytes) -> None:
    """Free what a holder holds, if anything."""
    await session.execute(delete(holds).where(holds.c.tenant == session.tenant, holds.c.holder == holder))


async def find_for(session: Session, request: api.AppointmentRequest, holder: bytes, now: datetime) -> Held | None:
    """Return the holder's hold when it is for just this and neither the hold has ended nor the time begun."""
    found = await _find(session, holder)
    if found is None or min(found["held_until"], found["starts_at"]) <= now or not _is_for(found, request):
        return None
    return Held(found["id"], domain.Slot(found["starts_at"], found["ends_at"], ()))


async def use(session: Session, held: Held, owner: desks.Owner, now: datetime) -> bool:
    """Turn a hold into an appointment's desk; tell whether it was held still."""
    taken = await desks.take_over(session, held.id, owner, now)
    await session.execute(delete(holds).where(holds.c.id == held.id))
    return taken


async def _find(session: Session, holder: bytes) -> dict[str, Any] | None:
    mine = select(holds, offices.c.zone).join(offices, offices.c.id == holds.c.office_id)
    mine = mine.where(holds.c.tenant == session.tenant, holds.c.holder == holder)
    row = (await session.execute(mine.with_for_update(of=holds))).one_or_none()
    return None if row is None else dict(row._mapping)


def _is_for(found: dict[str, Any], request: api.HoldRequest | api.AppointmentRequest) -> bool:
    same_place = found["office_id"] == request.office and found["concern_ids"] == request.concerns
    return same_place and bool(found["starts_at"] == request.start)


def _document(row: dict[str, Any], zone: ZoneInfo) -> api.Hold:
    return api.Hold(
        start=row["starts_at"].astimezone(zone),
        end=row["ends_at"].astimezone(zone),
        held_until=row["held_until"].astimezone(zone),
        extensions_left=domain.MOST_EXTENSIONS - row["extended"],
    )
