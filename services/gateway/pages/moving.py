"""Moving an appointment: choose another time, check, done. Its number, code and links stay."""

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from services.gateway import moments, times
from services.gateway.codes import Appointment
from services.gateway.forms import CurrentForm, check_genuine, read_start
from services.gateway.pages.visit import CurrentVisit, Visit, can_change
from services.gateway.render import N_, Problem, translate
from services.gateway.switches import BOOKING_OFF, OnlineBookingOff

router = APIRouter(include_in_schema=False, prefix="/{lang}/appointments/{number}/{token}")

CHOOSE = N_("Please choose a time.")
TAKEN = N_("Somebody else has just booked this time. Please choose another; you still have your appointment.")
NOT_OFFERED = N_("This time cannot be booked any more. Please choose another; you still have your appointment.")
_TOLD = {
    "slot-taken": (409, TAKEN),
    **dict.fromkeys(("slot-not-offered", "unknown-concern", "not-together"), (422, NOT_OFFERED)),
    "no-time": (422, CHOOSE),
}


@router.get("/move")
async def choose(request: Request, visit: CurrentVisit) -> Response:
    """Show the free times of the appointment's office and concern."""
    found = await visit.open()
    if not can_change(found):
        return visit.shown(found)
    office, day = found["office"]["id"], request.query_params.get("day", "")
    concerns = [one["id"] for one in (found["concern"], *found["also"])]
    free = await times.choice(visit.door.booking, visit.tenant.id, visit.language, office, concerns, day)
    status, text = _TOLD.get(request.query_params.get("problem", ""), (200, ""))
    problems = [Problem("times", translate(visit.language, text))] if text else []
    return visit.page("move", found, problems, status, choice=free)


@router.get("/move/check")
async def check(request: Request, visit: CurrentVisit) -> Response:
    """Show the old and the new time, and the button."""
    found = await visit.open()
    if not can_change(found):
        return visit.shown(found)
    start = read_start(request.query_params.get("start", ""))
    if start is None:
        return visit.go_to(found, "/move?problem=no-time")
    return visit.page("move_check", found, wanted=_wanted(visit, found, start))


@router.post("/move")
async def move(request: Request, form: CurrentForm, visit: CurrentVisit) -> Response:
    """Move it; pressing again changes nothing. Whatever goes wrong, the former time is kept."""
    found = await visit.open()
    start = read_start(form.get("start", ""))
    if start is None:
        return visit.go_to(found, "/move?problem=no-time")
    if problems := check_genuine(request, form, visit.language):
        return visit.page("move_check", found, problems, 403, wanted=_wanted(visit, found, start))
    slug = await visit.door.move(visit.number, visit.token, start)
    if slug == BOOKING_OFF:
        raise OnlineBookingOff("Appointments cannot be moved online at the moment.", office=found["office"]["id"])
    if slug in _TOLD:
        return visit.go_to(found, f"/move?problem={slug}")
    return visit.go_to(found, "" if slug else "/moved")


@router.get("/moved")
async def confirm(visit: CurrentVisit) -> Response:
    """Say that it has a new time; somebody may come back to this page after they have cancelled."""
    found = await visit.open()
    return visit.page("moved", found) if found["state"] == "booked" else visit.shown(found)


def _wanted(visit: Visit, appointment: Appointment, start: datetime) -> moments.Moment:
    return moments.Moment.of(start.astimezone(ZoneInfo(appointment["office"]["zone"])), visit.language)
