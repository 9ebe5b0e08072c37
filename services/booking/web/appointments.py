"""An appointment: booked, confirmed, looked at, moved, cancelled, put on the waitlist."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends

from services.booking import appointments, booking, desks, rows, waitlist
from services.booking.access import Access
from services.booking.rows import Appointment
from services.booking.web.needs import (
    CurrentAccess,
    CurrentService,
    IdempotencyKey,
    MaybeHolder,
    PublishingAccess,
    Secret,
)
from shared import api
from shared.db import Session
from shared.service import CurrentTenant

router = APIRouter(prefix="/appointments")


@router.post("", status_code=201)
async def book(
    request: api.AppointmentRequest,
    key: IdempotencyKey,
    service: CurrentService,
    tenant: CurrentTenant,
    access: PublishingAccess,
    holder: MaybeHolder = None,
) -> api.BookedAppointment:
    """Book an appointment. The same key and request again: the same answer."""

    async def work(session: Session) -> Appointment:
        return await booking.book(session, request, key, holder, access)

    booked = await service.groups.run(work, tenant, desks.plan_lock(tenant, request.office))
    return rows.booked(booked, access)


class Change:
    """One transaction that changes the appointment of a request."""

    def __init__(
        self, number: str, secret: Secret, service: CurrentService, tenant: CurrentTenant, access: PublishingAccess
    ) -> None:
        self._given = number, secret
        self._service, self._tenant, self._access = service, tenant, access

    async def run(self, work: Callable[[Session, str, str | None, Access], Awaitable[Appointment]]) -> api.Appointment:
        """Do the work, again from the start after a deadlock."""

        async def once(session: Session) -> Appointment:
            return await work(session, *self._given, self._access)

        return rows.appointment(await self._service.database.run(once, self._tenant), self._access)


CurrentChange = Annotated[Change, Depends()]


@router.get("/{number}")
async def get_appointment(
    number: str, secret: Secret, service: CurrentService, tenant: CurrentTenant, access: CurrentAccess
) -> api.Appointment:
    """Return an appointment to whoever has its code or link."""
    async with service.database.transaction(tenant) as session:
        found = await appointments.find(session, number, secret, access)
    return rows.appointment(found, access)


@router.post("/{number}/confirm")
async def confirm_appointment(change: CurrentChange) -> api.Appointment:
    """Book what waits to be confirmed; doing so again changes nothing."""
    return await change.run(booking.confirm)


@router.patch("/{number}")
async def move_appointment(wanted: api.AppointmentMove, change: CurrentChange) -> api.Appointment:
    """Move an appointment to another free time; to the time it has, nothing changes."""

    async def move(session: Session, number: str, secret: str | None, access: Access) -> Appointment:
        return await appointments.move(session, number, secret, wanted.start, access)

    return await change.run(move)


@router.delete("/{number}")
async def cancel_appointment(change: CurrentChange) -> api.Appointment:
    """Cancel an appointment; doing so again changes nothing."""
    return await change.run(appointments.cancel)


@router.put("/{number}/waitlist")
async def join_waitlist(wanted: api.WaitlistJoin, change: CurrentChange) -> api.Appointment:
    """Ask for offers of an earlier time; doing so again changes nothing."""

    async def join(session: Session, number: str, secret: str | None, access: Access) -> Appointment:
        found = await appointments.find(session, number, secret, access, lock=True)
        return await waitlist.join(session, found, wanted.email)

    return await change.run(join)


@router.delete("/{number}/waitlist")
async def leave_waitlist(change: CurrentChange) -> api.Appointment:
    """Ask for no more offers; doing so again changes nothing."""

    async def leave(session: Session, number: str, secret: str | None, access: Access) -> Appointment:
        found = await appointments.find(session, number, secret, access, lock=True)
        await waitlist.leave(session, found["id"])
        return {**found, "waiting": False}

    return await change.run(leave)
