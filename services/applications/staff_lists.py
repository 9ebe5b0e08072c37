"""Lists that staff look at, each look written down; what was typed to search is not kept, as it names people."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from services.applications import domain, lists, staff_rows
from services.applications.lists import Part
from services.applications.models import audit_entries, staff_tasks
from services.applications.staff import check_may
from shared import api_staff_applications as api
from shared import audit, clock
from shared.db import Session
from shared.identity import Identity


def offices_of(staff: Identity, office: str) -> Sequence[str]:
    """Return the office that is asked for, or all of the member's; raise `NotYourTask`, `OfficeNotYours`."""
    check_may(staff, office or None)
    return [office] if office else staff.offices


async def list_part(session: Session, part: Part, staff: Identity) -> api.Page:
    """Return a page of applications; raise as `offices_of` does, which was asked before."""
    now = clock.now()
    found = await lists.list_part(session, part, now)
    _note(session, staff, "list-applications", part.offices, len(found[: api.MOST_LISTED]))
    return staff_rows.page(found, now)


async def search(session: Session, typed: str, staff: Identity) -> list[api.Entry]:
    """Find applications of the member's offices; raise `NotYourTask`."""
    check_may(staff)
    found = await lists.search(session, staff.offices, typed)
    _note(session, staff, "search-applications", staff.offices, len(found))
    return [staff_rows.entry(row, clock.now()) for row in found]


async def list_tasks(session: Session, staff: Identity) -> list[api.StaffTask]:
    """Return what is to be done at the member's offices; raise `NotYourTask`."""
    check_may(staff)
    found = await lists.list_tasks(session, staff.offices)
    _note(session, staff, "list-tasks", staff.offices, len(found))
    return [staff_rows.task(row) for row in found]


async def finish_task(session: Session, task_id: UUID, staff: Identity) -> None:
    """Tick a task off; ticked off already, nothing changes. Raises `TaskNotFound`, `NotYourTask`."""
    check_may(staff)
    own = staff_tasks.c.id == task_id, staff_tasks.c.office_id.in_(staff.offices)
    found = (await session.execute(select(staff_tasks).where(*own).with_for_update())).one_or_none()
    if found is None:
        raise domain.TaskNotFound("Your offices have no such task.")
    if found.done_at is None:
        await session.execute(update(staff_tasks).where(*own).values(done_at=clock.now(), done_by=staff.subject))
        audit.add(session, audit_entries, staff, "finish-task", office=found.office_id, target=str(task_id))


def _note(session: Session, staff: Identity, action: str, offices: Sequence[str], found: int) -> None:
    for office in offices:
        audit.add(session, audit_entries, staff, action, office=office, after={"found": found})
