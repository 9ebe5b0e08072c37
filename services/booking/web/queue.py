"""The queue, for those who wait: tickets, arrivals, waiting times, the call display."""

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter

from services.booking.queue import arriving, documents, reading
from services.booking.queue.arriving import Arrived
from services.booking.queue.reading import Ticket
from services.booking.web.needs import CurrentAccess, CurrentService, IdempotencyKey, Secret
from shared import api, api_queue, clock
from shared.db import Session
from shared.service import CurrentTenant

router = APIRouter()


@router.post("/offices/{office}/tickets", status_code=201)
async def draw_ticket(
    office: api.Slug,
    request: api_queue.TicketRequest,
    key: IdempotencyKey,
    service: CurrentService,
    tenant: CurrentTenant,
    access: CurrentAccess,
) -> api_queue.Ticket:
    """Draw a ticket without an appointment. The same key and request again: the same ticket."""
    away = timedelta(minutes=service.settings.desk_away_minutes)

    async def work(session: Session) -> api_queue.Ticket:
        return await _document(session, await arriving.draw(session, office, request, key, access, away), access)

    return await service.database.run(work, tenant)


@router.post("/offices/{office}/arrivals")
async def arrive(
    office: api.Slug,
    request: api_queue.ArrivalRequest,
    service: CurrentService,
    tenant: CurrentTenant,
    access: CurrentAccess,
) -> api_queue.Arrival:
    """Check in with an appointment; twice is once."""

    async def work(session: Session) -> api_queue.Arrival:
        return await _arrival(session, await arriving.arrive(session, office, request, access), access)

    return await service.database.run(work, tenant)


@router.get("/tickets/{ticket}")
async def get_ticket(
    ticket: UUID,
    service: CurrentService,
    tenant: CurrentTenant,
    access: CurrentAccess,
    secret: Secret,
) -> api_queue.Ticket:
    """Return a ticket with its place and how much longer it will take."""
    async with service.database.transaction(tenant) as session:
        return await _document(session, await arriving.get(session, ticket, secret, access), access)


@router.delete("/tickets/{ticket}")
async def leave(
    ticket: UUID,
    service: CurrentService,
    tenant: CurrentTenant,
    access: CurrentAccess,
    secret: Secret,
) -> api_queue.Ticket:
    """Give a ticket back."""

    async def work(session: Session) -> api_queue.Ticket:
        return await _document(session, await arriving.leave(session, ticket, secret, access), access)

    return await service.database.run(work, tenant)


@router.get("/offices/{office}/display")
async def get_display(
    office: api.Slug, service: CurrentService, tenant: CurrentTenant, access: CurrentAccess
) -> api_queue.Display:
    """Return what the office's call display shows."""
    now = clock.now()
    async with service.database.transaction(tenant) as session:
        here = await reading.today(session, office, now)
        version, there = await reading.version(session, here), await reading.list_open_today(session, here)
    return documents.display(here, version, there, access.office_code(tenant, office, now), now)


async def _document(session: Session, row: Ticket, access: CurrentAccess) -> api_queue.Ticket:
    now, position = clock.now(), None
    if row["state"] == "waiting":
        there = [one for one in await reading.list_open(session, row["office_id"]) if one["day"] == row["day"]]
        team = reading.in_order([one for one in there if one["team_id"] == row["team_id"]], now)
        position = next((n for n, one in enumerate(team, 1) if one["id"] == row["id"]), None)
    return documents.ticket(row, access, now, position, None)


async def _arrival(session: Session, found: Arrived, access: CurrentAccess) -> api_queue.Arrival:
    document = None if found.ticket is None else await _document(session, found.ticket, access)
    return documents.arrival(found, document)
