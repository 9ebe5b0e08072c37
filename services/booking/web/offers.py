"""An offer of an earlier time: looked at, accepted, declined."""

from uuid import UUID

from fastapi import APIRouter

from services.booking import offers
from services.booking.web.needs import CurrentAccess, CurrentService, PublishingAccess, Secret
from shared import api
from shared.db import Session
from shared.service import CurrentTenant

router = APIRouter(prefix="/offers/{offer}")


@router.get("")
async def get_offer(
    offer: UUID, secret: Secret, service: CurrentService, tenant: CurrentTenant, access: CurrentAccess
) -> api.Offer:
    """Return an offer to whoever has its link."""
    async with service.database.transaction(tenant) as session:
        return await offers.get(session, offer, secret, access)


@router.post("/accept")
async def accept_offer(
    offer: UUID, secret: Secret, service: CurrentService, tenant: CurrentTenant, access: PublishingAccess
) -> api.Offer:
    """Move the appointment to the offered time; doing so again changes nothing."""

    async def work(session: Session) -> api.Offer:
        return await offers.accept(session, offer, secret, access)

    return await service.database.run(work, tenant)


@router.post("/decline")
async def decline_offer(
    offer: UUID, secret: Secret, service: CurrentService, tenant: CurrentTenant, access: PublishingAccess
) -> api.Offer:
    """Keep the appointment as it is; doing so again changes nothing."""

    async def work(session: Session) -> api.Offer:
        return await offers.decline(session, offer, secret, access)

    return await service.database.run(work, tenant)
