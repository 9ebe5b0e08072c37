"""For members of staff who have signed in: free times, booking for others, seeing and correcting an appointment."""

from collections.abc import Awaitable, Callable

import structlog
from fastapi import APIRouter, Depends

from services.booking import rows, staff
from services.booking.rows import Appointment
from services.booking.web.needs import CurrentAccess, CurrentService, IdempotencyKey, PublishingAccess
from services.booking.web.searching import CurrentSearch
from shared import api, api_staff
from shared.db import Session
from shared.identity import Identity
from shared.service import CurrentStaff, get_staff

log = structlog.get_logger()

router = APIRouter(prefix="/staff", dependencies=[Depends(get_staff)])


@router.get("/offices/{office}/slots")
async def list_slots(search: CurrentSearch, service: CurrentService, member: CurrentStaff) -> list[api.Slot]:
    """Return the free times for callers and people at the counter; not counted as a search."""
    staff.check_office(member, search.office)
    state = await search.read(service.database, member.tenant, for_staff=True)
    return state.documents(state.list_free())


@router.post("/appointments", status_code=201)
async def book(
    request: api_staff.StaffAppointmentRequest,
    key: IdempotencyKey,
    service: CurrentService,
    member: CurrentStaff,
    access: PublishingAccess,
) -> api.BookedAppointment:
    """Book for somebody else, who is to be told number and code. The same key and request again: the same answer."""

    async def work(session: Session) -> Appointment:
        return await staff.book(session, request, key, member, access)

    return rows.booked(await _run(service, member, "book", work), access)


@router.get("/appointments/{number}")
async def get_appointment(number: str, service: CurrentService, member: CurrentStaff) -> api_staff.StaffAppointment:
    """Return an appointment of the member's offices."""

    async def work(session: Session) -> Appointment:
        return await staff.find(session, number, member)

    return rows.staff_appointment(await _run(service, member, "view", work))


@router.patch("/appointments/{number}")
async def correct_appointment(
    number: str, wanted: api_staff.Correction, service: CurrentService, member: CurrentStaff, access: CurrentAccess
) -> api_staff.StaffAppointment:
    """Correct the name or the date of birth; correct already, nothing changes."""

    async def work(session: Session) -> Appointment:
        return await staff.correct(session, number, wanted, member, access)

    return rows.staff_appointment(await _run(service, member, "correct", work))


@router.put("/appointments/{number}/waitlist")
async def join_waitlist(
    number: str, wanted: api.WaitlistJoin, service: CurrentService, member: CurrentStaff
) -> api_staff.StaffAppointment:
    """Ask for offers of an earlier time for somebody; doing so again changes nothing."""

    async def work(session: Session) -> Appointment:
        return await staff.join_waitlist(session, number, wanted.email, member)

    return rows.staff_appointment(await _run(service, member, "join-waitlist", work))


async def _run(
    service: CurrentService, member: Identity, action: str, work: Callable[[Session], Awaitable[Appointment]]
) -> Appointment:
    """Do the work in one transaction, again from the start after a deadlock, and leave a line about who did it."""
    found = await service.database.run(work, member.tenant)
    # A number is known by its tenant only; names are in no log.
    log.info("staff action", subject=member.subject, action=action, number=found["number"], tenant=member.tenant)
    return found
