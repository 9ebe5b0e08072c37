"""For managers who have signed in: closing a day, and seeing first whom that affects."""

from fastapi import APIRouter, Depends

from services.booking import closing
from services.booking.web.needs import PublishingAccess
from services.booking.web.staff import CurrentWork
from shared import api, api_staff
from shared.service import get_staff

router = APIRouter(prefix="/staff/offices/{office}", dependencies=[Depends(get_staff)])


@router.get("/teams")
async def list_teams(office: api.Slug, work: CurrentWork) -> list[api_staff.Team]:
    """Return the teams that can be closed alone."""
    return await work.run(lambda session, member: closing.list_teams(session, office, member))


@router.post("/closures/preview")
async def preview(office: api.Slug, wanted: api_staff.ClosedDay, work: CurrentWork) -> api_staff.ClosingPreview:
    """Return what closing a day would do; nothing changes."""
    return await work.run(lambda session, member: closing.preview(session, office, wanted, member))


@router.post("/closures")
async def close(
    office: api.Slug, wanted: api_staff.Closing, work: CurrentWork, access: PublishingAccess
) -> api_staff.Closed:
    """Close a day and cancel the appointments on it; closed already, it cancels what is left."""
    return await work.run(lambda session, member: closing.close(session, office, wanted, member, access))
