"""The call display of an office: which number is called to which desk. Live; without JavaScript every few seconds."""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from services.gateway import devices
from services.gateway.displays import Feed
from services.gateway.pages.office.place import AtDisplay, CurrentPlace, Place, at_device, take_secret
from services.gateway.render import PERSONAL, environment
from shared.errors import TooManyRequests

router = APIRouter(include_in_schema=False, prefix="/{lang}/office/{office}/display")

MOST_CALLS = 5
BEAT, CHECK = 5, 60  # of the about one second between two looks: a sign of life; whether the device may still listen
RETRY_MILLISECONDS = 2000
HEADERS = {"Cache-Control": PERSONAL, "X-Accel-Buffering": "no"}  # nginx would keep events back


@router.get("")
async def show(place: CurrentPlace, device: str = "") -> Response:
    """Show the display; with a new device's link, let this browser be it."""
    if device:
        return await take_secret(place, "display", device)
    await at_device("display")(place.request, place)
    feed = _feed(place)
    await feed.current()
    answer = place.page("display", **_board(place, feed))
    devices.set_cookie(place.request, answer)
    return answer


@router.get("/events")
async def follow(place: AtDisplay) -> Response:
    """Send what the display shows whenever it changes, and a sign of life every few seconds."""
    feed = _feed(place)
    if feed.is_full:
        raise TooManyRequests("Too many displays of this office are open.", seconds=60)
    return StreamingResponse(_events(place, feed), media_type="text/event-stream", headers=HEADERS)


async def _events(place: Place, feed: Feed) -> AsyncIterator[str]:
    stopping = place.request.app.state.service.stopping
    board = environment(place.language).get_template("office/board.html")
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    async with aclosing(feed.listen()) as looks:
        number = 0
        async for is_new in looks:
            if stopping.is_set():
                return
            shown = _board(place, feed)
            if feed.document is None:  # the screen knows more than we do: it keeps that, and says that it is cut off
                yield ": not known yet\n\n"
            elif is_new:
                yield _event("board", board.render(**shown, office=place.office), shown["version"])
            elif number % BEAT == 0:
                yield _event("beat", shown["as_of"])
            number += 1
            if number % CHECK == 0 and not await _may_still(place):
                yield _event("over", "")
                return


def _event(name: str, text: str, id_: object = None) -> str:
    lines = [f"event: {name}", *([] if id_ is None else [f"id: {id_}"])]
    return "\n".join([*lines, *(f"data: {line}" for line in text.splitlines() or [""])]) + "\n\n"


async def _may_still(place: Place) -> bool:
    try:
        return await devices.is_registered(place.request, place.tenant.id, place.id, "display")
    except Exception:  # with the database away, what is shown stays
        return True


def _feed(place: Place) -> Feed:
    feed: Feed = place.request.app.state.displays.of(place.tenant.id, place.id)
    return feed


def _board(place: Place, feed: Feed) -> dict[str, Any]:
    """Return what the board shows. `as_of`: when booking last told it, empty when it never did."""
    found: Mapping[str, Any] = feed.document or {}
    request = place.request
    return {
        "calls": found.get("calls", [])[:MOST_CALLS],
        "waiting": found.get("waiting"),
        "code": found.get("rotating_code", ""),
        "version": found.get("version", 0),
        "voice": request.app.state.switches.is_on(place.tenant.id, place.id, "call-voice"),
        "away": feed.is_away,
        "as_of": place.moment(found["as_of"]).time if found else "",
        "phone_address": f"{request.url.scheme}://{request.headers['host']}/office/{place.id}",
        "qr": f"/office/{place.id}/qr.svg",
    }
