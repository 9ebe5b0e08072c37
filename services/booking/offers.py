"""Answering an offer of an earlier time: accept, decline, or let it pass; none of them costs anything."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from services.booking import desks, domain, queries, waitlist
from services.booking.access import Access
from services.booking.appointments import moved
from services.booking.models import holds, occupancies
from services.booking.rows import Appointment
from services.booking.rows import appointment as appointment_document
from shared import api, clock
from shared.db import Session

State = Literal["open", "accepted", "declined", "missed", "gone"]


async def get(session: Session, offer_id: UUID, given: str | None, access: Access) -> api.Offer:
    """Return an offer to whoever has its link; raise `OfferNotFound`."""
    offer, found = await _find(session, offer_id, given, access)
    return _document(offer, found, access)


async def accept(session: Session, offer_id: UUID, given: str | None, access: Access) -> api.Offer:
    """Move the appointment to the offered time; accepting again changes nothing.

    Raises `OfferNotFound`, `OfferGone`.
    """
    now = clock.now()
    offer, found = await _find(session, offer_id, given, access, lock=True)
    state = _state(offer, found, now)
    if state == "accepted":
        return _document(offer, found, access)
    if state != "open":
        raise domain.OfferGone("This offer is over. You keep the appointment you have.", state=state)
    desk_id = await desks.give_up(session, found["id"], now)
    if not await desks.take_over(session, offer_id, desks.Owner(appointment_id=found["id"]), now):
        raise domain.OfferGone("This offer is over. You keep the appointment you have.", state="missed")
    slot = domain.Slot(offer["starts_at"], offer["ends_at"], ())
    await waitlist.leave(session, found["id"])
    changed = await moved(session, found, slot, desk_id, access)
    return _document(await _answer(session, offer, "accepted"), {**changed, "waiting": False}, access)


async def decline(session: Session, offer_id: UUID, given: str | None, access: Access) -> api.Offer:
    """Keep the appointment as it is; the offered time goes to the next on the waitlist. Raises `OfferNotFound`."""
    now = clock.now()
    offer, found = await _find(session, offer_id, given, access, lock=True)
    if _state(offer, found, now) not in ("open", "gone") or offer["answer"]:
        return _document(offer, found, access)
    answered = await _answer(session, offer, "declined")
    own = occupancies.delete().where(occupancies.c.hold_id == offer_id, occupancies.c.held_until > now)
    desk_id = (await session.execute(own.returning(occupancies.c.desk_id))).scalar_one_or_none()
    if desk_id is not None:
        freed = {**found, **{name: offer[name] for name in ("starts_at", "ends_at")}}
        await waitlist.give_back(session, freed, desk_id, access)
    return _document(answered, found, access)


async def _find(
    session: Session, offer_id: UUID, given: str | None, access: Access, *, lock: bool = False
) -> tuple[dict[str, Any], Appointment]:
    """Return an offer with its appointment; locked in the order that holds everywhere: plan, appointment, hold."""
    offer = select(holds).where(holds.c.id == offer_id, holds.c.purpose == "offer")
    row = (await session.execute(offer)).one_or_none() if access.opens_offer(offer_id, given) else None
    if row is None:
        raise domain.OfferNotFound("There is no such offer. Please use all of the link in your mail.")
    if lock:
        await session.share_lock(desks.plan_lock(session.tenant, row.office_id))
    found = await queries.find_by_id(session, row.appointment_id, lock=lock)
    if lock:
        row = (await session.execute(offer.with_for_update())).one()
    return dict(row._mapping), found


async def _answer(session: Session, offer: dict[str, Any], answer: str) -> dict[str, Any]:
    await session.execute(update(holds).where(holds.c.id == offer["id"]).values(answer=answer))
    return offer | {"answer": answer}


def _state(offer: Mapping[str, Any], found: Appointment, now: datetime) -> State:
    answer: State | None = offer["answer"]
    if answer:
        return answer
    if found["state"] != "booked" or found["starts_at"] <= offer["starts_at"]:
        return "gone"
    return "open" if offer["held_until"] > now else "missed"


def _document(offer: Mapping[str, Any], found: Appointment, access: Access) -> api.Offer:
    zone = ZoneInfo(found["zone"])
    return api.Offer(
        id=offer["id"],
        state=_state(offer, found, clock.now()),
        start=offer["starts_at"].astimezone(zone),
        end=offer["ends_at"].astimezone(zone),
        valid_until=offer["held_until"].astimezone(zone),
        appointment=appointment_document(found, access),
    )
