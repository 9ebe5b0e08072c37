"""What staff do with the appointments of their offices; each in one transaction, and written down with it."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update

from services.booking import appointments, booking, desks, domain, limits, lists, queries, waitlist
from services.booking.access import Access
from services.booking.models import appointments as table
from services.booking.models import audit_entries
from services.booking.rows import Appointment
from shared import api_staff, audit, clock
from shared.db import Session
from shared.identity import Identity


def check_may(staff: Identity, permission: str, office_id: str | None = None) -> None:
    """Raise `NotYourTask` or `OfficeNotYours`.

    Said openly, unlike of appointments: which offices there are is known to all.
    """
    if not staff.may(permission):
        raise domain.NotYourTask("Your role does not allow this. Whoever manages accounts can change that.")
    if office_id is not None and office_id not in staff.offices:
        raise domain.OfficeNotYours("You do not work for this office. Whoever manages accounts can change that.")


async def find(session: Session, number: str, staff: Identity, *, lock: bool = False) -> Appointment:
    """Return an appointment of the member's offices; raise `AppointmentNotFound`, `NotYourTask`.

    One of another office looks as if it did not exist: that somebody has an appointment is nobody else's business,
    and numbers can be tried.
    """
    check_may(staff, "desk")
    found = await appointments.find_by_number(session, number, lock=lock)
    if found is None or found["office_id"] not in staff.offices:
        raise domain.AppointmentNotFound("No appointment of your offices has this number. Please check it.")
    return found


async def view(session: Session, number: str, staff: Identity) -> Appointment:
    """Show an appointment; raise `AppointmentNotFound`, `NotYourTask`."""
    found = await find(session, number, staff)
    _note(session, staff, "view", found)
    return found


async def list_day(session: Session, office_id: str, day: date | None, staff: Identity) -> api_staff.Day:
    """Show a day of an office, or today; raise `OfficeNotYours`, `NotYourTask`, `UnknownOffice`."""
    check_may(staff, "desk", office_id)
    now, place = clock.now(), await queries.load_office(session, office_id)
    day = day or now.astimezone(place.zone).date()
    entries = await lists.list_day(session, office_id, lists.day_bounds(day, place.zone), now)
    audit.add(session, audit_entries, staff, "view-day", office=office_id, target=day.isoformat())
    closed = day in place.holidays or place.plan.closure(day) is not None
    return api_staff.Day(office=place.document, day=day, closed=closed, entries=lists.documents(entries))


async def search(session: Session, typed: str, staff: Identity) -> list[api_staff.Entry]:
    """Find appointments of the member's offices; raise `NotYourTask`. What was typed is not kept: it names people."""
    check_may(staff, "desk")
    found = lists.documents(await lists.search(session, staff.offices, typed))
    for office_id in staff.offices:
        number = sum(entry.office == office_id for entry in found)
        audit.add(session, audit_entries, staff, "search", office=office_id, after={"found": number})
    return found


async def book(
    session: Session, request: api_staff.StaffAppointmentRequest, idempotency_key: str, staff: Identity, access: Access
) -> Appointment:
    """Book for a caller or for somebody at the counter, or return what this key has booked before.

    Raises `OfficeNotYours`, `NotYourTask`, and what `booking.book` does, but never `EmailNeeded`,
    `TooManyAppointments` or `OnlineBookingOff`.
    """
    check_may(staff, "desk", request.office)
    await session.share_lock(desks.plan_lock(session.tenant, request.office))
    again = await queries.find_by_key(session, idempotency_key) is not None
    asked = request.overbook
    found = await booking.book(
        session, request, idempotency_key, None, access, request.channel, overbook=asked is not None
    )
    if not again:
        after = {"channel": request.channel, **_times(found)} | ({"reason": asked.reason} if asked else {})
        _note(session, staff, "overbook" if found["overbooked"] else "book", found, after=after)
    return found


