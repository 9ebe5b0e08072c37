"""An appointment at a desk: looked at, corrected, put on the waitlist, moved, cancelled."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from babel import Locale
from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.gateway import drafts, moments, times
from services.gateway.forms import CurrentForm, Form, check_genuine, flat, read_start
from services.gateway.pages.staff.day import said, typed_start
from services.gateway.pages.staff.desk import FULL, WHY_OVERBOOK, CurrentDesk, Desk, path_of
from services.gateway.render import N_, PageNotFound, Problem, translate
from services.gateway.wishes import BIRTH_DATE, EMAIL_TO_CHECK, read_birth_date
from shared import api, api_queue, api_staff, clock, languages

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/offices/{office}/appointments/{number}")

TOLD_DRAFT = "told"
NAME = N_("Please write the name, without links or special characters.")
REASON = N_("Please give a short reason, of 3 to 500 characters.")
CHOOSE = N_("Please choose a time.")
OUTCOME = N_("Please use one of the buttons to note what became of the appointment.")
DONE = {
    "booked": N_("The appointment is booked."),
    "corrected": N_("The name is corrected."),
    "waiting": N_("The appointment is on the waiting list."),
    "moved": N_("The appointment has a new time."),
    "cancelled": N_("The appointment is cancelled."),
    "noted": N_("Written down what became of the appointment."),
}
_AGAIN = ("slot-taken", "slot-not-offered", "no-time")


@router.get("")
async def show(number: str, desk: CurrentDesk) -> Response:
    """Show all that is known of an appointment, and what can be done with it."""
    return _shown(desk, await _find(desk, number))


@router.post("/correct")
async def correct(request: Request, number: str, form: CurrentForm, desk: CurrentDesk) -> Response:
    """Correct name and date of birth; correct already, nothing changes."""
    typed = {name: form.get(name, "").strip() for name in ("name", "birth_date")}
    problems, status, wanted = check_genuine(request, form, desk.language), 403, None
    born = read_birth_date(typed["birth_date"])
    if not problems:
        status = 422
        if typed["birth_date"] and born is None:
            problems = [Problem("birth_date", translate(desk.language, BIRTH_DATE))]
        try:
            wanted = api_staff.Correction(name=typed["name"], birth_date=born)
        except ValidationError:
            problems = [Problem("name", translate(desk.language, NAME)), *problems]
    if problems or wanted is None:
        return _shown(desk, await _find(desk, number), problems, status, typed=typed)
    return await _do(desk, "PATCH", number, "", wanted, "corrected")


@router.post("/waitlist")
async def join_waitlist(request: Request, number: str, form: CurrentForm, desk: CurrentDesk) -> Response:
    """Put it on the waitlist; there already, nothing changes."""
    typed = {"email": form.get("email", "").strip()}
    if problems := check_genuine(request, form, desk.language):
        return _shown(desk, await _find(desk, number), problems, 403, typed=typed)
    try:
        wanted = api.WaitlistJoin(email=typed["email"])
    except ValidationError:
        problems = [Problem("email", translate(desk.language, EMAIL_TO_CHECK))]
        return _shown(desk, await _find(desk, number), problems, 422, typed=typed)
    return await _do(desk, "PUT", number, "/waitlist", wanted, "waiting")


@router.get("/move")
async def choose_time(number: str, desk: CurrentDesk) -> Response:
    """Show the free times, with the desks that are kept."""
    found = await _find(desk, number)
    if not _can_change(found):
        return _shown(desk, found)
    slug = desk.request.query_params.get("problem", "")
    problems, status = desk.told(slug) if slug in _AGAIN[:2] else ([], 200)
    if slug == "no-time":
        problems, status = [Problem("times", translate(desk.language, CHOOSE))], 422
    concerns = [one["id"] for one in (found["concern"], *found["also"])]
    office, day = found["office"]["id"], desk.request.query_params.get("day", "")
    free = await times.choice(desk.booking, desk.tenant.id, desk.language, office, concerns, day, desk.member.identity)
    return _page(desk, "move", found, problems, status, choice=free, today=desk.today.isoformat())


@router.get("/move/check")
async def check_move(number: str, desk: CurrentDesk) -> Response:
    """Show the old and the new time, and the button; a time that was typed needs a reason."""
    query = flat(desk.request.query_params)
    typed = (
        typed_start(desk, query.get("on", ""), query.get("at", "")) if "overbook" in query else query.get("start", "")
    )
    found, start = await _find(desk, number), read_start(typed)
    if not _can_change(found):
        return _shown(desk, found)
    if start is None:
        return desk.go_to(f"{path_of(number)}/move?problem=no-time")
    return _move_page(desk, found, start, query)


@router.post("/move")
async def move(request: Request, number: str, form: CurrentForm, desk: CurrentDesk) -> Response:
    """Move it; pressing again changes nothing. Whatever goes wrong, the former time is kept."""
    start = read_start(form.get("start", ""))
    if start is None:
        return desk.go_to(f"{path_of(number)}/move?problem=no-time")
    problems, status = check_genuine(request, form, desk.language), 403
    if not problems:
        asked = {"overbook": {"reason": form.get("reason", "")}} if form.get("overbook") else {}
        try:
            wanted = api_staff.StaffMove.model_validate({"start": start} | asked)
        except ValidationError:
            problems, status = [Problem("reason", translate(desk.language, WHY_OVERBOOK))], 422
    if problems:
        return _move_page(desk, await _find(desk, number), start, form, problems, status)
    _, slug = await desk.ask("POST", f"{path_of(number)}/move", wanted)
    if slug == "slot-taken":
        full = [Problem("reason", translate(desk.language, FULL))]
        return _move_page(desk, await _find(desk, number), start, {"overbook": "1"}, full, 409)
    if slug in _AGAIN:
        return desk.go_to(f"{path_of(number)}/move?problem={slug}")
    return await _after(desk, number, slug, "moved")


@router.get("/cancel")
async def ask_whether(number: str, desk: CurrentDesk) -> Response:
    """Ask whether it shall really be cancelled, when there is something to cancel."""
    found = await _find(desk, number)
    return _page(desk, "cancel", found, typed={}) if _can_cancel(found) else _shown(desk, found)


@router.post("/cancel")
async def cancel(request: Request, number: str, form: CurrentForm, desk: CurrentDesk) -> Response:
    """Cancel it; pressing again changes nothing."""
    problems, status = check_genuine(request, form, desk.language), 403
    if not problems:
        try:
            wanted = api_staff.StaffCancellation(reason=form.get("reason", ""))
        except ValidationError:
            problems, status = [Problem("reason", translate(desk.language, REASON))], 422
    if problems:
        return _page(desk, "cancel", await _find(desk, number), problems, status, typed=form)
    return await _do(desk, "POST", number, "/cancel", wanted, "cancelled")


@router.post("/outcome")
async def note_outcome(request: Request, number: str, form: CurrentForm, desk: CurrentDesk) -> Response:
    """Note that nobody came or that they excused themselves, or take it back; noted already, nothing changes."""
    found = await _find(desk, number)
    problems, status = check_genuine(request, form, desk.language), 403
    if not problems:
        try:
            wanted = api_queue.OutcomeChoice.model_validate({"outcome": form.get("outcome") or None})
        except ValidationError:
            problems, status = [Problem("", translate(desk.language, OUTCOME))], 422
    if problems:
        return _shown(desk, found, problems, status)
    return await _do(desk, "PUT", number, "/outcome", wanted, "noted")


async def _do(desk: Desk, method: str, number: str, path: str, wanted: api.Document, done: str) -> Response:
    _, slug = await desk.ask(method, f"{path_of(number)}{path}", wanted)
    return await _after(desk, number, slug, done)


async def _after(desk: Desk, number: str, slug: str, done: str) -> Response:
    if not slug:
        return desk.go_to(f"{path_of(number)}?done={done}")
    problems, status = desk.told(slug)
    return _shown(desk, await _find(desk, number), problems, status)


async def _find(desk: Desk, number: str) -> dict[str, Any]:
    found, _ = await desk.ask("GET", path_of(number))
    if found["office"]["id"] != desk.office["id"]:
        raise PageNotFound("There is no such page.")
    return dict(found)


def _can_change(found: dict[str, Any]) -> bool:
    return found["state"] == "booked" and not _has_begun(found)


def _can_cancel(found: dict[str, Any]) -> bool:
    return found["state"] != "cancelled" and not _has_begun(found)


def _has_begun(found: dict[str, Any]) -> bool:
    return datetime.fromisoformat(found["start"]) <= clock.now()


def _is_due(desk: Desk, found: dict[str, Any]) -> bool:
    """Tell whether its day has come: before, it is moved or cancelled."""
    return datetime.fromisoformat(found["start"]).astimezone(desk.zone).date() <= desk.today


def _shown(
    desk: Desk, found: dict[str, Any], problems: Sequence[Problem] = (), status: int = 200, *, typed: Form | None = None
) -> Response:
    told = drafts.unseal(desk.request, TOLD_DRAFT, desk.request.query_params.get("told", ""))
    born = found["birth_date"] and date.fromisoformat(found["birth_date"])
    names = Locale.parse(languages.locale(desk.language)).languages
    return _page(
        desk,
        "appointment",
        found,
        problems,
        status,
        typed=typed or {},
        done=said(desk, DONE),
        code=told.get("code", "") if told.get("number") == found["number"] else "",
        born=born and moments.birth_date(born, desk.language),
        born_typed=born.strftime("%d.%m.%Y") if born else "",
        interpreter=names.get(found["interpreter"] or "", found["interpreter"]),
        writes=names.get(found["language"].partition("@")[0], found["language"]),
        can_change=_can_change(found),
        can_cancel=_can_cancel(found),
        can_note=found["state"] == "booked" and found["outcome"] != "served" and _is_due(desk, found),
        can_correct=found["state"] != "cancelled" and datetime.fromisoformat(found["end"]) > clock.now(),
    )


def _move_page(
    desk: Desk,
    found: dict[str, Any],
    start: datetime,
    typed: Form,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    return _page(desk, "move_check", found, problems, status, wanted=desk.moment(start.isoformat()), typed=typed)


def _page(
    desk: Desk,
    template: str,
    found: dict[str, Any],
    problems: Sequence[Problem] = (),
    status: int = 200,
    **values: Any,  # noqa: ANN401  what the template needs
) -> Response:
    start, end = (datetime.fromisoformat(found[name]) for name in ("start", "end"))
    return desk.page(
        template,
        problems,
        status,
        appointment=found,
        moment=desk.moment(found["start"]),
        minutes=(end - start) // timedelta(minutes=1),
        day=start.date().isoformat(),
        address=desk.address + path_of(found["number"]),
        **values,
    )
