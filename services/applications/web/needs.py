"""What applications' routes ask for."""

from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.applications.access import Access, Opened
from services.applications.benefits import Offer
from services.applications.settings import ApplicationsSettings
from shared import clock
from shared.documents.sealed import MasterKeys
from shared.service import CurrentTenant, Service, get_service

CurrentService = Annotated[Service[ApplicationsSettings], Depends(get_service)]

IdempotencyKey = Annotated[
    str, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")
]
# What the gateway makes of the address of whoever asks: the same for the same one, and it tells nobody which.
Client = Annotated[str, Header(alias="Client", max_length=100, pattern=r"^[\x21-\x7e]*$")]


async def get_offer(request: Request, tenant: CurrentTenant) -> Offer:
    """Return what the tenant offers."""
    offers: dict[str, Offer] = request.app.state.offers
    return offers[tenant]


async def get_keys(request: Request) -> MasterKeys:
    """Return the master keys."""
    keys: MasterKeys = request.app.state.keys
    return keys


async def get_access(service: CurrentService, tenant: CurrentTenant) -> Access:
    """Return what makes and checks the tenant's codes, links and bearers."""
    return Access.of(service.settings, service.tenants.by_id[tenant])


async def get_publishing_access(service: CurrentService, tenant: CurrentTenant) -> Access:
    """Return the same with the key that recipients are sealed with; raises `NoSealingKey`."""
    key = await service.sealing_keys.newest()
    return Access.of(service.settings, service.tenants.by_id[tenant], key)


CurrentOffer = Annotated[Offer, Depends(get_offer)]
CurrentKeys = Annotated[MasterKeys, Depends(get_keys)]
CurrentAccess = Annotated[Access, Depends(get_access)]
PublishingAccess = Annotated[Access, Depends(get_publishing_access)]


async def get_opened(
    access: CurrentAccess,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> Opened | None:
    """Return what the request's bearer opens, if anything."""
    return access.read_bearer(given.credentials, clock.now()) if given else None


CurrentOpened = Annotated[Opened | None, Depends(get_opened)]
