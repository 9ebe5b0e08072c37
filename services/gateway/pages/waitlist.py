"""Asking for an earlier time, and asking no more."""

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.visit import CurrentVisit
from services.gateway.render import N_, Problem, translate
from services.gateway.wishes import EMAIL_TO_CHECK

router = APIRouter(include_in_schema=False, prefix="/{lang}/appointments/{number}/{token}")

NO_EMAIL = N_("Please enter your e-mail address: offers come by mail.")
NOT_NOW = N_("This appointment can no longer be moved. There is no earlier time to wait for.")
OFF = N_("The waiting list is switched off at the moment. Your appointment stays as it is.")
LONGEST = 400  # more was never an address


@router.get("/waitlist")
async def go_back(visit: CurrentVisit) -> Response:
    """Go on to the appointment: somebody reloaded what a form had answered."""
    return visit.go_to(await visit.open(), "#waitlist")


@router.post("/waitlist")
async def join(request: Request, form: CurrentForm, visit: CurrentVisit) -> Response:
    """Put the appointment on the waitlist; pressing again changes nothing."""
    found = await visit.open()
    email = form.get("email", "").strip()
    if problems := check_genuine(request, form, visit.language):
        return visit.shown(found, problems, 403, typed=email[:LONGEST])
    if not email and not found["has_email"]:
        return visit.shown(found, [Problem("email", translate(visit.language, NO_EMAIL))], 422)
    try:
        slug = await visit.door.wait_for_earlier(visit.number, visit.token, email)
    except ValidationError:
        problems = [Problem("email", translate(visit.language, EMAIL_TO_CHECK))]
        return visit.shown(found, problems, 422, typed=email[:LONGEST])
    if slug:
        text = OFF if slug == "waitlist-off" else NOT_NOW
        return visit.shown(await visit.open(), [Problem("", translate(visit.language, text))], 409)
    return visit.go_to(found, "#waitlist")


@router.post("/waitlist/leave")
async def leave(request: Request, form: CurrentForm, visit: CurrentVisit) -> Response:
    """Take it off the waitlist."""
    found = await visit.open()
    if problems := check_genuine(request, form, visit.language):
        return visit.shown(found, problems, 403)
    await visit.door.stop_waiting(visit.number, visit.token)
    return visit.go_to(found, "#waitlist")
