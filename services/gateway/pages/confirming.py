"""Confirming an appointment by the button behind the link in a mail. Opening the link changes nothing."""

from fastapi import APIRouter, Request, Response

from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.visit import CurrentVisit, can_confirm

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/appointments/{number}/{token}/confirm")
async def ask(visit: CurrentVisit) -> Response:
    """Show the appointment and the button; what is confirmed, cancelled or too late already is shown as it is."""
    found = await visit.open()
    if found["state"] == "booked":
        return visit.page("booked", found)
    return visit.page("confirm", found) if can_confirm(found) else visit.shown(found)


@router.post("/{lang}/appointments/{number}/{token}/confirm")
async def confirm(request: Request, form: CurrentForm, visit: CurrentVisit) -> Response:
    """Book it; pressing again says so again."""
    found = await visit.open()
    if problems := check_genuine(request, form, visit.language):
        return visit.page("confirm", found, problems, 403) if can_confirm(found) else visit.shown(found)
    if not await visit.door.confirm(visit.number, visit.token):
        return visit.shown(await visit.open(), status=409)
    return visit.go_to(found, "/booked")
