"""For members of staff who have signed in: free times, lists, and what they do with appointments for others."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query

from services.booking import rows, staff
from services.booking.rows import Appointment
from services.booking.web.needs import CurrentAccess, CurrentService, IdempotencyKey, PublishingAccess
from services.booking.web.searching import CurrentSearch
from shared import api, api_staff
from shared.db import Session
from shared.identity import Identity
from shared.service import CurrentStaff, get_staff

T = TypeVar("T")

router = APIRouter(prefix="/staff", dependencies=[Depends(get_staff)])


class Work:
    """One transaction of the member of staff who asks, again from the start after a deadlock."""

    def __init__(self, service: CurrentService, member: CurrentStaff) -> None:
        self._service, self.member = service, member

    async def run(self, work: Callable[[Session, Identity], Awaitable[T]]) -> T:
        """Do the work."""
        return await self._service.database.run(lambda session: work(session, self.member), self.member.tenant)

    async def change(self, work: Callable[[Session, Identity], Awaitable[Appointment]]) -> api_staff.StaffAppointment:
        """Do the work and return the appointment as it is then."""
        return rows.staff_appointment(await self.run(work))


CurrentWork = Annotated[Work, Depends()]


@router.get("/offices/{office}/slots")
async def list_slots(search: CurrentSearch, service: CurrentService, member: CurrentStaff) -> list[api.Slot]:
    """Return the free times for callers and people at the counter; not counted as a search."""
    staff.check_may(member, "desk", search.office)
    state = await search.read(service.database, member.tenant, for_staff=True)
    return state.documents(state.list_free())


@router.get("/offices/{office}/days")
async def list_days(
    search: CurrentSearch, service: CurrentService, member: CurrentStaff, day: date | None = None
) -> api.FreeDays:
    """Return the days with free times for callers, and the times of one, as for citizens."""
    staff.check_may(member, "desk", search.office)
    state = await search.read(service.database, member.tenant, for_staff=True)
    return state.free_days(day)


@router.get("/offices/{office}/appointments")
async def list_appointments(office: api.Slug, work: CurrentWork, day: api_staff.WorkDay | None = None) -> api_staff.Day:
    """Return all appointments of a day, or of today, in order."""
    return await work.run(lambda session, member: staff.list_day(session, office, day, member))


@router.get("/appointments")
async def search_appointments(q: Annotated[api_staff.SearchText, Query()], work: CurrentWork) -> list[api_staff.Entry]:
    """Return the newest appointments of the member's offices with such a number, name or date of birth."""
    return await work.run(lambda session, member: staff.search(session, q, member))


@router.post("/appointments", status_code=201)
async def book(
    request: api_staff.StaffAppointmentRequest, key: IdempotencyKey, work: CurrentWork, access: PublishingAccess
) -> api.BookedAppointment:
    """Book for somebody else, who is to be told number and code. The same key and request again: the same answer."""
    booked = await work.run(lambda session, member: staff.book(session, request, key, member, access))
    return rows.booked(booked, access)


@router.get("/appointments/{number}")
async def get_appointment(number: str, work: CurrentWork) -> api_staff.StaffAppointment:
    """Return an appointment of the member's offices."""
    return await work.change(lambda session, member: staff.view(session, number, member))


@router.patch("/appointments/{number}")
async def correct_appointment(
    number: str, wanted: api_staff.Correction, work: CurrentWork, access: CurrentAccess
) -> api_staff.StaffAppointment:
    """Correct the name or the date of birth; correct already, nothing changes."""
    return await work.change(lambda session, member: staff.correct(session, number, wanted, member, access))


@router.put("/appointments/{number}/waitlist")
async def join_waitlist(number: str, wanted: api.WaitlistJoin, work: CurrentWork) -> api_staff.StaffAppointment:
    """Ask for offers of an earlier time for somebody; doing so again changes nothing."""
    return await work.change(lambda session, member: staff.join_waitlist(session, number, wanted.email, member))


@router.post("/appointments/{number}/move")
async def move_appointment(
    number: str, wanted: api_staff.StaffMove, work: CurrentWork, access: PublishingAccess
) -> api_staff.StaffAppointment:
    """Move an appointment for somebody, with a reason also where no desk is free; to the time it has: unchanged."""
    return await work.change(lambda session, member: staff.move(session, number, wanted, member, access))


@router.post("/appointments/{number}/cancel")
async def cancel_appointment(
    number: str, wanted: api_staff.StaffCancellation, work: CurrentWork, access: PublishingAccess
) -> api_staff.StaffAppointment:
    """Cancel an appointment for somebody; doing so again changes nothing."""
    return await work.change(lambda session, member: staff.cancel(session, number, wanted.reason, member, access))


@router.post("/appointments/{number}/tick-off")
async def tick_off(number: str, work: CurrentWork) -> api_staff.StaffAppointment:
    """Write down that somebody who had to be called was called."""
    return await work.change(lambda session, member: staff.tick_off(session, number, member))
