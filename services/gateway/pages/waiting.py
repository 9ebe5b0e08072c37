"""The waiting room: in a rush everybody on the way to an appointment takes a place, and goes on where they wanted to.

Off, it is in nobody's way: a look at what this process knows, and no cookie, script or query.
"""

import re
from math import ceil
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, FastAPI, Form, Request, Response

from services.gateway import csrf
from services.gateway.domain import SETTLED_SECONDS
from services.gateway.doors import CurrentTenant
from services.gateway.forms import get_form
from services.gateway.pages.journey import CurrentJourney
from services.gateway.render import CurrentLanguage, go, page
from services.gateway.slips import Slip
from services.gateway.turns import CurrentTurns, Turns
from services.gateway.wishes import Wish
from shared.tenants import Tenant

router = APIRouter(include_in_schema=False, prefix="/{lang}/waiting")

WITH_FORM = re.compile(r"/book/(time|details|check)$")
OWN = re.compile(r"book(?:/[a-z]+)?(?:\?[^\\\s]*)?")  # where somebody may go on, behind the language
LONGEST = 4000
AGAIN = "again"  # in the button's address
LEAST_PAUSE, MOST_PAUSE = 5, 60


class NotYet(Exception):
    """There is a rush, and this browser has not had its turn. `to`: where it wanted to go, behind the language."""

    def __init__(self, turns: Turns, language: str, to: str) -> None:
        super().__init__(to)
        self.turns, self.language, self.to = turns, language, to


async def go_in_turn(request: Request, journey: CurrentJourney, turns: CurrentTurns) -> None:
    """Let in whoever's turn it is; raise `NotYet` for others in a rush."""
    rush = turns.rush
    if rush is None:
        _note(request, turns)
    elif not turns.is_in(rush):
        to = await _kept(request, journey) if request.method == "POST" else _wanted(request, journey.language)
        if to:
            raise NotYet(turns, journey.language, to)


def install(app: FastAPI) -> None:
    """Let `NotYet` be answered with the way to the waiting room, and a slip for who has none."""

    @app.exception_handler(NotYet)
    async def _take_a_place(_: Request, error: NotYet) -> Response:
        turns = error.turns
        answer = go(f"/{error.language}/waiting?{urlencode({'to': error.to})}")
        if turns.slip() is None:
            turns.hand_out(answer, Slip.new(turns.now))
        return answer


@router.get("")
async def wait(request: Request, tenant: CurrentTenant, language: CurrentLanguage, turns: CurrentTurns) -> Response:
    """Show somebody's place, or let them in. Who presses the button without a proof takes a place in the slow lane."""
    slip = turns.slip()
    if slip is not None and slip.kind == "arrived" and AGAIN in request.query_params:
        slip = turns.take_place(slip, "slow")
    return _look(request, tenant, language, turns, slip)


@router.post("")
async def prove(
    request: Request,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    turns: CurrentTurns,
    solution: Annotated[str, Form()] = "",
) -> Response:
    """Take the proof of work, and with it a place in the quick lane. What is no proof changes nothing."""
    slip = turns.slip()
    if slip is not None and slip.kind in ("arrived", "slow") and turns.proof.is_solution(slip, solution):
        slip = turns.take_place(slip, "quick")
    return _look(request, tenant, language, turns, slip)


def _look(request: Request, tenant: Tenant, language: str, turns: Turns, slip: Slip | None) -> Response:
    rush, now, to = turns.rush, turns.now, _destination(request, language)
    if rush is None or (slip is not None and slip.kind == "in"):
        return go(to)
    if slip is None:
        return page(request, language, "waiting.html", tenant, slip=None, again=to)
    quick = slip.kind == "quick"
    counted_in = slip.moment + SETTLED_SECONDS - now
    seconds = SETTLED_SECONDS if slip.kind == "arrived" else rush.turn(slip.moment, quick=quick) - now
    if seconds <= 0:
        answer: Response = go(to)
        turns.hand_out(answer, slip.of_kind("in", now))
        return answer
    answer = page(
        request,
        language,
        "waiting.html",
        tenant,
        slip=slip,
        again=f"/{language}/waiting?{urlencode({'to': to.removeprefix(f'/{language}/'), AGAIN: 1})}",
        is_counted=slip.kind != "arrived" and counted_in <= 0,
        before=rush.people_before(slip.moment, now, quick=quick),
        minutes=ceil(seconds / 60),
        pause=ceil(counted_in if counted_in > 0 else min(MOST_PAUSE, max(LEAST_PAUSE, seconds / 2))),
        challenge="" if quick else turns.proof.challenge(slip),
    )
    if slip != turns.slip():
        turns.hand_out(answer, slip)
    return answer


def _note(request: Request, turns: Turns) -> None:
    """In normal times: count who comes from elsewhere, and stamp the cookie of whoever begins to type."""
    if request.method != "GET":
        return
    came_from = urlsplit(request.headers.get("referer", "")).path
    if not re.match(r"/[^/]+/book\b", came_from):
        turns.room.arrived(turns.tenant)
    if WITH_FORM.search(request.url.path):
        turns.stamp()


def _wanted(request: Request, language: str) -> str:
    return f"{request.url.path.removeprefix(f'/{language}/')}?{request.url.query}".rstrip("?")


async def _kept(request: Request, journey: CurrentJourney) -> str:
    """Return an address that holds what was typed; empty for a form that books nothing and is shown again as it is."""
    form = await get_form(request)
    if not csrf.is_genuine(request, form.get(csrf.FIELD, "")):
        return ""
    wish = journey.wish_of(form) if "draft" in form else Wish.of(form)
    to = journey.go_to("check", wish).headers["location"].removeprefix(f"/{journey.language}/")
    return to if len(to) <= LONGEST else ""  # a name that cannot be one


def _destination(request: Request, language: str) -> str:
    """Return the address somebody wanted: never one of another site."""
    to = request.query_params.get("to", "")
    return f"/{language}/{to if len(to) <= LONGEST and OWN.fullmatch(to) else 'book'}"