async def correct(
    session: Session, number: str, wanted: api_staff.Correction, staff: Identity, access: Access
) -> Appointment:
    """Correct a name or a date of birth; correct already, nothing changes.

    No event tells of it: events name nobody, and each later one is sealed for the name as it is then.
    Raises `AppointmentNotFound`, `NotYourTask`, `AlreadyCancelled`, `ConfirmationExpired`, `AppointmentOver`.
    """
    now = clock.now()
    found = await find(session, number, staff, lock=True)
    domain.check_can_correct(found["state"], found["confirm_until"], found["ends_at"], now)
    birth_date = wanted.birth_date or found["birth_date"]
    changes = {"name": wanted.name, "birth_date": birth_date}
    changed = [name for name, value in changes.items() if value != found[name]]
    if not changed:
        return found
    person = access.keyed_hash(limits.person_text(wanted.name, birth_date, found["email"]))
    await limits.follow(session, found, person, now)
    values = {**changes, "version": found["version"] + 1}
    await session.execute(update(table).where(table.c.id == found["id"]).values(values))
    _note(session, staff, "correct", found, after={"changed": changed})
    return {**found, **values}


async def join_waitlist(session: Session, number: str, email: str | None, staff: Identity) -> Appointment:
    """Ask for offers of an earlier time for somebody; doing so again changes nothing.

    Raises `AppointmentNotFound`, `NotYourTask`, `AlreadyCancelled`, `NotConfirmed`, `AppointmentOver`, `EmailNeeded`,
    `WaitlistOff`.
    """
    found = await find(session, number, staff, lock=True)
    joined = await waitlist.join(session, found, email)
    if not found["waiting"]:
        _note(session, staff, "join-waitlist", found)
    return joined


async def move(
    session: Session, number: str, wanted: api_staff.StaffMove, staff: Identity, access: Access
) -> Appointment:
    """Move an appointment for somebody, to any desk and today already; to the time it has, nothing changes.

    With a reason, also to a time for which no desk is free, or at which nothing begins.

    Raises `AppointmentNotFound`, `NotYourTask`, and what `appointments.move_found` does.
    """
    found = await _find_to_change(session, number, staff)
    asked = wanted.overbook
    moved = await appointments.move_found(session, found, wanted.start, access, by="office", overbook=asked is not None)
    if moved is not found:
        after = _times(moved) | ({"reason": asked.reason} if asked else {})
        action = "move-overbooked" if moved["overbooked"] else "move"
        _note(session, staff, action, found, before=_times(found), after=after)
    return moved


async def cancel(session: Session, number: str, reason: str | None, staff: Identity, access: Access) -> Appointment:
    """Cancel an appointment for somebody; doing so again changes nothing.

    Raises `AppointmentNotFound`, `NotYourTask`, `AppointmentOver`.
    """
    found = await _find_to_change(session, number, staff)
    cancelled = await appointments.cancel_found(session, found, access, by="office")
    if cancelled is not found:
        _note(session, staff, "cancel", found, before=_times(found), after={"reason": reason} if reason else None)
    return cancelled


async def tick_off(session: Session, number: str, staff: Identity) -> Appointment:
    """Write down that somebody was called whose day was closed; raise `AppointmentNotFound`, `NotYourTask`."""
    found = await find(session, number, staff, lock=True)
    if found["to_phone"]:
        await session.execute(update(table).where(table.c.id == found["id"]).values(to_phone=False))
        _note(session, staff, "tick-off", found)
    return {**found, "to_phone": False}


async def _find_to_change(session: Session, number: str, staff: Identity) -> Appointment:
    """Return and lock the appointment, after the lock of its office's plan: publishing a plan locks in this order."""
    place = await find(session, number, staff)
    await session.share_lock(desks.plan_lock(session.tenant, place["office_id"]))
    return await find(session, number, staff, lock=True)


def _times(row: Appointment) -> dict[str, Any]:
    zone = ZoneInfo(row["zone"])
    return {"start": row["starts_at"].astimezone(zone).isoformat(), "state": row["state"]}


def _note(
    session: Session,
    staff: Identity,
    action: str,
    found: Appointment,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an action on an appointment down; `before` and `after` name nobody."""
    audit.add(
        session, audit_entries, staff, action,
        office=found["office_id"], target=found["number"], before=before, after=after,
    )  # fmt: skip
