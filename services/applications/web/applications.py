"""Applications: sent, opened, looked at, asked for, withdrawn."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from services.applications import applying, citizens, domain, opening, rows
from services.applications.access import Opened
from services.applications.summary import summary
from services.applications.web.needs import (
    Client,
    CurrentAccess,
    CurrentKeys,
    CurrentOffer,
    CurrentOpened,
    CurrentService,
    IdempotencyKey,
    PublishingAccess,
)
from shared import api_applications as api
from shared import clock
from shared.api import Language
from shared.db import Session
from shared.service import CurrentTenant

router = APIRouter()


@router.get("/benefits")
async def list_benefits(offer: CurrentOffer) -> list[api.BenefitOffer]:
    """Return what can be applied for, by its present name, and which papers that needs."""
    today = clock.now().astimezone(offer.zone).date()
    return [rows.benefit(one, today) for one in offer.benefits.values()]


@router.post("/applications", status_code=201)
async def apply(
    request: api.ApplicationRequest,
    key: IdempotencyKey,
    service: CurrentService,
    tenant: CurrentTenant,
    offer: CurrentOffer,
    access: PublishingAccess,
    keys: CurrentKeys,
) -> api.ApplicationSent:
    """Make an application. The same key and request again: the same answer."""

    async def work(session: Session) -> Mapping[str, Any]:
        return (await applying.apply(session, request, key, offer, access, keys))[0]

    return applying.sent(await service.database.run(work, tenant), access)


@router.post("/applications/{reference}/access")
async def open_application(
    reference: str,
    given: api.AccessRequest,
    service: CurrentService,
    tenant: CurrentTenant,
    access: CurrentAccess,
    client: Client = "",
) -> api.Access:
    """Exchange code, link's token or birth date for a bearer. What does not open always looks the same."""

    async def work(session: Session) -> Opened | None:
        return await opening.open_application(session, reference, given, client, access)

    opened = await service.database.run(work, tenant)
    if opened is None:
        raise domain.ApplicationNotFound(opening.NOT_OPENED)
    bearer, expires_at = access.bearer(opened, clock.now())
    return api.Access(bearer=bearer, scope=opened.scope, expires_at=expires_at)


@router.get("/applications/{reference}")
async def get_application(
    reference: str, opened: CurrentOpened, service: CurrentService, tenant: CurrentTenant, offer: CurrentOffer
) -> api.ApplicationStatus:
    """Return where an application stands, to whoever has opened it."""
    async with service.database.transaction(tenant) as session:
        return await citizens.look_at(session, reference, opened, offer)


@router.get("/applications/{reference}/summary.pdf", response_class=Response)
async def get_summary(
    reference: str,
    opened: CurrentOpened,
    service: CurrentService,
    tenant: CurrentTenant,
    language: Annotated[Language | None, Query(description="Left out: that of the application.")] = None,
) -> Response:
    """Return one page with what was applied for and the time that counts, as PDF."""
    async with service.database.transaction(tenant) as session:
        row = await citizens.for_summary(session, reference, opened)
    pdf = await asyncio.to_thread(summary, row, language or row["language"], clock.now())
    headers = {"Content-Disposition": f'inline; filename="{row["reference"]}.pdf"', "Cache-Control": "no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.post("/applications/{reference}/status-inquiries", status_code=201)
async def inquire(
    reference: str, opened: CurrentOpened, service: CurrentService, tenant: CurrentTenant, access: PublishingAccess
) -> api.Inquiry:
    """Let the address on file be told where an application stands."""
    pause = timedelta(minutes=service.settings.inquiry_minutes)

    async def work(session: Session) -> api.Inquiry:
        return await citizens.inquire(session, reference, opened, access, pause)

    return await service.database.run(work, tenant)


@router.post("/applications/{reference}/withdrawal")
async def withdraw(
    reference: str,
    opened: CurrentOpened,
    service: CurrentService,
    tenant: CurrentTenant,
    offer: CurrentOffer,
    access: PublishingAccess,
) -> api.ApplicationStatus:
    """Withdraw an application; doing so again changes nothing."""

    async def work(session: Session) -> api.ApplicationStatus:
        return await citizens.withdraw(session, reference, opened, offer, access)

    return await service.database.run(work, tenant)
