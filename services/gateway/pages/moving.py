"""Moving an appointment: choose another time, check, done. Its number, code and links stay."""

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.gateway import moments, times
from services.gateway.codes import CurrentDoor
from services.gateway.doors import CurrentTenant
from services.gateway.forms import CurrentForm, check_genuine, read_start
from services.gateway.pages.appointments import address_of, appointment_page, can_change
from services.gateway.render import N_, PERSONAL, CurrentLanguage, Problem, translate

router = APIRouter(include_in_schema=False, prefix="/{lang}/appointments/{number}/{token}")

CHOOSE = N_("Please choose a time.")
TAKEN = N_("Somebody else has just booked this time. Please choose another; you still have your appointment.")
NOT_OFFERED = N_("This time cannot be booked any more. Please choose another; you still have your appointment.")
_TOLD = {"slot-taken": (409, TAKEN), "slot-not-offered": (422, NOT_OFFERED), "no-time": (422, CHOOSE)}


@router.get("/move")
async def choose(
    request: Request, number: str, token: str, tenant: CurrentTenant, language: CurrentLanguage, door: CurrentDoor
) -> HTMLResponse:
    """Show the free times of the appointment's office and concern."""
    found = await door.open(number, token)
    if not can_change(found):
        return appointment_page(request, language, tenant, "show", found)
    query = request.query_params
    status, text = _TOLD.get(query.get("problem", ""), (200, ""))
    free = await times.choice(
        door.booking, tenant.id, language, found["office"]["id"], found["concern"]["id"], query.get("day", "")
    )
    problems = [Problem("times", translate(language, text))] if text else []
    return appointment_page(request, language, tenant, "move", found, problems, status, choice=free)


@router.get("/move/check")
async def check(
    request: Request, number: str, token: str, tenant: CurrentTenant, language: CurrentLanguage, door: CurrentDoor
) -> Response:
    """Show the old and the new time, and the button."""
    found = await door.open(number, token)
    if not can_change(found):
        return appointment_page(request, language, tenant, "show", found)
    start = read_start(request.query_params.get("start", ""))
    if start is None:
        return _to(f"{address_of(language, found)}/move?problem=no-time")
    return appointment_page(
        request, language, tenant, "move_check", found, wanted=_wanted(start, found["office"]["zone"], language)
    )


@router.post("/move")
async def move(
    request: Request,
    number: str,
    token: str,
    form: CurrentForm,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    door: CurrentDoor,
) -> Response:
    """Move it; pressing again changes nothing. Whatever goes wrong, the former time is kept."""
    found = await door.open(number, token)
    address = address_of(language, found)
    start = read_start(form.get("start", ""))
    if start is None:
        return _to(f"{address}/move?problem=no-time")
    if problems := check_genuine(request, form, language):
        wanted = _wanted(start, found["office"]["zone"], language)
        return appointment_page(request, language, tenant, "move_check", found, problems, 403, wanted=wanted)
    slug = await door.move(number, token, start)
    if slug in _TOLD:
        return _to(f"{address}/move?problem={slug}")
    return _to(address if slug else f"{address}/moved")


@router.get("/moved")
async def confirm(
    request: Request, number: str, token: str, tenant: CurrentTenant, language: CurrentLanguage, door: CurrentDoor
) -> HTMLResponse:
    """Say that it has a new time; somebody may come back to this page after they have cancelled."""
    found = await door.open(number, token)
    return appointment_page(request, language, tenant, "moved" if found["state"] == "booked" else "show", found)


def _wanted(start: datetime, zone: str, language: str) -> moments.Moment:
    return moments.Moment.of(start.astimezone(ZoneInfo(zone)), language)


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303, {"Cache-Control": PERSONAL})
