"""For members of staff: papers that are asked for, come in on paper, and are looked at."""

from fastapi import APIRouter, Depends

from services.applications import staff
from services.applications.web.needs import PublishingAccess
from services.applications.web.staff import CurrentWork
from shared import api_staff_applications as api
from shared.api import Slug
from shared.service import get_staff

router = APIRouter(prefix="/staff/applications/{reference}", dependencies=[Depends(get_staff)])


@router.post("/requests")
async def request_papers(
    reference: str, wanted: api.PapersRequest, work: CurrentWork, access: PublishingAccess
) -> api.StaffApplication:
    """Ask for papers; if the application has changed since it was looked at, nothing is done."""
    return await work.change(
        lambda session, member: staff.request_papers(session, reference, wanted, member, work.offer, access)
    )


@router.post("/items/{item}/received")
async def receive_item(
    reference: str, item: Slug, wanted: api.ReceivedOnPaper, work: CurrentWork, access: PublishingAccess
) -> api.StaffApplication:
    """Tick off a paper that came to the desk or by post."""
    return await work.change(
        lambda session, member: staff.receive_item(session, reference, item, wanted.channel, member, work.offer, access)
    )


@router.post("/items/{item}/accept")
async def accept_item(reference: str, item: Slug, work: CurrentWork, access: PublishingAccess) -> api.StaffApplication:
    """Note that a paper is what was needed."""
    return await work.change(
        lambda session, member: staff.accept_item(session, reference, item, member, work.offer, access)
    )


@router.post("/items/{item}/reject")
async def reject_item(
    reference: str, item: Slug, wanted: api.Rejection, work: CurrentWork, access: PublishingAccess
) -> api.StaffApplication:
    """Note that a paper does not do; the person is told why, and another way."""
    return await work.change(
        lambda session, member: staff.reject_item(session, reference, item, wanted.reason, member, work.offer, access)
    )
