"""The pages so far: what is here, and an appointment opened by its personal link. In German and English at once."""

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from services.gateway.backend import Backend, ServiceAway
from services.gateway.doors import AppointmentNotFound, Booking, CurrentTenant, get_number
from shared.tenants import Tenant

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(Path(__file__).parent / "templates")

HEADERS = {
    "Cache-Control": "no-store",  # phones are shared
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",  # the link is a secret
}


@router.get("/")
async def home(request: Request, tenant: CurrentTenant) -> HTMLResponse:
    """Say what is here."""
    return templates.TemplateResponse(request, "home.html", {"tenant": tenant}, headers=HEADERS)


@router.get("/appointments/{number}/{token}")
async def show(request: Request, number: str, token: str, tenant: CurrentTenant, booking: Booking) -> HTMLResponse:
    """Show an appointment. Opening the link changes nothing: link scanners open it too."""
    return await _appointment(request, "GET", number, token, tenant, booking)


@router.post("/appointments/{number}/{token}")
async def cancel(request: Request, number: str, token: str, tenant: CurrentTenant, booking: Booking) -> HTMLResponse:
    """Cancel it by the button. No other site can forge this: it does not know the token."""
    return await _appointment(request, "DELETE", number, token, tenant, booking)


async def _appointment(
    request: Request, method: str, number: str, token: str, tenant: Tenant, booking: Backend
) -> HTMLResponse:
    found: dict[str, Any] = {}
    try:
        headers = {"Authorization": f"Bearer {quote(token)}"}
        answer = await booking.ask(method, f"/appointments/{get_number(number)}", tenant.id, headers=headers)
        status, found = answer.status_code, answer.json()
    except AppointmentNotFound:
        status = 404
    except ServiceAway:
        status = 503
    start = datetime.fromisoformat(found["start"]) if "start" in found else None
    values = {"tenant": tenant, "status": status, "found": found, "start": start}
    return templates.TemplateResponse(request, "appointment.html", values, status, HEADERS)
