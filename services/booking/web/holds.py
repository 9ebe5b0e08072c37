"""Holding a time while somebody fills in the form."""

from fastapi import APIRouter

from services.booking import desks, holds
from services.booking.web.needs import CurrentAccess, CurrentService, Holder
from shared import api
from shared.db import Session
from shared.service import CurrentTenant

router = APIRouter(prefix="/holds")


@router.post("", status_code=201)
async def hold(
    request: api.HoldRequest, holder: Holder, service: CurrentService, tenant: CurrentTenant, access: CurrentAccess
) -> api.Hold:
    """Keep a time free for ten minutes, in place of what the same `Holder` held before."""

    async def work(session: Session) -> api.Hold:
        return await holds.hold(session, request, access.holder_hash(holder))

    return await service.database.run(work, tenant, share_lock=desks.plan_lock(tenant, request.office))


@router.post("/extend")
async def extend(holder: Holder, service: CurrentService, tenant: CurrentTenant, access: CurrentAccess) -> api.Hold:
    """Hold what the `Holder` holds for ten minutes from now on."""
    return await service.database.run(lambda session: holds.extend(session, access.holder_hash(holder)), tenant)


@router.delete("", status_code=204)
async def let_go(holder: Holder, service: CurrentService, tenant: CurrentTenant, access: CurrentAccess) -> None:
    """Free what the `Holder` holds; nothing held, nothing changes."""
    await service.database.run(lambda session: holds.let_go(session, access.holder_hash(holder)), tenant)
