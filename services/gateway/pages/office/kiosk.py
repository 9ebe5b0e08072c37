"""The kiosk of an office: checking in with an appointment, and drawing a ticket without one, by touch or keyboard."""

import secrets
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Response

from services.gateway import devices
from services.gateway.backend import ServiceAway
from services.gateway.doors import OffersOfTenants
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.office import words
from services.gateway.pages.office.place import AtKiosk, CurrentPlace, Place, at_device, take_secret
from services.gateway.queue import CurrentQueue, Refused, read_scanned
from services.gateway.render import Problem, translate

router = APIRouter(include_in_schema=False, prefix="/{lang}/office/{office}/kiosk")

SHOWN_SECONDS, TYPING_SECONDS = 30, 90  # then the page goes back to the start: the next person is not to see it


@router.get("")
async def start(place: CurrentPlace, device: str = "") -> Response:
    """Ask whether somebody has an appointment; with a new device's link, let this browser be the kiosk."""
    if device:
        return await take_secret(place, "kiosk", device)
    await at_device("kiosk")(place.request, place)
    answer = _page(place, "kiosk", back=0)
    devices.set_cookie(place.request, answer)
    return answer


@router.get("/appointment")
async def ask_for_number(place: AtKiosk) -> Response:
    """Ask for number and code, or for the QR code of the confirmation."""
    return _page(place, "kiosk_appointment", typed={})


@router.post("/appointment")
async def check_in(form: CurrentForm, place: AtKiosk, queue: CurrentQueue, offers: OffersOfTenants) -> Response:
    """Check somebody in, and say what becomes of it; again, it is the same."""
    problems, status = check_genuine(place.request, form, place.language), 403
    if not problems:
        try:
            found = await queue.arrive(place.id, *read_scanned(form), None)
            offices = {one["id"]: one for one in (await offers.get(place.tenant.id)).offices}
            return _page(place, "kiosk_arrival", arrival=words.arrival(place, found, offices), back=SHOWN_SECONDS)
        except Refused as refused:
            problems, status = [Problem(refused.field, translate(place.language, refused.text))], 422
        except ServiceAway:
            return _away(place)
    return _page(place, "kiosk_appointment", problems, status, typed=form)


@router.get("/ticket")
async def ask_for_concern(place: AtKiosk, queue: CurrentQueue) -> Response:
    """Ask what somebody without an appointment comes for."""
    return await _concerns(place, queue, [], 200)


@router.post("/ticket")
async def draw(form: CurrentForm, place: AtKiosk, queue: CurrentQueue) -> Response:
    """Draw a ticket; a second tap gets the same one."""
    problems, status = check_genuine(place.request, form, place.language), 403
    if not problems:
        try:
            concern = place.handled(form.get("concern", ""))
            found = await queue.draw(place.id, concern, place.language, form.get("key", ""), None)
            return _page(place, "kiosk_ticket", ticket=words.ticket(place, found), back=SHOWN_SECONDS)
        except Refused as refused:
            problems, status = [Problem(refused.field, translate(place.language, refused.text))], 422
        except ServiceAway:
            return _away(place)
    return await _concerns(place, queue, problems, status)


async def _concerns(place: Place, queue: CurrentQueue, problems: Sequence[Problem], status: int) -> Response:
    try:
        shown = words.waiting(place, await queue.waiting(place.id))
    except ServiceAway:
        return _away(place)
    return _page(place, "kiosk_concern", problems, status, key=secrets.token_urlsafe(), **shown)


def _away(place: Place) -> Response:
    return _page(place, "kiosk_away", status=503, back=SHOWN_SECONDS)


def _page(
    place: Place,
    template: str,
    problems: Sequence[Problem] = (),
    status: int = 200,
    back: int = TYPING_SECONDS,
    **values: Any,  # noqa: ANN401  what the template needs
) -> Response:
    """`back`: after so many seconds without a touch it goes back to the start; 0: it is the start."""
    return place.page(template, problems, status, start=f"{place.address}/kiosk", back=back, **values)
