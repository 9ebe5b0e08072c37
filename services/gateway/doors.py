"""What the gateway's routes ask for: the tenant of the request's host, and the services behind."""

from typing import Annotated

from fastapi import Depends, Header, Request

from services.gateway.backend import Backend
from shared.errors import UnsupportedMediaType
from shared.tenants import Tenant


def get_tenant(request: Request, host: Annotated[str, Header(include_in_schema=False)] = "") -> Tenant:
    """Return the tenant of the host name; raises `UnknownHost`."""
    tenant: Tenant = request.app.state.service.tenants.of_host(host)
    return tenant


def get_booking(request: Request) -> Backend:
    """Return the way to booking."""
    backend: Backend = request.app.state.booking
    return backend


def get_statistics(request: Request) -> Backend:
    """Return the way to statistics."""
    backend: Backend = request.app.state.statistics
    return backend


def require_json(content_type: Annotated[str, Header(include_in_schema=False)] = "") -> None:
    """Refuse a body that says it is something else, instead of complaining about its fields."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType("Please send JSON, with the header Content-Type: application/json.")


CurrentTenant = Annotated[Tenant, Depends(get_tenant)]
Booking = Annotated[Backend, Depends(get_booking)]
JsonBody = Annotated[None, Depends(require_json)]
Statistics = Annotated[Backend, Depends(get_statistics)]
