"""The desk that calls: opening it, calling whoever is next, and what becomes of them. Two tabs show the same call."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.members import is_by_itself
from services.gateway.pages.staff.queue import Counter, CurrentCounter, Document, status_of
from services.gateway.render import N_, Problem, go, pick, translate

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/offices/{office}/desk")

CHOOSE = N_("Please choose a desk.")
CHOOSE_TEAM = N_("Please choose the team that goes on.")
# What a button does with the ticket at the desk, and whether booking is told the desk.
ACTIONS = {"call-again": True, "start": True, "serve": False, "no-show": False, "return": False}


@router.get("")
async def show(counter: CurrentCounter, desk: int = 0) -> Response:
    """Show the desk, or let somebody choose one. A page that is open says that somebody is there."""
    queue = await counter.queue()
    own = _desk(queue, desk)
    if own is not None and own["open"] and is_by_itself(counter.place.request):
        await _presence(counter, "PUT", desk)
    return _page(counter, queue, own)


@router.post("/open")
async def open_desk(form: CurrentForm, counter: CurrentCounter) -> Response:
    """Open a desk."""
    return await _change_presence(form, counter, "PUT")


@router.post("/close")
async def close_desk(form: CurrentForm, counter: CurrentCounter) -> Response:
    """Close a desk that has nobody."""
    return await _change_presence(form, counter, "DELETE")


@router.post("/next")
async def call_next(form: CurrentForm, counter: CurrentCounter) -> Response:
    """Call whoever is next; a desk that has somebody keeps them."""
    desk = _number(form)
    problems = check_genuine(counter.place.request, form, counter.place.language)
    if not problems:
        _, problems = await counter.ask("POST", f"/offices/{counter.place.id}/desks/{desk}/calls")
    return await _answer(counter, desk, problems)


@router.post("/tickets/{ticket}")
async def act(ticket: UUID, form: CurrentForm, counter: CurrentCounter) -> Response:
    """Do with the ticket at the desk what the pressed button says."""
    desk, action = _number(form), form.get("do", "")
    problems = check_genuine(counter.place.request, form, counter.place.language)
    if not problems and action == "pass-on" and not form.get("team"):
        problems = [Problem("team", translate(counter.place.language, CHOOSE_TEAM))]
    elif not problems and action == "pass-on":
        problems = await counter.act(ticket, action, {"team": form["team"]})
    elif not problems and action in ACTIONS:
        problems = await counter.act(ticket, action, _seen(form, desk) if ACTIONS[action] else None)
    if not problems and desk:  # who presses works there, also after a time in which nothing could be heard of them
        await _presence(counter, "PUT", desk)
    return await _answer(counter, desk, problems)


async def _change_presence(form: Mapping[str, str], counter: Counter, method: str) -> Response:
    desk = _number(form)
    problems = check_genuine(counter.place.request, form, counter.place.language)
    if not problems and not desk:
        problems = [Problem("desk", translate(counter.place.language, CHOOSE))]
    if not problems:
        problems = await _presence(counter, method, desk)
    return await _answer(counter, desk if method == "PUT" or problems else 0, problems)


async def _presence(counter: Counter, method: str, desk: int) -> list[Problem]:
    return (await counter.ask(method, f"/offices/{counter.place.id}/desks/{desk}/presence"))[1]


async def _answer(counter: Counter, desk: int, problems: list[Problem]) -> Response:
    if not problems:
        return go(f"{counter.address}/desk" + (f"?desk={desk}" if desk else ""))
    queue = await counter.queue()
    return _page(counter, queue, _desk(queue, desk), problems)


def _page(counter: Counter, queue: Document, own: Document | None, problems: list[Problem] | None = None) -> Response:
    own = own if own is not None and own["open"] else None
    ticket = next((one for one in queue["called"] if own and one["desk_id"] == own["id"]), None)
    waiting = [one for one in queue["waiting"] if own is None or one["team"] == own["team"]]
    named = {one["id"]: pick(one["name"], counter.place.language) for one in queue["teams"]}
    other_teams = {id_: name for id_, name in named.items() if ticket and id_ != ticket["team"]}
    return counter.page(
        "desk", queue, problems or [], status_of(problems or []), desk=own, ticket=ticket, waiting=waiting,
        other_teams=other_teams,
    )  # fmt: skip


def _desk(queue: Document, number: int) -> Document | None:
    return next((one for one in queue["desks"] if one["id"] == number), None)


def _seen(form: Mapping[str, str], desk: int) -> Mapping[str, int | None]:
    """Return where somebody acts, and how often the number had been called when they saw it."""
    return {"desk": desk, "calls": _number(form, "calls") or None}


def _number(form: Mapping[str, Any], field: str = "desk") -> int:
    text = str(form.get(field, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004  digits of an id
