"""The queue, for members of staff who have signed in: who waits, calling, serving, reception."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path

from services.booking.queue import arriving, calling, documents, outcomes, presence, reading
from services.booking.queue.reading import Ticket
from services.booking.staff import check_may
from services.booking.web.needs import CurrentAccess, CurrentLooks, CurrentService, IdempotencyKey
from shared import api, api_queue, clock
from shared.db import Session
from shared.identity import Identity
from shared.service import CurrentStaff, get_staff

DeskId = Annotated[int, Path(ge=1, le=2**31 - 1)]

router = APIRouter(prefix="/staff", dependencies=[Depends(get_staff)])


@router.get("/offices/{office}/queue")
async def get_queue(
    office: api.Slug, service: CurrentService, member: CurrentStaff, looks: CurrentLooks
) -> api_queue.Queue:
    """Return all of the office's queue."""
    check_may(member, "desk", office)
    now = clock.now()
    async with service.database.transaction(member.tenant) as session:
        here = await reading.today(session, office, now)
        version = await reading.version(session, here)
        there = await reading.list_open_today(session, here)
        desks = reading.to_show(here, await reading.list_desks(session, office), there)
        closed, to_come = await reading.list_closed(session, here), await reading.list_to_come(session, here)
        looks.note(session, member, office)
    return documents.queue(here, version, desks, there, closed, to_come, now, _away(service))


@router.put("/offices/{office}/desks/{desk}/presence", status_code=204)
async def open_desk(office: api.Slug, desk: DeskId, service: CurrentService, member: CurrentStaff) -> None:
    """Open a desk, or say that somebody is there still."""

    async def work(session: Session) -> None:
        await presence.open_desk(session, office, desk, member, _away(service))

    await service.database.run(work, member.tenant)


@router.delete("/offices/{office}/desks/{desk}/presence", status_code=204)
async def close_desk(office: api.Slug, desk: DeskId, service: CurrentService, member: CurrentStaff) -> None:
    """Close a desk."""

    async def work(session: Session) -> None:
        await presence.close_desk(session, office, desk, member)

    await service.database.run(work, member.tenant)


@router.post("/offices/{office}/desks/{desk}/calls")
async def call_next(
    office: api.Slug, desk: DeskId, service: CurrentService, member: CurrentStaff
) -> api_queue.CallAnswer:
    """Call whoever is next; a desk that has somebody gets them again."""

    async def work(session: Session) -> tuple[Ticket | None, bool]:
        return await calling.call_next(session, office, desk, member, _away(service))

    found, again = await service.database.run(work, member.tenant)
    return api_queue.CallAnswer(ticket=documents.staff_ticket(found) if found else None, again=again)


@router.post("/offices/{office}/arrivals")
async def arrive(
    office: api.Slug, request: api_queue.StaffArrivalRequest, service: CurrentService, member: CurrentStaff
) -> api_queue.StaffArrival:
    """Note that somebody with an appointment is there; twice is once."""

    async def work(session: Session) -> arriving.Arrived:
        return await arriving.arrive_at_reception(session, office, request.number, member)

    return documents.staff_arrival(await service.database.run(work, member.tenant))


@router.post("/offices/{office}/tickets", status_code=201)
async def draw(
    office: api.Slug,
    request: api_queue.StaffTicketRequest,
    key: IdempotencyKey,
    service: CurrentService,
    member: CurrentStaff,
    access: CurrentAccess,
) -> api_queue.DrawnTicket:
    """Draw a ticket for somebody without an appointment; its secret is for the QR code on the paper."""

    async def work(session: Session) -> Ticket:
        return await arriving.draw_at_reception(session, office, request, key, member, access, _away(service))

    drawn = await service.database.run(work, member.tenant)
    return api_queue.DrawnTicket(ticket=documents.staff_ticket(drawn), secret=access.ticket_secret(drawn["id"]))


@router.post("/tickets/{ticket}/call-again")
async def call_again(
    ticket: UUID,
    wanted: api_queue.DeskChoice,
    service: CurrentService,
    member: CurrentStaff,
) -> api_queue.StaffTicket:
    """Call a number again, at most three times."""
    return await _run(service, member, lambda session: calling.call_again(session, ticket, wanted, member))


@router.post("/tickets/{ticket}/start")
async def start(
    ticket: UUID,
    wanted: api_queue.DeskChoice,
    service: CurrentService,
    member: CurrentStaff,
) -> api_queue.StaffTicket:
    """Note that somebody has come to the desk."""
    return await _run(service, member, lambda session: calling.start(session, ticket, wanted, member))


@router.post("/tickets/{ticket}/serve")
async def serve(ticket: UUID, service: CurrentService, member: CurrentStaff) -> api_queue.StaffTicket:
    """Note that somebody has been served."""
    return await _run(service, member, lambda session: calling.serve(session, ticket, member))


@router.post("/tickets/{ticket}/no-show")
async def miss(ticket: UUID, service: CurrentService, member: CurrentStaff) -> api_queue.StaffTicket:
    """Note that nobody came, after three calls."""
    return await _run(service, member, lambda session: calling.miss(session, ticket, member))


@router.post("/tickets/{ticket}/return")
async def put_back(ticket: UUID, service: CurrentService, member: CurrentStaff) -> api_queue.StaffTicket:
    """Let somebody wait again, at their place."""
    return await _run(service, member, lambda session: calling.put_back(session, ticket, member))


@router.post("/tickets/{ticket}/leave")
async def leave(ticket: UUID, service: CurrentService, member: CurrentStaff) -> api_queue.StaffTicket:
    """Note that somebody has gone, or take a mistaken arrival back."""
    return await _run(service, member, lambda session: calling.leave(session, ticket, member))


@router.post("/tickets/{ticket}/pass-on")
async def pass_on(
    ticket: UUID,
    wanted: api_queue.PassOn,
    service: CurrentService,
    member: CurrentStaff,
) -> api_queue.StaffTicket:
    """Let another team go on, or for another concern; place and number stay."""
    return await _run(service, member, lambda session: calling.pass_on(session, ticket, wanted, member))


@router.post("/tickets/{ticket}/urgency")
async def set_urgency(
    ticket: UUID,
    wanted: api_queue.UrgencyChoice,
    service: CurrentService,
    member: CurrentStaff,
) -> api_queue.StaffTicket:
    """Let somebody go first who cannot wait; empty takes it back."""
    return await _run(service, member, lambda session: calling.set_urgency(session, ticket, wanted.urgency, member))


@router.put("/appointments/{number}/outcome")
async def choose_outcome(
    number: str, wanted: api_queue.OutcomeChoice, service: CurrentService, member: CurrentStaff
) -> api_queue.AppointmentOutcome:
    """Note what became of an appointment whose person is not here; empty takes it back."""

    async def work(session: Session) -> api_queue.AppointmentOutcome:
        return documents.outcome(await outcomes.choose(session, number, wanted.outcome, member))

    return await service.database.run(work, member.tenant)


async def _run(
    service: CurrentService, member: Identity, work: Callable[[Session], Awaitable[Ticket]]
) -> api_queue.StaffTicket:
    return documents.staff_ticket(await service.database.run(work, member.tenant))


def _away(service: CurrentService) -> timedelta:
    return timedelta(minutes=service.settings.desk_away_minutes)
