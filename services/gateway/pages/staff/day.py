"""A day's appointments, and finding one of any day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter, ValidationError

from services.gateway import drafts, moments
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.staff.desk import CurrentDesk, Desk, path_of
from services.gateway.render import N_, Problem, translate
from shared.api_staff import FIRST_DAY, LAST_DAY, MOST_FOUND, SearchText

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/offices/{office}")

DRAFT = "search"
LONGEST = 100
TOO_SHORT = N_("Please enter at least 3 letters or digits.")
DONE = {
    "closed": N_("The day is closed. Everybody with an address gets a mail."),
    "ticked-off": N_("Written down: this person was called."),
}
_TEXT: TypeAdapter[str] = TypeAdapter(SearchText)


@router.get("/day")
async def show_day(desk: CurrentDesk) -> Response:
    """Show the appointments of a day, or of today."""
    return await _day_page(desk, desk.request.query_params.get("day", ""))


async def _day_page(desk: Desk, text: str, problems: Sequence[Problem] = (), status: int = 200) -> Response:
    day = read_day(text) or desk.today
    found, _ = await desk.ask("GET", f"/offices/{desk.office['id']}/appointments", params={"day": day.isoformat()})
    entries = listed(desk, found["entries"])
    return desk.page(
        "day",
        problems,
        status,
        day=day.isoformat(),
        title=moments.long_date(day, desk.language),
        before=(day - timedelta(days=1)).isoformat(),
        after=(day + timedelta(days=1)).isoformat(),
        is_today=day == desk.today,
        closed=found["closed"],
        entries=entries,
        to_phone=[one for one in entries if one["to_phone"]],
        done=said(desk, DONE),
    )


@router.post("/search")
async def take_search(request: Request, form: CurrentForm, desk: CurrentDesk) -> Response:
    """Take what was typed along, sealed: it is a name, most of the time."""
    typed = form.get("q", "").strip()[: LONGEST + 1]
    if problems := check_genuine(request, form, desk.language):
        return desk.page("search", problems, 403, typed=typed, entries=None)
    return desk.go_to(f"/search?{urlencode({'draft': drafts.seal(request, DRAFT, {'q': typed})})}")


@router.get("/search")
async def search(request: Request, desk: CurrentDesk) -> Response:
    """Show what was found, or the field alone."""
    typed = drafts.unseal(request, DRAFT, request.query_params.get("draft", "")).get("q")
    if typed is None:
        return desk.page("search", typed="", entries=None)
    try:
        text = _TEXT.validate_python(typed)
    except ValidationError:
        return desk.page("search", [Problem("q", translate(desk.language, TOO_SHORT))], 422, typed=typed, entries=None)
    found, _ = await desk.ask("GET", "/appointments", params={"q": text})
    return desk.page("search", typed=typed, entries=listed(desk, found), most=MOST_FOUND)


@router.post("/appointments/{number}/tick-off")
async def tick_off(request: Request, number: str, form: CurrentForm, desk: CurrentDesk) -> Response:
    """Write down that somebody was called; pressing again changes nothing."""
    if problems := check_genuine(request, form, desk.language):
        return await _day_page(desk, form.get("day", ""), problems, 403)
    found, _ = await desk.ask("POST", f"{path_of(number)}/tick-off")
    return desk.go_to(f"/day?{urlencode({'day': found['start'][:10], 'done': 'ticked-off'})}")


def read_day(text: str) -> date | None:
    """Return the day that an address or a form names; anything may stand there."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if FIRST_DAY < found < LAST_DAY else None


def typed_start(desk: Desk, day: str, at: str) -> str:
    """Return the moment that was typed, in the office's zone; empty when it is none."""
    found = read_day(day)
    try:
        return datetime.combine(found, time.fromisoformat(at), desk.zone).isoformat() if found else ""
    except ValueError:
        return ""


def listed(desk: Desk, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries of a list with their times written out and the way to each."""
    return [
        {
            **entry,
            "when": desk.moment(entry["start"]),
            "until": desk.moment(entry["end"]),
            "href": f"/{desk.language}/staff/offices/{entry['office']}/appointments/{entry['number']}",
        }
        for entry in entries
    ]


def said(desk: Desk, texts: Mapping[str, str]) -> str:
    """Return what the address says was done; empty when it says nothing known."""
    text = texts.get(desk.request.query_params.get("done", ""))
    return translate(desk.language, text) if text else ""
