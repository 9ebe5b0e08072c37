"""The homepage: what can be done here, where the offices are, and figures. It renders whatever else is away."""

import asyncio
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from services.gateway import chart, moments
from services.gateway.backend import ServiceAway
from services.gateway.doors import CurrentTenant, Figures, FiguresOfTenants, OffersOfTenants
from services.gateway.offers import OfferBook, Offers
from services.gateway.render import COMMON, CurrentLanguage, in_preferred_language, page
from shared.tenants import Tenant

router = APIRouter(include_in_schema=False)

PATIENCE_SECONDS = 2.0  # nobody waits longer for a part of the page


@router.get("/")
async def choose_language(request: Request, tenant: CurrentTenant) -> RedirectResponse:
    """Go on in the language that the browser asks for."""
    return in_preferred_language(request, tenant, COMMON)


@router.get("/{lang}")
async def add_slash(language: CurrentLanguage) -> RedirectResponse:
    """Go on from an address that somebody typed."""
    return RedirectResponse(f"/{language}/", 302, {"Cache-Control": COMMON})


@router.get("/{lang}/")
async def home(
    request: Request, tenant: CurrentTenant, language: CurrentLanguage, offers: OffersOfTenants, known: FiguresOfTenants
) -> HTMLResponse:
    """Show the homepage."""
    found, figures = await asyncio.gather(_offers(offers, tenant), _figures(known, tenant, language))
    offices = [office["id"] for office in found.offices] if found else []
    books = request.app.state.switches.is_on_anywhere(tenant.id, offices, "online-booking")
    return page(request, language, "home.html", tenant, cache=COMMON, offers=found, figures=figures, books=books)


async def _offers(offers: OfferBook, tenant: Tenant) -> Offers | None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await offers.get(tenant.id)
    except (ServiceAway, TimeoutError):
        return None


async def _figures(known: Figures, tenant: Tenant, language: str) -> dict[str, Any] | None:
    """Return the figures as the page shows them; `None` while they are away."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            found = await known.get(tenant.id)
    except (ServiceAway, TimeoutError):
        return None
    weeks = chart.weeks(found["days"])
    return {
        "month": moments.month_name(date.fromisoformat(f"{found['month']}-01"), language),
        "booked": found["booked_online"],
        "weeks": [
            (week, moments.day_and_month(week.first, language), moments.day_and_month(week.last, language))
            for week in weeks
        ],
        "chart_height": chart.HEIGHT,
        "as_of": moments.Moment.of(datetime.fromisoformat(found["as_of"]), language),
    }
