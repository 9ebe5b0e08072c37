"""What citizens see instead of the way to an appointment while online booking is switched off."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response

from services.gateway.backend import ServiceAway
from services.gateway.render import LANGUAGES, page, preferred_language
from services.gateway.switches import OnlineBookingOff, Switches
from shared.tenants import Tenant

PATIENCE_SECONDS = 2.0


def install(app: FastAPI) -> None:
    """Let `OnlineBookingOff` be a page with the phone numbers of the offices that it is about."""

    @app.exception_handler(OnlineBookingOff)
    async def _say_so(request: Request, error: OnlineBookingOff) -> Response:
        tenant = request.app.state.service.tenants.of_host(request.headers["host"])
        first = request.url.path.strip("/").partition("/")[0]
        language = first if first in LANGUAGES else preferred_language(request, tenant)
        all_, office = await _offices(request, tenant), error.extra["office"]
        offices = [one for one in all_ if office in ("", one["id"])]
        known: Switches = request.app.state.switches
        elsewhere = any(known.is_on(tenant.id, one["id"], "online-booking") for one in all_ if one not in offices)
        return page(request, language, "book/off.html", tenant, status=409, offices=offices, elsewhere=elsewhere)


async def _offices(request: Request, tenant: Tenant) -> Sequence[Mapping[str, Any]]:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            found: Sequence[Mapping[str, Any]] = (await request.app.state.offers.get(tenant.id)).offices
    except (ServiceAway, TimeoutError):
        return []
    return found
