"""What staff do with the appointments of their offices; each in one transaction."""

from sqlalchemy import update

from services.booking import appointments, booking, desks, domain, limits, waitlist
from services.booking.access import Access
from services.booking.models import appointments as table
from services.booking.rows import Appointment
from shared import api_staff, clock
from shared.db import Session
from shared.identity import Identity


def check_office(staff: Identity, office_id: str) -> None:
    """Raise `OfficeNotYours`. Said openly, unlike of appointments: which offices there are is known to all."""
    if office_id not in staff.offices:
        raise domain.OfficeNotYours("You do not work for this office. Whoever manages accounts can change that.")


async def find(session: Session, number: str, staff: Identity, *, lock: bool = False) -> Appointment:
    """Return an appointment of the member's offices; raise `AppointmentNotFound`.

    One of another office looks as if it did not exist: that somebody has an appointment is nobody else's business,
    and numbers can be tried.
    """
    found = await appointments.find_by_number(session, number, lock=lock)
    if found is None or found["office_id"] not in staff.offices:
        raise domain.AppointmentNotFound("No appointment of your offices has this number. Please check it.")
    return found


async def book(
    session: Session, request: api_staff.StaffAppointmentRequest, idempotency_key: str, staff: Identity, access: Access
) -> Appointment:
    """Book for a caller or for somebody at the counter, or return what this key has booked before.

    Raises `OfficeNotYours`, and what `booking.book` does, but never `EmailNeeded`, `TooManyAppointments` or
    `OnlineBookingOff`.
    """
    check_office(staff, request.office)
    await session.share_lock(desks.plan_lock(session.tenant, request.office))
    return await booking.book(session, request, idempotency_key, None, access, request.channel)


async def correct(
    session: Session, number: str, wanted: api_staff.Correction, staff: Identity, access: Access
) -> Appointment:
    """Correct a name or a date of birth; correct already, nothing changes.

    No event tells of it: events name nobody, and each later one is sealed for the name as it is then.
    Raises `AppointmentNotFound`, `AlreadyCancelled`, `ConfirmationExpired`, `AppointmentOver`.
    """
    now = clock.now()
    found = await find(session, number, staff, lock=True)
    domain.check_can_correct(found["state"], found["confirm_until"], found["ends_at"], now)
    birth_date = wanted.birth_date or found["birth_date"]
    changes = {"name": wanted.name, "birth_date": birth_date}
    if changes.items() <= found.items():
        return found
    person = access.keyed_hash(limits.person_text(wanted.name, birth_date, found["email"]))
    await limits.follow(session, found, person, now)
    changed = {**changes, "version": found["version"] + 1}
    await session.execute(update(table).where(table.c.id == found["id"]).values(changed))
    return {**found, **changed}


async def join_waitlist(session: Session, number: str, email: str | None, staff: Identity) -> Appointment:
    """Ask for offers of an earlier time for somebody; doing so again changes nothing.

    Raises `AppointmentNotFound`, `AlreadyCancelled`, `NotConfirmed`, `AppointmentOver`, `EmailNeeded`, `WaitlistOff`.
    """
    return await waitlist.join(session, await find(session, number, staff, lock=True), email)
