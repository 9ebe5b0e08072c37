"""For members of staff who have signed in: applications of their offices, on lists and one by one."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.applications import applying, staff, staff_access, staff_lists, staff_rows
from services.applications.lists import Part
from services.applications.queries import Case
from services.applications.web.needs import (
    CurrentAccess,
    CurrentKeys,
    CurrentOffer,
    CurrentService,
    IdempotencyKey,
    PublishingAccess,
)
from shared import api_staff_applications as api
from shared import clock
from shared.api import Slug
from shared.api_applications import ApplicationSent
from shared.api_audit import Before
from shared.api_staff import SearchText
from shared.contracts.applications import Actor, State
from shared.db import Session
from shared.identity import Identity
from shared.service import CurrentStaff, get_staff

T = TypeVar("T")

router = APIRouter(prefix="/staff", dependencies=[Depends(get_staff)])


class Work:
    """One transaction of the member of staff who asks, again from the start after a deadlock."""

    def __init__(self, service: CurrentService, member: CurrentStaff, offer: CurrentOffer) -> None:
        self._service, self.member, self.offer = service, member, offer

    async def run(self, work: Callable[[Session, Identity], Awaitable[T]]) -> T:
        """Do the work."""
        return await self._service.database.run(lambda session: work(session, self.member), self.member.tenant)

    async def change(self, work: Callable[[Session, Identity], Awaitable[Case]]) -> api.StaffApplication:
        """Do the work and return the application as it is then."""

        async def whole(session: Session, member: Identity) -> api.StaffApplication:
            case = await work(session, member)
            return await staff_rows.staff_application(session, case, self.offer, clock.now())

        return await self.run(whole)


CurrentWork = Annotated[Work, Depends()]


@router.get("/applications")
async def list_applications(
    work: CurrentWork,
    office: Slug | None = None,
    state: State | None = None,
    next_actor: Actor | None = None,
    *,
    overdue: bool = False,
    unseen: bool = False,
    older_than_days: Annotated[int | None, Query(ge=0, le=3650)] = None,
    after: Before | None = None,
    after_id: UUID | None = None,
) -> api.Page:
    """Return applications of the member's offices, the oldest first, page by page."""
    offices = staff_lists.offices_of(work.member, office or "")
    received_before = None if older_than_days is None else clock.now() - timedelta(days=older_than_days)
    start = (after, after_id or UUID(int=0)) if after else None
    part = Part(offices, state, next_actor, overdue, unseen, received_before, start)
    return await work.run(lambda session, member: staff_lists.list_part(session, part, member))


@router.get("/applications/search")
async def search(q: Annotated[SearchText, Query()], work: CurrentWork) -> list[api.Entry]:
    """Return the newest applications of the member's offices with such a reference, name or date of birth."""
    return await work.run(lambda session, member: staff_lists.search(session, q, member))


@router.post("/applications", status_code=201)
async def register(
    request: api.StaffApplicationRequest,
    key: IdempotencyKey,
    work: CurrentWork,
    access: PublishingAccess,
    keys: CurrentKeys,
) -> ApplicationSent:
    """Register an application that came in on paper. The same key and request again: the same answer."""

    async def registered(session: Session, member: Identity) -> Mapping[str, Any]:
        return await staff.register(session, request, key, member, work.offer, access, keys)

    return applying.sent(await work.run(registered), access)


@router.get("/applications/{reference}")
async def get_application(reference: str, work: CurrentWork) -> api.StaffApplication:
    """Return an application of the member's offices."""
    return await work.change(lambda session, member: staff.view(session, reference, member))


@router.post("/applications/{reference}/state")
async def change_state(
    reference: str, wanted: api.StateChange, work: CurrentWork, access: PublishingAccess
) -> api.StaffApplication:
    """Let an application go to another state; if it has changed since it was looked at, nothing is done."""
    return await work.change(
        lambda session, member: staff.change_state(session, reference, wanted, member, work.offer, access)
    )


@router.post("/applications/{reference}/code")
async def reissue_code(reference: str, work: CurrentWork, access: CurrentAccess) -> api.NewCode:
    """Make a new code and link; what opened it before does not any more."""
    return await work.run(lambda session, member: staff_access.reissue_code(session, reference, member, access))


@router.put("/applications/{reference}/online-access")
async def set_online_access(reference: str, wanted: api.OnlineAccess, work: CurrentWork) -> api.StaffApplication:
    """Open or close online access."""
    return await work.change(
        lambda session, member: staff_access.set_online_access(session, reference, member, is_open=wanted.open)
    )


@router.patch("/applications/{reference}/contact")
async def correct_contact(reference: str, wanted: api.ContactCorrection, work: CurrentWork) -> api.StaffApplication:
    """Correct who a person is and how to reach them."""
    return await work.change(
        lambda session, member: staff_access.correct_contact(session, reference, wanted, member, work.offer)
    )


@router.get("/tasks")
async def list_tasks(work: CurrentWork) -> list[api.StaffTask]:
    """Return what is to be done because no mail can tell the person, the oldest first."""
    return await work.run(staff_lists.list_tasks)


@router.post("/tasks/{task}/done", status_code=204)
async def finish_task(task: UUID, work: CurrentWork) -> None:
    """Tick a task off."""
    await work.run(lambda session, member: staff_lists.finish_task(session, task, member))
