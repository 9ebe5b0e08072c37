"""Statistics' HTTP door, for the gateway."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.statistics.booking_figures import booking_figures
from services.statistics.figures import appointments_this_month
from services.statistics.outcome_figures import outcome_figures
from services.statistics.processing_figures import processing_figures
from services.statistics.settings import StatisticsSettings
from services.statistics.waiting_figures import waiting_figures
from shared.api_figures import (
    AppointmentFigures,
    BookingFigures,
    OutcomeFigures,
    ProcessingFigures,
    WaitingFigures,
)
from shared.service import CurrentTenant, Service, get_service

router = APIRouter()

CurrentService = Annotated[Service[StatisticsSettings], Depends(get_service)]


@router.get("/appointments")
async def appointments(service: CurrentService, tenant: CurrentTenant) -> AppointmentFigures:
    """Return this month's figures of the tenant."""
    return await appointments_this_month(service, service.tenants.by_id[tenant])


@router.get("/booking")
async def booking(service: CurrentService, tenant: CurrentTenant) -> BookingFigures:
    """Return how easily free times are found and how many appointments are kept."""
    return await booking_figures(service, service.tenants.by_id[tenant])


@router.get("/waiting")
async def waiting(service: CurrentService, tenant: CurrentTenant) -> WaitingFigures:
    """Return how late appointments began and how long people waited without one, in the last four weeks."""
    return await waiting_figures(service, service.tenants.by_id[tenant])


@router.get("/processing")
async def processing(service: CurrentService, tenant: CurrentTenant) -> ProcessingFigures:
    """Return how long applications stayed in each state, in the last half year."""
    return await processing_figures(service, service.tenants.by_id[tenant])


@router.get("/outcomes")
async def outcomes(service: CurrentService, tenant: CurrentTenant) -> OutcomeFigures:
    """Return what became of the appointments of the last four weeks."""
    return await outcome_figures(service, service.tenants.by_id[tenant])
