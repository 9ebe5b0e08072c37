"""The queue, for those who wait: tickets, arrivals, waiting times, the call display."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends

from services.booking.queue import arriving, documents, reading
from services.booking.queue.arriving import Arrived
from services.booking.queue.reading import Ticket
from services.booking.web.needs import CurrentAccess, CurrentService, CurrentWaits, IdempotencyKey, Secret
from shared import api, api_queue, clock
from shared.db import Session
from shared.service import CurrentTenant

log = structlog.get_logger()

LONGEST_LOOK_SECONDS = 3.0

router = APIRouter()


@dataclass(frozen=True)
class Told:
    """What a document of a ticket is made with."""

    service: CurrentService
    tenant: CurrentTenant
    access: CurrentAccess
    waits: CurrentWaits

    async def ticket(self, row: Ticket) -> api_queue.Ticket:
        """Return a ticket with its place, and how much longer it will take; in no transaction.

        Whoever has drawn a ticket gets it, also when what is told beside it cannot be read just now.
        """
        now, position, expected = clock.now(), None, None
        if row["state"] == "waiting":
            try:
                async with asyncio.timeout(LONGEST_LOOK_SECONDS):
                    position = await self._position(row)
                    expected = await self.waits.expected(self.service.database, self.tenant, row)
            except Exception as error:
                log.warning("a ticket is told without its wait", office=row["office_id"], error=type(error).__name__)
        return documents.ticket(row, self.access, now, position, expected)

    async def _position(self, row: Ticket) -> int | None:
        async with self.service.database.transaction(self.tenant) as session:
            there = await reading.list_open(session, row["office_id"])
        team = [one for one in there if (one["day"], one["team_id"]) == (row["day"], row["team_id"])]
        places = {one["id"]: place for place, one in enumerate(reading.in_order(team, clock.now()), 1)}
        return places.get(row["id"])


Here = Annotated[Told, Depends()]


@router.post("/offices/{office}/tickets", status_code=201)
async def draw_ticket(
    office: api.Slug, request: api_queue.TicketRequest, key: IdempotencyKey, told: Here
) -> api_queue.Ticket:
    """Draw a ticket without an appointment. The same key and request again: the same ticket."""
    service, settings = told.service, told.service.settings
    away = timedelta(minutes=settings.desk_away_minutes)
    too_long = settings.tickets_until_closing_only and await told.waits.is_too_long(
        service.database, told.tenant, office, request.concern
    )

    async def work(session: Session) -> Ticket:
        return await arriving.draw(session, office, request, key, told.access, away, too_long=too_long)

    return await told.ticket(await service.database.run(work, told.tenant))


@router.post("/offices/{office}/arrivals")
async def arrive(office: api.Slug, request: api_queue.ArrivalRequest, told: Here) -> api_queue.Arrival:
    """Check in with an appointment; twice is once."""

    async def work(session: Session) -> Arrived:
        return await arriving.arrive(session, office, request, told.access)

    found = await told.service.database.run(work, told.tenant)
    return documents.arrival(found, None if found.ticket is None else await told.ticket(found.ticket))


@router.get("/tickets/{ticket}")
async def get_ticket(ticket: UUID, told: Here, secret: Secret) -> api_queue.Ticket:
    """Return a ticket with its place and how much longer it will take."""
    async with told.service.database.transaction(told.tenant) as session:
        row = await arriving.get(session, ticket, secret, told.access)
    return await told.ticket(row)


@router.delete("/tickets/{ticket}")
async def leave(ticket: UUID, told: Here, secret: Secret) -> api_queue.Ticket:
    """Give a ticket back."""

    async def work(session: Session) -> Ticket:
        return await arriving.leave(session, ticket, secret, told.access)

    return await told.ticket(await told.service.database.run(work, told.tenant))


@router.get("/offices/{office}/waiting")
async def get_waiting(
    office: api.Slug, service: CurrentService, tenant: CurrentTenant, waits: CurrentWaits
) -> api_queue.Waiting:
    """Return how long people without an appointment wait."""
    return await waits.describe(service.database, tenant, office)


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
