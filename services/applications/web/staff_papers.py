"""For members of staff: papers that are asked for, come in on paper, and are looked at."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.applications import staff
from services.applications.web.needs import PublishingAccess
from services.applications.web.staff import CurrentWork
from shared import api_staff_applications as api
from shared.api import Slug
from shared.service import get_staff

router = APIRouter(prefix="/staff/applications/{reference}", dependencies=[Depends(get_staff)])


class Paper:
    """A paper of an application, and what changes it."""

    def __init__(self, reference: str, item: Slug, work: CurrentWork, access: PublishingAccess) -> None:
        self.own, self.work, self.needs = (reference, item), work, (work.member, work.offer, access)


CurrentPaper = Annotated[Paper, Depends()]


@router.post("/requests")
async def request_papers(
    reference: str, wanted: api.PapersRequest, work: CurrentWork, access: PublishingAccess
) -> api.StaffApplication:
    """Ask for papers; if the application has changed since it was looked at, nothing is done."""
    return await work.change(
        lambda session, member: staff.request_papers(session, reference, wanted, member, work.offer, access)
    )


@router.post("/items/{item}/received")
async def receive_item(wanted: api.ReceivedOnPaper, paper: CurrentPaper) -> api.StaffApplication:
    """Tick off a paper that came to the desk or by post."""
    return await paper.work.change(
        lambda session, _: staff.receive_item(session, *paper.own, wanted.channel, *paper.needs)
    )


@router.post("/items/{item}/accept")
async def accept_item(paper: CurrentPaper) -> api.StaffApplication:
    """Note that a paper is what was needed."""
    return await paper.work.change(lambda session, _: staff.accept_item(session, *paper.own, *paper.needs))


@router.post("/items/{item}/reject")
async def reject_item(wanted: api.Rejection, paper: CurrentPaper) -> api.StaffApplication:
    """Note that a paper does not do; the person is told why, and another way."""
    return await paper.work.change(
        lambda session, _: staff.reject_item(session, *paper.own, wanted.reason, *paper.needs)
    )
