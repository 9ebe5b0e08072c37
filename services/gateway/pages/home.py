"""The homepage: what can be done here, where the offices are, and figures. It renders whatever else is away."""

import asyncio
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from services.gateway import chart, moments, waiting_times
from services.gateway.backend import ServiceAway
from services.gateway.doors import CurrentTenant, Figures, FiguresOfTenants, OffersOfTenants
from services.gateway.offers import OfferBook, Offers
from services.gateway.pages.office.place import moment_at
from services.gateway.render import COMMON, CurrentLanguage, in_preferred_language, page
from services.gateway.switches import Switches
from services.gateway.waiting_times import Waiting, WaitingTimes
from shared import clock
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
    times: WaitingTimes = request.app.state.waiting_times
    found, figures, waits, measured = await asyncio.gather(
        _offers(offers, tenant),
        _figures(known, tenant, language),
        _waits(times, request.app.state.switches, tenant, language),
        _measured(times, tenant),
    )
    offices = [office["id"] for office in found.offices] if found else []
    switches: Switches = request.app.state.switches
    books, tells = (switches.is_on_anywhere(tenant.id, offices, name) for name in ("online-booking", "expected-wait"))
    waits = [one for one in waits if switches.is_on(tenant.id, one["id"], "expected-wait")]
    return page(
        request, language, "home.html", tenant, cache=COMMON, offers=found, figures=figures, waits=waits,
        measured=measured, books=books, tells=tells,
    )  # fmt: skip


async def _offers(offers: OfferBook, tenant: Tenant) -> Offers | None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await offers.get(tenant.id)
    except (ServiceAway, TimeoutError):
        return None


async def _waits(times: WaitingTimes, switches: Switches, tenant: Tenant, language: str) -> list[dict[str, Any]]:
    """Return how long people wait at each office now; none while that is away, or switched off since it was asked."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            found = await times.get(tenant.id)
    except (ServiceAway, TimeoutError):
        return []
    return [
        {
            "id": one["office"]["id"],
            "office": one["office"]["name"],
            "is_open": any(concern["open"] for concern in one["concerns"]),
            "opens": _opens(one, language),
            "range": waiting_times.of_office(one),
            "as_of": moment_at(one["as_of"], one["office"]["zone"], language),
            "is_stale": waiting_times.is_stale(one),
        }
        for one in found
        if switches.is_on(tenant.id, one["office"]["id"], "expected-wait")
    ]


def _opens(found: Waiting, language: str) -> dict[str, Any] | None:
    """Return when a closed office opens; nothing when that is not known, or was not told since it did."""
    now, opens_at = clock.now(), found.get("opens_at") and datetime.fromisoformat(found["opens_at"])
    if not opens_at or opens_at <= now:
        return None
    local = opens_at.astimezone(ZoneInfo(found["office"]["zone"]))
    return {
        "today": local.date() == now.astimezone(local.tzinfo).date(),
        "day": moments.weekday_and_day(local.date(), language),
        "time": moments.clock_time(local.time(), language),
    }


async def _measured(times: WaitingTimes, tenant: Tenant) -> list[dict[str, Any]]:
    """Return what was measured of the last weeks at each office; none while that is away."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            found = await times.measured.get(tenant.id)
    except (ServiceAway, TimeoutError):
        return []
    told = ("appointment_delay", "walk_in_wait")
    return [one for one in found["offices"] if any(one[name]["median_minutes"] is not None for name in told)]


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
