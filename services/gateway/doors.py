"""What the gateway's routes ask for: the tenant of the request's host, and the services behind."""

from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request

from services.gateway.backend import Backend
from services.gateway.offers import OfferBook
from services.gateway.remembered import Remembered
from shared import links
from shared.errors import NotFound, UnsupportedMediaType
from shared.tenants import Tenant

Figures = Remembered[dict[str, Any]]


class AppointmentNotFound(NotFound):
    """No appointment has this number."""


async def get_tenant(request: Request, host: Annotated[str, Header(include_in_schema=False)] = "") -> Tenant:
    """Return the tenant of the host name; raises `UnknownHost`."""
    tenant: Tenant = request.app.state.service.tenants.of_host(host)
    return tenant


async def get_booking(request: Request) -> Backend:
    """Return the way to booking."""
    backend: Backend = request.app.state.booking
    return backend


async def get_applications(request: Request) -> Backend:
    """Return the way to applications."""
    backend: Backend = request.app.state.applications
    return backend


async def get_statistics(request: Request) -> Backend:
    """Return the way to statistics."""
    backend: Backend = request.app.state.statistics
    return backend


async def get_offers(request: Request) -> OfferBook:
    """Return what is known of the tenants' offers."""
    offers: OfferBook = request.app.state.offers
    return offers


async def get_figures(request: Request) -> Figures:
    """Return what is known of the tenants' figures."""
    figures: Figures = request.app.state.figures
    return figures


async def get_booking_figures(request: Request) -> Figures:
    """Return what is known of the tenants' figures of booking."""
    figures: Figures = request.app.state.booking_figures
    return figures


async def require_json(content_type: Annotated[str, Header(include_in_schema=False)] = "") -> None:
    """Refuse a body that says it is something else, instead of complaining about its fields."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType("Please send JSON, with the header Content-Type: application/json.")


def read_number(number: str) -> str:
    """Return an appointment's number as booking knows it; what cannot be one (`..`, say) becomes no path."""
    characters = links.normalise(number)
    if not links.is_number(characters):
        raise AppointmentNotFound("No appointment has this number and code. Please check both.", malformed=True)
    return links.grouped(characters)


async def get_number(number: Annotated[str, Path(max_length=100)]) -> str:
    """Return the number in the request's path; raises `AppointmentNotFound`."""
    return read_number(number)


CurrentTenant = Annotated[Tenant, Depends(get_tenant)]
Applications = Annotated[Backend, Depends(get_applications)]
Booking = Annotated[Backend, Depends(get_booking)]
AppointmentNumber = Annotated[str, Depends(get_number)]
JsonBody = Annotated[None, Depends(require_json)]
BookingFiguresOfTenants = Annotated[Figures, Depends(get_booking_figures)]
FiguresOfTenants = Annotated[Figures, Depends(get_figures)]
OffersOfTenants = Annotated[OfferBook, Depends(get_offers)]
Statistics = Annotated[Backend, Depends(get_statistics)]
