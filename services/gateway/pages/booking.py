"""The addresses on the way to an appointment. Nothing is kept on the server until the last button is pressed.

Every form is answered with a redirect, so that going back and reloading never ask to send anything again.
"""

import json
from dataclasses import replace

from fastapi import APIRouter, Depends, Request, Response

from services.gateway import csrf
from services.gateway.backend import slug_of
from services.gateway.forms import CurrentForm, check_genuine, read_start
from services.gateway.pages.journey import CurrentJourney
from services.gateway.pages.waiting import go_in_turn
from services.gateway.switches import BOOKING_OFF
from services.gateway.wishes import PERSON, Wish

router = APIRouter(include_in_schema=False, prefix="/{lang}/book", dependencies=[Depends(go_in_turn)])

LONGEST_IN_ADDRESS = 600  # characters of what was typed; much more and some proxy would refuse the address
# What booking says when the time, or what it was for, has gone meanwhile.
_OTHER_TIME = ("slot-taken", "slot-not-offered", "unknown-office", "unknown-concern", "not-together")
_OTHER_DETAILS = ("kind-not-offered", "phone-needed", "email-needed", "birth-date")

_SAID_AT = {
    **dict.fromkeys(_OTHER_TIME, "time"),
    **dict.fromkeys(_OTHER_DETAILS, "details"),
    "too-many-appointments": "check",
}


@router.get("")
@router.get("/")  # as people type it
async def concern(journey: CurrentJourney) -> Response:
    """Step 1."""
    return await journey.concern_page(journey.wish())


@router.get("/time")
async def time(journey: CurrentJourney) -> Response:
    """Step 2."""
    return await journey.time_page(journey.wish(), journey.told())


@router.post("/hold")
async def hold(request: Request, form: CurrentForm, journey: CurrentJourney) -> Response:
    """Keep the chosen time for this browser and go on; a browser without our cookie goes on without a hold."""
    wish = journey.wish_of(form)
    step = "check" if wish.has_details else "details"
    start = read_start(wish.start)
    if start is None or check_genuine(request, form, journey.language):
        return journey.go_to(step, replace(wish, held=""))
    place = {"office": wish.office, "concern": wish.concern, "also": wish.further}
    body = place | {"start": start.isoformat()}
    answer = await journey.booking.ask(
        "POST", "/holds", journey.tenant.id, headers={"Holder": csrf.holder(request)}, body=json.dumps(body)
    )
    if answer.is_success:
        return journey.go_to(step, replace(wish, held=answer.json()["held_until"]))
    slug = slug_of(answer)
    if slug == BOOKING_OFF:
        raise journey.booking_off(wish.office)
    if slug in _OTHER_TIME:
        return journey.go_to("time", replace(wish, held=""), slug)
    return journey.go_to(step, replace(wish, held=""))  # the next page says what is wrong


@router.post("/extend")
async def extend(request: Request, form: CurrentForm, journey: CurrentJourney) -> Response:
    """Keep the time for ten more minutes; what was typed so far comes along."""
    wish = Wish.of(form).with_key()
    step = "check" if form.get("step") == "check" else "details"
    if problems := check_genuine(request, form, journey.language):
        show = journey.check_page if step == "check" else journey.details_page
        return await show(wish, problems, 403)
    headers = {"Holder": csrf.holder(request)}
    answer = await journey.booking.ask("POST", "/holds/extend", journey.tenant.id, headers=headers)
    if answer.is_success:
        return journey.go_to(step, replace(wish, held=answer.json()["held_until"]))
    return journey.go_to(step, wish, slug_of(answer))


@router.get("/details")
async def details(journey: CurrentJourney) -> Response:
    """Step 3."""
    return await journey.details_page(journey.wish().with_key(), journey.told())


@router.post("/check")
async def take_details(request: Request, form: CurrentForm, journey: CurrentJourney) -> Response:
    """Take the details along to step 4."""
    wish = Wish.of(form).with_key()
    if problems := check_genuine(request, form, journey.language):
        return await journey.details_page(wish, problems, 403)
    _, problems = await journey.check(wish)
    if problems and sum(map(len, wish.fields(*PERSON).values())) > LONGEST_IN_ADDRESS:
        return await journey.details_page(wish, problems)
    return journey.go_to("check", wish)


@router.get("/check")
async def check(journey: CurrentJourney) -> Response:
    """Step 4, or step 3 with what has to be put right."""
    wish = journey.wish().with_key()
    _, problems = await journey.check(wish)
    return await (journey.details_page(wish, problems) if problems else journey.check_page(wish, journey.told()))


@router.post("")
async def book(request: Request, form: CurrentForm, journey: CurrentJourney) -> Response:
    """Book. Pressed twice, or again after going back, it books once: the form carries its idempotency key."""
    wish = Wish.of(form)
    if problems := check_genuine(request, form, journey.language):
        return await journey.check_page(wish, problems, 403)
    wanted, _ = await journey.check(wish)
    if not wish.has_key:
        return journey.go_to("check", wish.with_new_key(), "key-missing")
    if wanted is None:
        return journey.go_to("check", wish)
    headers = {"Idempotency-Key": wish.key}
    if holder := csrf.holder(request):
        headers["Holder"] = holder
    answer = await journey.booking.ask(
        "POST", "/appointments", journey.tenant.id, headers=headers, body=wanted.model_dump_json()
    )
    if answer.is_success:
        return journey.booked(answer.json())
    slug = slug_of(answer)
    if slug == BOOKING_OFF:
        raise journey.booking_off(wish.office)
    if slug == "too-many-appointments" and not wish.birth_date:
        slug = "birth-date"  # with it, people of one name can be told apart
    if slug in _SAID_AT:
        return journey.go_to(_SAID_AT[slug], wish, slug)
    if slug == "idempotency-key-reused":
        return journey.go_to("check", wish.with_new_key(), slug)
    raise journey.booking.away(f"status {answer.status_code}, {slug}")
