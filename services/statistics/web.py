"""Statistics' HTTP door, for the gateway."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.statistics.figures import appointments_this_month
from services.statistics.settings import StatisticsSettings
from shared.api import AppointmentFigures
from shared.service import CurrentTenant, Service, get_service

router = APIRouter()

CurrentService = Annotated[Service[StatisticsSettings], Depends(get_service)]


@router.get("/appointments")
async def appointments(service: CurrentService, tenant: CurrentTenant) -> AppointmentFigures:
    """Return this month's figures of the tenant."""
    return await appointments_this_month(service, service.tenants.by_id[tenant])
