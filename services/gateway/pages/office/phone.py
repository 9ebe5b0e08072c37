"""On somebody's own phone at the office: "I am here" with an appointment, a ticket without one.

Both ask for the code that the display shows, so that nobody queues from home.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import qr
from services.gateway.doors import CurrentTenant, OffersOfTenants
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.office import words
from services.gateway.pages.office.place import CurrentPlace, Place
from services.gateway.queue import CurrentQueue, Refused, read_scanned
from services.gateway.render import Problem, go, in_preferred_language, translate

router = APIRouter(include_in_schema=False)

TOLD = ("checked-in", "early", "late", "already-here")  # with these there is a ticket


@router.get("/office/{office}")
async def choose_language(request: Request, tenant: CurrentTenant) -> RedirectResponse:
    """Go on from the QR code on the display, which knows no language."""
    return in_preferred_language(request, tenant)


@router.get("/office/{office}/qr.svg")
async def draw_address(request: Request, office: str, tenant: CurrentTenant) -> Response:
    """Return the address of this office's pages for phones as a QR code."""
    del tenant  # an unknown host gets no picture
    return qr.picture(f"{request.url.scheme}://{request.headers['host']}/office/{office[:40]}")


@router.get("/{lang}/office/{office}")
async def start(place: CurrentPlace) -> Response:
    """Ask whether somebody has an appointment."""
    return place.page("start")


@router.get("/{lang}/office/{office}/arrive")
async def ask_for_number(place: CurrentPlace) -> Response:
    """Ask for number and code, and for the code of the display."""
    return place.page("arrive", typed={})


@router.post("/{lang}/office/{office}/arrive")
async def check_in(form: CurrentForm, place: CurrentPlace, queue: CurrentQueue, offers: OffersOfTenants) -> Response:
    """Check somebody in, and go on to their ticket; without one, say why not."""
    problems, status = check_genuine(place.request, form, place.language), 403
    if not problems:
        try:
            found = await queue.arrive(place.id, *read_scanned(form), _shown(form))
        except Refused as refused:
            problems, status = _problems(place, refused), 422
        else:
            offices = {one["id"]: one for one in (await offers.get(place.tenant.id)).offices}
            arrival = words.arrival(place, found, offices)
            if arrival["ticket"]:
                return go(f"{arrival['ticket']['address']}?arrived={arrival['outcome']}")
            return place.page("arrival", arrival=arrival)
    return place.page("arrive", problems, status, typed=form)


@router.get("/{lang}/office/{office}/ticket")
async def ask_for_concern(place: CurrentPlace, queue: CurrentQueue) -> Response:
    """Ask what somebody without an appointment comes for, and for the code of the display."""
    return await _concerns(place, queue, {})


@router.post("/{lang}/office/{office}/ticket")
async def draw(form: CurrentForm, place: CurrentPlace, queue: CurrentQueue) -> Response:
    """Draw a ticket and go on to its page; a second tap gets the same one."""
    problems, status = check_genuine(place.request, form, place.language), 403
    if not problems:
        try:
            concern = place.handled(form.get("concern", ""))
            found = await queue.draw(place.id, concern, place.language, form.get("key", ""), _shown(form))
            return go(words.ticket(place, found)["address"])
        except Refused as refused:
            problems, status = _problems(place, refused), 422
    return await _concerns(place, queue, form, problems, status)


async def _concerns(
    place: Place,
    queue: CurrentQueue,
    typed: Mapping[str, Any],
    problems: list[Problem] | None = None,
    status: int = 200,
) -> Response:
    shown = words.waiting(place, await queue.waiting(place.id))
    key = typed.get("key") or secrets.token_urlsafe()
    return place.page("draw", problems or [], status, typed=typed, key=key, **shown)


def _shown(form: Mapping[str, str]) -> str:
    return form.get("shown", "").strip()


def _problems(place: Place, refused: Refused) -> list[Problem]:
    return [Problem(refused.field, translate(place.language, refused.text))]
