"""Booking an appointment, and confirming it where that is asked: one transaction each, from the rules to the event."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from services.booking import desks, domain, holds, limits, queries, switches
from services.booking.access import Access
from services.booking.appointments import change, find
from services.booking.models import appointments, occupancies
from services.booking.rows import Appointment, event_values
from shared import clock, links, outbox
from shared.api import AppointmentRequest
from shared.contracts.booking import AppointmentBooked, AppointmentRequested, Channel
from shared.db import Session

_INSERT = insert(appointments).on_conflict_do_nothing().returning(appointments.c.id)


async def book(
    session: Session,
    request: AppointmentRequest,
    idempotency_key: str,
    holder: str | None,
    access: Access,
    channel: Channel = "online",
    *,
    overbook: bool = False,
) -> Appointment:
    """Book an appointment, or return the one that this key has booked before.

    A time that the `holder` holds is theirs, also when the day or the plan has changed since they took it.
    By phone and at the counter staff decide: limits and confirmation do not apply, and all desks can be had; they may
    `overbook` a time for which no desk is free, or at which nothing begins.
    Nothing is left of what is refused: others may book in the same transaction.
    Raises `UnknownOffice`, `UnknownConcern`, `NotTogether`, `KindNotOffered`, `PhoneNeeded`, `EmailNeeded`,
    `SlotNotOffered`, `SlotTaken`, `TooManyAppointments`, `IdempotencyKeyReused`, `OnlineBookingOff`.
    """
    now, hash_ = clock.now(), access.request_hash(request)
    rules, place = await queries.load_rules(session, request.office, request.concerns)
    if channel != "online":
        rules = domain.for_staff(rules)
    find_slot = domain.find_overbookable if overbook else domain.find_offered
    held = await holds.find_for(session, request, access.holder_hash(holder), now) if holder else None
    try:
        await _check_wishes(session, request, place, channel)
        slot = held.slot if held else find_slot(rules, request.start, now)
    except (domain.SlotNotOffered, domain.KindNotOffered, domain.EmailNeeded, domain.OnlineBookingOff):
        # A repeated request must get its answer also when it could not be booked any more.
        if earlier := await queries.find_by_key(session, idempotency_key):
            return _same_request(earlier, hash_)
        raise
    row = _new_row(session.tenant, request, slot, place, now, channel)
    row |= {"idempotency_key": idempotency_key, "request_hash": hash_}
    while (await session.execute(_INSERT, row)).first() is None:
        if earlier := await queries.find_by_key(session, idempotency_key):
            return _same_request(earlier, hash_)
        row["number"] = links.new_number()  # the number was given already
    try:
        if channel == "online":
            await _claim(session, row, request, place, access, now)
        owner = desks.Owner(appointment_id=row["id"], held_until=row["confirm_until"])
        if not (held and await holds.use(session, held, owner, now)):
            slot = find_slot(rules, request.start, now) if held else slot
            row["overbooked"] = not await _take(session, owner, slot, now, overbook=overbook)
    except (domain.SlotTaken, domain.SlotNotOffered, domain.TooManyAppointments):
        await session.execute(delete(appointments).where(appointments.c.id == row["id"]))
        raise
    booked = {**place, **row, "waiting": False}
    recipient = access.seal_recipient(row)
    if row["state"] == "unconfirmed":
        times = {"requested_at": now, "confirm_until": row["confirm_until"]}
        outbox.add(session, AppointmentRequested(**event_values(booked), **times, recipient=recipient))
    else:
        outbox.add(session, AppointmentBooked(**event_values(booked), booked_at=now, recipient=recipient))
    return booked


async def confirm(session: Session, number: str, given: str | None, access: Access) -> Appointment:
    """Book what was only requested; confirming again changes nothing.

    Raises `AppointmentNotFound`, `AlreadyCancelled`, `ConfirmationExpired`.
    """
    found = await find(session, number, given, access, lock=True)
    now = clock.now()  # it may have waited for the lock
    if not domain.check_can_confirm(found["state"], found["confirm_until"], now):
        return found
    own = update(occupancies).where(occupancies.c.appointment_id == found["id"])
    if not (await session.execute(own.values(held_until=None))).rowcount:  # by another's clock it was too late
        raise domain.ConfirmationExpired(domain.NOT_CONFIRMED_IN_TIME)
    await limits.prolong(session, found["id"], found["ends_at"])
    confirmed = await change(session, found, {"state": "booked", "booked_at": now})
    recipient = access.seal_recipient(confirmed)
    outbox.add(session, AppointmentBooked(**event_values(confirmed), booked_at=now, recipient=recipient))
    return confirmed


async def _take(session: Session, owner: desks.Owner, slot: domain.Slot, now: datetime, *, overbook: bool) -> bool:
    """Take a desk; tell whether there was one. An appointment without one is marked."""
    has_desk = await desks.take_or_overbook(session, owner, slot, now, overbook=overbook)
    if not has_desk:
        marked = update(appointments).where(appointments.c.id == owner.appointment_id)
        await session.execute(marked.values(overbooked=True))
    return has_desk


async def _check_wishes(
    session: Session, request: AppointmentRequest, place: Mapping[str, Any], channel: Channel
) -> None:
    if channel == "online":
        await switches.check_online_booking(session, request.office, place["phone"])
    for concern in place["concerns"]:
        if request.kind not in queries.kinds_of(concern["kinds"], place["video_url"]):
            detail = f"The office does not deal with {concern['id']} in this way (kind: {request.kind})."
            raise domain.KindNotOffered(detail, concern=concern["id"])
        if channel == "online" and concern["confirm_minutes"] is not None and not request.email:
            raise domain.EmailNeeded("This has to be confirmed by mail. Please give your e-mail address, or call us.")
    if request.kind == "phone" and not request.phone:
        raise domain.PhoneNeeded("Please give the phone number that we can call.")


async def _claim(
    session: Session,
    row: Mapping[str, Any],
    request: AppointmentRequest,
    place: Mapping[str, Any],
    access: Access,
    now: datetime,
) -> None:
    limited = [concern for concern in place["concerns"] if concern["per_person"] is not None]
    if limited:
        person = access.keyed_hash(limits.person_text(request.name, request.birth_date, request.email))
        for concern in sorted(limited, key=lambda one: str(one["id"])):  # in one order, so that nobody deadlocks
            await limits.claim(session, concern, person, row, now)


def _new_row(
    tenant: str,
    request: AppointmentRequest,
    slot: domain.Slot,
    place: Mapping[str, Any],
    now: datetime,
    channel: Channel,
) -> dict[str, Any]:
    concerns = place["concerns"] if channel == "online" else ()
    waits = [concern["confirm_minutes"] for concern in concerns if concern["confirm_minutes"] is not None]
    # Not beyond its beginning: nobody can confirm what they have missed.
    confirm_until = min(domain.until(now, timedelta(minutes=min(waits))), slot.starts_at) if waits else None
    return {
        "id": uuid7(),
        "tenant": tenant,
        "number": links.new_number(),
        "version": 1,
        "state": "unconfirmed" if waits else "booked",
        "channel": channel,
        "office_id": request.office,
        "concern_id": request.concern,
        "also_ids": request.also,
        "kind": request.kind,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "name": request.name,
        "birth_date": request.birth_date,
        "email": request.email,
        # Of who books for themselves no number is kept that nobody needs.
        "call_number": request.phone if request.kind == "phone" or channel != "online" else None,
        "language": request.language,
        "interpreter": request.interpreter,
        "needs": sorted(set(request.needs)),
        "mail": "waiting" if request.email else "none",
        "booked_at": now,
        "confirm_until": confirm_until,
    }


def _same_request(earlier: Appointment, hash_: bytes) -> Appointment:
    if not hmac.compare_digest(earlier["request_hash"], hash_):
        raise domain.IdempotencyKeyReused("This Idempotency-Key was used for another request. Please send a new one.")
    return earlier
