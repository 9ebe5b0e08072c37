"""The plan editor's door, for those who manage an office."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Path

from services.booking import plans
from services.booking.web.needs import CurrentService, PublishingAccess
from shared import api, api_plans
from shared.db import Session
from shared.identity import Identity
from shared.service import CurrentStaff, get_staff

T = TypeVar("T")
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]

router = APIRouter(prefix="/staff/offices/{office}/plans", dependencies=[Depends(get_staff)])


class Editing:
    """One transaction about the plans of the office in a request's path."""

    def __init__(self, office: api.Slug, service: CurrentService, member: CurrentStaff) -> None:
        self._office, self._service, self._member = office, service, member

    async def run(self, work: Callable[[Session, str, Identity], Awaitable[T]]) -> T:
        """Do the work, again from the start after a deadlock."""

        async def once(session: Session) -> T:
            return await work(session, self._office, self._member)

        return await self._service.database.run(once, self._member.tenant)


CurrentEditing = Annotated[Editing, Depends()]


@router.get("")
async def list_versions(editing: CurrentEditing) -> list[api_plans.PlanVersion]:
    """Return the versions of the plan, the newest first."""
    return await editing.run(plans.list_versions)


@router.get("/stranded")
async def list_stranded(editing: CurrentEditing) -> list[api_plans.StrandedAppointment]:
    """Return the appointments for which nobody is there any more, until they are moved, cancelled or past."""
    return await editing.run(plans.list_stranded)


@router.get("/{version}")
async def get_version(version: Version, editing: CurrentEditing) -> api_plans.PlanDocument:
    """Return a version with all that it says."""
    return await editing.run(lambda session, office, member: plans.get(session, office, version, member))


@router.post("/preview")
async def preview(wanted: api_plans.PlanLook, editing: CurrentEditing) -> api_plans.PlanPreview:
    """Return what would change; nothing is stored."""
    return await editing.run(lambda session, office, member: plans.preview(session, office, wanted, member))


@router.post("", status_code=201)
async def publish(
    wanted: api_plans.PlanPublication, editing: CurrentEditing, access: PublishingAccess
) -> api_plans.PlanPublished:
    """Publish a plan. `expect`: nobody else has published meanwhile."""
    return await editing.run(
        lambda session, office, member: plans.publish_plan(session, office, wanted, member, access)
    )


@router.post("/{version}/return", status_code=201)
async def return_to(
    version: Version, wanted: api_plans.PlanReturn, editing: CurrentEditing, access: PublishingAccess
) -> api_plans.PlanPublished:
    """Publish an earlier version once more, with the same document and hash."""
    return await editing.run(
        lambda session, office, member: plans.return_to(session, office, version, wanted, member, access)
    )


@router.delete("/{version}")
async def withdraw(version: Version, editing: CurrentEditing) -> api_plans.PlanVersion:
    """Withdraw a plan that waits to come into force; doing so again changes nothing."""
    return await editing.run(lambda session, office, member: plans.withdraw(session, office, version, member))
