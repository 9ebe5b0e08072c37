"""Booking for somebody who calls or stands at the counter: what for, when, who; then number and code to tell them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.gateway import drafts, times
from services.gateway.forms import CurrentForm, check_genuine, flat, read_start
from services.gateway.offers import Place
from services.gateway.pages import sentences
from services.gateway.pages.staff.appointment import TOLD_DRAFT
from services.gateway.pages.staff.day import typed_start
from services.gateway.pages.staff.desk import FULL, WHY_OVERBOOK, CurrentDesk, Desk, path_of
from services.gateway.render import LANGUAGES, N_, Problem, native_name, translate
from services.gateway.wishes import BIRTH_DATE, KIND, Wish, check_wish, list_interpreters
from shared import api, languages
from shared.api_staff import StaffAppointmentRequest

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/offices/{office}/book")

CHANNELS = ("phone", "counter")
NAME = N_("Please write the person's name, without links or special characters.")
EMAIL = N_("Please check the e-mail address: it should look like name@example.org. You can also leave it out.")
PHONE = N_("Please check the phone number: it should look like 030 123456. You can also leave it out.")
PHONE_NEEDED = N_("Please enter the phone number at which we can call this person.")
CHANNEL = N_("Please choose whether the person calls or stands here.")
LANGUAGE = N_("Please choose a language from the list.")
CLOSED = N_("Nobody receives people for this on that day, or the time is past. Please choose another time.")
MOMENT = N_("Please choose a day and a time.")
_WORDS = {
    "name": NAME,
    "email": EMAIL,
    "phone": PHONE,
    "birth_date": BIRTH_DATE,
    "kind": KIND,
    "channel": CHANNEL,
    "language": LANGUAGE,
    "overbook": WHY_OVERBOOK,
}
_FIELDS = {"kind": "kind-1", "channel": "channel-1", "overbook": "reason"}  # where it stands
_OTHER_PLACE = ("unknown-concern", "not-together")


@dataclass(frozen=True)
class Call:
    """What is known so far of the appointment of a caller."""

    wish: Wish
    channel: str
    language: str
    reason: str
    overbook: bool  # whether a reason was asked for


@router.get("")
async def choose_concerns(desk: CurrentDesk) -> Response:
    """Ask what it is about."""
    return _concerns_page(desk, _wish(desk), [])


@router.get("/time")
async def choose_time(desk: CurrentDesk) -> Response:
    """Show the free times, with the desks that are kept, and a way to any other time."""
    return await _time_page(desk, _wish(desk), [])


@router.get("/details")
async def ask_who(desk: CurrentDesk) -> Response:
    """Ask who it is; a time that was typed needs a reason."""
    query = flat(desk.request.query_params)
    wish, overbook = _wish(desk), bool(query.get("overbook"))
    if overbook:
        wish = replace(wish, start=typed_start(desk, query.get("on", ""), query.get("at", "")))
    call = Call(wish.with_new_key(), "", desk.language, "", overbook)
    return await _details_page(desk, call, [])


@router.post("")
async def book(request: Request, form: CurrentForm, desk: CurrentDesk) -> Response:
    """Book. Pressed twice it books once: the form carries its idempotency key."""
    wish = Wish.of({**form, "office": desk.office["id"]}).with_key()
    call = Call(
        wish,
        form.get("channel", ""),
        form.get("language", desk.language),
        form.get("reason", "").strip(),
        bool(form.get("overbook")),
    )
    if problems := check_genuine(request, form, desk.language):
        return await _details_page(desk, call, problems, 403)
    place = _place(desk, wish)
    if place is None or read_start(wish.start) is None:
        return await _details_page(desk, call, [])
    wanted, problems = check(desk, call, place)
    if wanted is None:
        return await _details_page(desk, call, problems)
    booked, slug = await desk.ask("POST", "/appointments", wanted, key=wish.key)
    if not slug:
        told = drafts.seal(request, TOLD_DRAFT, {name: booked[name] for name in ("number", "code")})
        return desk.go_to(f"{path_of(booked['number'])}?{urlencode({'done': 'booked', 'told': told})}")
    return await _refused(desk, call, slug)


def check(desk: Desk, call: Call, place: Place) -> tuple[StaffAppointmentRequest | None, list[Problem]]:
    """Return the request for booking, or what has to be put right first, in the order of the page.

    The rules for citizens, but for the confirmation by mail, which staff replace, and with a phone number for any kind.
    """
    without_mail = replace(place, concerns=[{**one, "confirm_by_mail": False} for one in place.concerns])
    request, found = check_wish(call.wish, without_mail, desk.language)
    wrong = {problem.field.removesuffix("-1") for problem in found}
    known = request.model_dump() if request else {"office": desk.office["id"], "concern": "x", "name": "x"}
    more = {"phone": call.wish.phone, "channel": call.channel, "language": call.language}
    more["start"] = call.wish.start
    overbook = {"overbook": {"reason": call.reason}} if call.overbook else {}
    wanted = None
    try:
        wanted = StaffAppointmentRequest.model_validate(known | more | overbook)
    except ValidationError as error:
        wrong |= {str(one["loc"][0]) for one in error.errors()}
    if call.language not in languages.offered(desk.tenant, LANGUAGES):
        wrong.add("language")
    needs_phone = not call.wish.phone and "phone" in wrong
    words = _WORDS | ({"phone": PHONE_NEEDED} if needs_phone else {})
    fields = ("channel", "kind", "name", "phone", "email", "birth_date", "language", "overbook")
    problems = [
        Problem(_FIELDS.get(field, field), translate(desk.language, words[field])) for field in fields if field in wrong
    ]
    problems += [one for one in found if one.field == "interpreter"]
    return (None if problems or request is None else wanted), problems


async def _refused(desk: Desk, call: Call, slug: str) -> Response:
    """Show the page on which something else can be chosen."""
    if slug == "slot-taken":
        return await _details_page(desk, replace(call, overbook=True), [_at(desk, "reason", FULL)], 409)
    if slug == "slot-not-offered":
        text = CLOSED if call.overbook else sentences.NOT_OFFERED
        return await _time_page(desk, call.wish, [_at(desk, "times", text)], 422)
    if slug in _OTHER_PLACE:
        return _concerns_page(desk, call.wish, [_at(desk, "concern-1", sentences.NOT_TOGETHER)])
    if slug == "idempotency-key-reused":
        again = replace(call, wish=call.wish.with_new_key())
        return await _details_page(desk, again, [_at(desk, "send", sentences.BOOKED_BEFORE)])
    raise desk.booking.away(slug)


def _at(desk: Desk, field: str, text: str) -> Problem:
    return Problem(field, translate(desk.language, text))


def _wish(desk: Desk) -> Wish:
    """Read what the address says; several concerns may have been ticked, the first one counts as the main one."""
    query = flat(desk.request.query_params)
    first, *others = query.get("also", "").split() or [""]
    concern = query.get("concern", "") or first
    also = " ".join(others if not query.get("concern") else query.get("also", "").split())
    wish = Wish.of({name: query.get(name, "") for name in ("day", "start")})
    return replace(wish, office=desk.office["id"], concern=concern, also=also)


def _place(desk: Desk, wish: Wish) -> Place | None:
    place = desk.offers.place(desk.office["id"], wish.concern, wish.further)
    return place if place and place.kinds and len(place.concerns) <= api.MOST_CONCERNS else None


def _concerns_page(desk: Desk, wish: Wish, problems: Sequence[Problem]) -> Response:
    handled = desk.offers.concerns[desk.office["id"]].values()
    chosen = [wish.concern, *wish.further]
    return desk.page("concerns", problems, 422 if problems else 200, handled=handled, chosen=chosen)


async def _time_page(desk: Desk, wish: Wish, problems: Sequence[Problem], status: int = 422) -> Response:
    place = _place(desk, wish)
    if place is None:
        text = sentences.NOT_TOGETHER if wish.concern else sentences.CHOOSE_CONCERN
        return _concerns_page(desk, wish, [_at(desk, "concern-1", text)])
    concerns = [one["id"] for one in place.concerns]
    free = await times.choice(
        desk.booking, desk.tenant.id, desk.language, desk.office["id"], concerns, wish.day, desk.member.identity
    )
    if free is None:
        return _concerns_page(desk, wish, [_at(desk, "concern-1", sentences.NOT_TOGETHER)])
    kept = wish.fields("concern", "also")
    return desk.page(
        "times",
        problems,
        status if problems else 200,
        place=place,
        choice=free,
        kept=kept,
        today=desk.today.isoformat(),
    )


async def _details_page(desk: Desk, call: Call, problems: Sequence[Problem], status: int = 422) -> Response:
    place, start = _place(desk, call.wish), read_start(call.wish.start)
    if place is None or start is None:
        text = MOMENT if call.overbook else sentences.CHOOSE_TIME
        return await _time_page(desk, call.wish, [_at(desk, "times", text)] if place else [])
    return desk.page(
        "details",
        problems,
        status if problems else 200,
        call=call,
        wish=call.wish,
        place=place,
        kind=call.wish.kind if call.wish.kind in place.kinds else place.usual_kind,
        moment=desk.moment(start.isoformat()),
        interpreters=list_interpreters(desk.language),
        languages={one: native_name(one) for one in languages.offered(desk.tenant, LANGUAGES)},
        kept=call.wish.fields("concern", "also"),
    )
