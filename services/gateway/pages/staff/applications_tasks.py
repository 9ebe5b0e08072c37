"""What staff have to tell people because no mail can."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.staff.applications_clerk import Clerk, CurrentClerk
from services.gateway.render import N_, Problem, go

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/tasks")

DONE = {"done": N_("Written down: this is done.")}


@router.get("")
async def show(clerk: CurrentClerk) -> Response:
    """Show what is to be done, the oldest first."""
    return await _page(clerk)


@router.post("/{task}/done")
async def finish(request: Request, task: UUID, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Tick a task off; ticked off already, nothing changes."""
    if problems := check_genuine(request, form, clerk.language):
        return await _page(clerk, problems, 403)
    await clerk.ask("POST", f"/tasks/{task}/done")
    return go(f"/{clerk.language}/staff/tasks?done=done")


async def _page(clerk: Clerk, problems: list[Problem] | None = None, status: int = 200) -> Response:
    tasks, _ = await clerk.ask("GET", "/tasks")
    names = {office["id"]: office["name"] for office in clerk.offices}
    return clerk.page("tasks", problems or (), status, tasks=tasks, names=names, done=clerk.said(DONE))
