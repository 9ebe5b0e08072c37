"""Confirming an appointment by the button behind the link in a mail. Opening the link changes nothing."""

from datetime import datetime

from fastapi import APIRouter, Request, Response

from services.gateway import moments
from services.gateway.codes import Appointment
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.visit import CurrentVisit, Visit
from services.gateway.render import N_, Problem, translate
from shared import clock

router = APIRouter(include_in_schema=False)

TOO_LATE = N_("It was not confirmed in time, and the time is free for others again. Please book anew.")


@router.get("/{lang}/appointments/{number}/{token}/confirm")
async def ask(visit: CurrentVisit) -> Response:
    """Show the appointment and the button; what is confirmed, cancelled or too late already is shown as it is."""
    found = await visit.open()
    if found["state"] != "unconfirmed":
        return visit.page("booked" if found["state"] == "booked" else "show", found)
    return visit.page("confirm", found, until=until(visit, found))


@router.post("/{lang}/appointments/{number}/{token}/confirm")
async def confirm(request: Request, form: CurrentForm, visit: CurrentVisit) -> Response:
    """Book it; pressing again says so again."""
    found = await visit.open()
    if problems := check_genuine(request, form, visit.language):
        return visit.page("confirm", found, problems, 403, until=until(visit, found))
    if not await visit.door.confirm(visit.number, visit.token):
        problems = [Problem("", translate(visit.language, TOO_LATE))]
        return visit.page("confirm", await visit.open(), problems, 409, until=None)
    return visit.go_to(found, "/booked")


def until(visit: Visit, found: Appointment) -> moments.Moment | None:
    """Return until when the button works; `None` when that is past."""
    if not found["confirm_until"]:
        return None
    end = datetime.fromisoformat(found["confirm_until"])
    return moments.Moment.of(end, visit.language) if end > clock.now() else None
