"""What booking's routes ask for."""

from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.booking.access import Access
from services.booking.queue.members import Looks
from services.booking.queue.waiting import Waits
from services.booking.searches import Searches
from services.booking.settings import BookingSettings
from shared.service import CurrentTenant, Service, get_service

CurrentService = Annotated[Service[BookingSettings], Depends(get_service)]

IdempotencyKey = Annotated[
    str, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")
]
_HOLDER = {"min_length": 16, "max_length": 100, "pattern": r"^[\x21-\x7e]+$"}
Holder = Annotated[str, Header(alias="Holder", **_HOLDER)]
MaybeHolder = Annotated[str | None, Header(alias="Holder", **_HOLDER)]


async def get_searches(request: Request) -> Searches:
    """Return where this process counts searches."""
    found: Searches = request.app.state.searches
    return found


async def get_waits(request: Request) -> Waits:
    """Return what this process knows of waiting times."""
    found: Waits = request.app.state.waits
    return found


async def get_looks(request: Request) -> Looks:
    """Return what this process knows of who looked at which queue."""
    found: Looks = request.app.state.looks
    return found


async def get_access(service: CurrentService, tenant: CurrentTenant) -> Access:
    """Return what makes and checks the tenant's codes and links."""
    return Access.of(service.settings, service.tenants.by_id[tenant])


async def get_publishing_access(service: CurrentService, tenant: CurrentTenant) -> Access:
    """Return the same with the key that recipients are sealed with; raises `NoSealingKey`."""
    key = await service.sealing_keys.newest()
    return Access.of(service.settings, service.tenants.by_id[tenant], key)


async def get_secret(
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> str | None:
    """Return the code or the link's token that came with the request."""
    return given.credentials if given else None


PublishingAccess = Annotated[Access, Depends(get_publishing_access)]
CurrentSearches = Annotated[Searches, Depends(get_searches)]
CurrentLooks = Annotated[Looks, Depends(get_looks)]
CurrentWaits = Annotated[Waits, Depends(get_waits)]
CurrentAccess = Annotated[Access, Depends(get_access)]
Secret = Annotated[str | None, Depends(get_secret)]
