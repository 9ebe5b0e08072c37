"""Reception: checking people in by number or name, tickets for others, and taking back what went wrong."""

import secrets
from typing import Any, get_args
from uuid import UUID

from fastapi import APIRouter, Response

from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.office import words
from services.gateway.pages.staff.queue import Counter, CurrentCounter, minutes_between, status_of
from services.gateway.queue import Refused, read_scanned, request_key
from services.gateway.render import N_, Problem, go, translate
from shared import links
from shared.api_queue import Urgency

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/offices/{office}/reception")

CONCERN = N_("Please choose what it is about.")


@router.get("")
async def show(counter: CurrentCounter) -> Response:
    """Show who is there and who is to come."""
    return await _page(counter)


@router.post("/arrivals")
async def arrive(form: CurrentForm, counter: CurrentCounter) -> Response:
    """Check somebody in who has shown who they are."""
    place = counter.place
    if problems := check_genuine(place.request, form, place.language):
        return await _page(counter, problems, typed=form)
    try:  # a scanner types the link; reception needs no code
        number, _ = read_scanned({"number": form.get("number", ""), "code": "none"})
    except Refused as refused:
        return await _page(counter, [Problem(refused.field, translate(place.language, refused.text))], typed=form)
    wanted = {"number": links.grouped(links.normalise(number))}
    found, problems = await counter.ask("POST", f"/offices/{place.id}/arrivals", wanted)
    if problems:
        return await _page(counter, [Problem("number", problem.text) for problem in problems], typed=form)
    offices = {one["id"]: one for one in (await place.request.app.state.offers.get(place.tenant.id)).offices}
    arrival = words.arrival(place, {**found, "ticket": None}, offices) | {"ticket": found["ticket"]}
    return await _page(counter, arrival=arrival)


@router.post("/tickets")
async def draw(form: CurrentForm, counter: CurrentCounter) -> Response:
    """Draw a ticket for somebody; pressed twice, it is the same one."""
    place, concern, urgency = counter.place, form.get("concern", ""), form.get("urgency", "")
    problems = check_genuine(place.request, form, place.language)
    if not problems and concern not in place.concerns:
        problems = [Problem("concern", translate(place.language, CONCERN))]
    if problems:  # nothing was drawn with the key
        return await _page(counter, problems, typed=form, key=request_key(form.get("key", "")))
    wanted = {"concern": concern, "language": place.language}
    wanted["urgency"] = urgency if urgency in get_args(Urgency) else ""
    key = {"Idempotency-Key": request_key(form.get("key", ""))}
    drawn, problems = await counter.ask("POST", f"/offices/{place.id}/tickets", wanted, key)
    return await _page(counter, problems, drawn=drawn or None, typed=form if problems else {})


@router.post("/tickets/{ticket}/return")
async def put_back(ticket: UUID, form: CurrentForm, counter: CurrentCounter) -> Response:
    """Let somebody wait again, at their place: their call hung, or they were taken for missing."""
    problems = check_genuine(counter.place.request, form, counter.place.language)
    problems = problems or await counter.act(ticket, "return")
    return await _page(counter, problems) if problems else go(f"{counter.address}/reception")


@router.post("/tickets/{ticket}/leave")
async def leave(ticket: UUID, form: CurrentForm, counter: CurrentCounter) -> Response:
    """Take somebody off the queue who has gone, or never was there; one press puts them back."""
    problems = check_genuine(counter.place.request, form, counter.place.language)
    problems = problems or await counter.act(ticket, "leave")
    return await _page(counter, problems) if problems else go(f"{counter.address}/reception")


@router.post("/tickets/{ticket}/urgency")
async def set_urgency(ticket: UUID, form: CurrentForm, counter: CurrentCounter) -> Response:
    """Note why somebody cannot wait, or take it back."""
    urgency = form.get("urgency", "")
    problems = check_genuine(counter.place.request, form, counter.place.language)
    wanted = {"urgency": urgency if urgency in get_args(Urgency) else ""}
    problems = problems or await counter.act(ticket, "urgency", wanted)
    return await _page(counter, problems) if problems else go(f"{counter.address}/reception")


async def _page(
    counter: Counter,
    problems: list[Problem] | None = None,
    **values: Any,  # noqa: ANN401  what the template needs
) -> Response:
    queue = await counter.queue()
    return counter.page(
        "reception", queue, problems or [], status_of(problems or []),
        concerns=list(counter.place.concerns.values()), since=lambda text: minutes_between(text, queue["as_of"]),
        **{"arrival": None, "drawn": None, "typed": {}, "key": secrets.token_urlsafe(), **values},
    )  # fmt: skip
