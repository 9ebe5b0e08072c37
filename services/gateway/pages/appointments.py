"""An appointment on its own pages: confirmed, looked at, cancelled, taken into a calendar, found by number and code."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.gateway import drafts, qr
from services.gateway.codes import CurrentDoor
from services.gateway.doors import AppointmentNotFound, CurrentTenant
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.visit import CurrentVisit, address_of, can_cancel
from services.gateway.render import (
    COMMON,
    N_,
    PERSONAL,
    CurrentLanguage,
    Problem,
    go,
    in_preferred_language,
    page,
    translate,
)
from shared import calendar, clock, languages
from shared.tenants import Tenant

router = APIRouter(include_in_schema=False)

LONGEST = 100  # more was never a number or a code
DRAFT = "number and code"
MISSING = {"number": N_("Please enter the number."), "code": N_("Please enter the code.")}
NOT_FOUND = N_("No appointment has this number and this code. Please compare both with your confirmation.")
OVER = N_("This appointment has begun or is over. It can no longer be cancelled here.")


@router.get("/appointments/{number}/{token}")
@router.get("/appointments/{number}/{token}/confirm")
async def open_link(request: Request, tenant: CurrentTenant) -> RedirectResponse:
    """Go on from the link in a mail, which knows no language."""
    return in_preferred_language(request, tenant)


@router.get("/{lang}/appointments")
async def ask_for_number(request: Request, tenant: CurrentTenant, language: CurrentLanguage) -> HTMLResponse:
    """Ask for number and code, also once more after those that open nothing."""
    typed = drafts.unseal(request, DRAFT, request.query_params.get("draft", ""))
    problems = []
    if typed:
        missing = [Problem(name, translate(language, text)) for name, text in MISSING.items() if not typed.get(name)]
        problems = missing or [Problem("number", translate(language, NOT_FOUND))]
    return _find_page(request, language, tenant, typed, problems, 422 if typed else 200)


@router.post("/{lang}/appointments")
async def find(
    request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage, door: CurrentDoor
) -> Response:
    """Open an appointment by number and code; whoever tries too many codes has to wait."""
    if problems := check_genuine(request, form, language):
        return _find_page(request, language, tenant, form, problems, 403)
    typed = {name: form.get(name, "").strip()[:LONGEST] for name in ("number", "code")}
    address = f"/{language}/appointments?{urlencode({'draft': drafts.seal(request, DRAFT, typed)})}"
    with suppress(AppointmentNotFound):
        address = address_of(language, await door.open(typed["number"], typed["code"]))
    return go(address)


@router.get("/{lang}/appointments/{number}/{token}")
async def show(visit: CurrentVisit) -> Response:
    """Show an appointment. Opening the link changes nothing: link scanners open it too."""
    return visit.shown(await visit.open())


@router.get("/{lang}/appointments/{number}/{token}/booked")
async def confirm(visit: CurrentVisit) -> Response:
    """Say that it is booked; somebody may come back to this page after they have cancelled."""
    found = await visit.open()
    return visit.page("booked", found) if found["state"] == "booked" else visit.shown(found)


@router.get("/{lang}/appointments/{number}/{token}/qr.svg")
async def draw(visit: CurrentVisit) -> Response:
    """Return the link as a QR code, which the kiosk at the office reads."""
    return qr.picture((await visit.open())["link"])


@router.get("/{lang}/appointments/{number}/{token}/cancel")
async def ask_whether(visit: CurrentVisit) -> Response:
    """Ask whether it shall really be cancelled, when there is something to cancel."""
    found = await visit.open()
    return visit.page("cancel", found) if can_cancel(found) else visit.shown(found)


@router.post("/{lang}/appointments/{number}/{token}/cancel")
async def cancel(request: Request, form: CurrentForm, visit: CurrentVisit) -> Response:
    """Cancel it; pressing again changes nothing."""
    found = await visit.open()
    if problems := check_genuine(request, form, visit.language):
        return visit.page("cancel", found, problems, 403)
    if not await visit.door.cancel(visit.number, visit.token):
        return visit.shown(found, [Problem("", translate(visit.language, OVER))], 409)
    return visit.go_to(found)


@router.get("/{lang}/appointments/{number}/{token}/appointment.ics")
async def download(visit: CurrentVisit) -> Response:
    """Return the calendar entry; it has the same UID as the one in the mail, so no calendar shows both.

    What is not confirmed yet belongs in no calendar.
    """
    found, tenant = await visit.open(), visit.tenant
    if found["state"] == "unconfirmed":
        return visit.go_to(found)
    start, end = (datetime.fromisoformat(found[name]).astimezone(UTC).isoformat() for name in ("start", "end"))
    names = [languages.pick(one["name"], visit.language) for one in (found["concern"], *found["also"])]
    _, ics = calendar.build(
        {
            "appointment_id": found["id"],
            "office": found["office"],
            "starts_at": start,
            "ends_at": end,
            "kind": found["kind"],
            "video_url": found["video_url"],
        },
        sequence=found["version"] - 1,
        cancelled=found["state"] == "cancelled",
        summary=f"{' + '.join(names)} ({tenant.name})",
        sender=tenant.sender,
        email=None,
        now=clock.now(),
    )
    headers = {"Cache-Control": PERSONAL, "Content-Disposition": 'attachment; filename="appointment.ics"'}
    return Response(ics, media_type="text/calendar; charset=utf-8", headers=headers)


def _find_page(
    request: Request, language: str, tenant: Tenant, typed: Mapping[str, str], problems: Sequence[Problem], status: int
) -> HTMLResponse:
    cache = PERSONAL if typed else COMMON
    return page(
        request, language, "appointment/find.html", tenant, status=status, problems=problems, cache=cache, form=typed,
    )  # fmt: skip
