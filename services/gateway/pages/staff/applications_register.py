"""Registering an application for somebody: on paper, by post, or for a caller."""

from datetime import date, datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.gateway.forms import CurrentForm, Form, check_genuine
from services.gateway.pages.staff.applications_access import FIELDS as PERSON
from services.gateway.pages.staff.applications_access import WRONG as WRONG_OF_PERSON
from services.gateway.pages.staff.applications_access import to_letter
from services.gateway.pages.staff.applications_clerk import Clerk, CurrentClerk
from services.gateway.pages.staff.day import read_day
from services.gateway.queue import request_key
from services.gateway.render import N_, Problem
from services.gateway.wishes import read_birth_date
from shared.api_staff_applications import StaffApplicationRequest

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/applications/new")

FIELDS = ("benefit", "office", "channel", "received_on", *PERSON)
USED_BEFORE = N_("This form was sent before, with other details. To register one more application, press once more.")
WRONG = WRONG_OF_PERSON | {
    "benefit": N_("Please choose what is applied for."),
    "office": N_("Please choose one of your offices."),
    "channel": N_("Please choose how the application came in."),
    "received_on": N_("Please give the day on which it came in: today or earlier, like 31.12.2025."),
}
_AT = {"benefit": "benefit-1", "office": "office-1", "channel": "channel-1", "language": "language-1"}
NOON = time(12)  # of a day that is past nobody knows the hour


@router.get("")
async def begin(clerk: CurrentClerk) -> Response:
    """Show the form."""
    office = clerk.request.query_params.get("office", "")
    typed = dict.fromkeys(FIELDS, "") | {"office": office, "language": clerk.language, "key": str(uuid4())}
    return await _form(clerk, typed)


@router.post("")
async def register(request: Request, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Register it. Pressed twice it is registered once: the form carries its key."""
    typed = {name: form.get(name, "").strip() for name in FIELDS} | {"key": request_key(form.get("key", ""))}
    if problems := check_genuine(request, form, clerk.language):
        return await _form(clerk, typed, problems, 403)
    wanted, problems = _read(clerk, typed)
    if wanted is None:
        return await _form(clerk, typed, problems, 422)
    made, slug = await clerk.ask("POST", "/applications", wanted, key=typed["key"])
    if not slug:
        return to_letter(request, clerk, made, done="registered")
    if slug == "idempotency-key-reused":
        again = typed | {"key": str(uuid4())}
        return await _form(clerk, again, [clerk.problem("send", USED_BEFORE)], 409)
    told = {"unknown-benefit": "benefit", "received-in-future": "received_on", "birth-date-impossible": "birth_date"}
    if slug not in told:
        raise clerk.applications.away(slug)
    return await _form(clerk, typed, [_problem(clerk, told[slug])], 422)


def _read(clerk: Clerk, typed: Form) -> tuple[StaffApplicationRequest | None, list[Problem]]:
    """Return the request, or what has to be put right first, in the order of the page."""
    received, wrong, wanted = _received(clerk, typed["received_on"]), set[str](), None
    values: dict[str, Any] = {name: typed[name] for name in FIELDS if name not in ("received_on", "birth_date")}
    values |= {"birth_date": read_birth_date(typed["birth_date"])}
    values |= {"received_at": received} if isinstance(received, datetime) else {}
    try:
        wanted = StaffApplicationRequest.model_validate(values)
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors()}
    checks = {
        "office": typed["office"] in [office["id"] for office in clerk.offices],
        "channel": typed["channel"] in ("counter", "post"),
        "language": typed["language"] in clerk.languages,
        "received_on": received is not False,
    }
    wrong |= {name for name, is_right in checks.items() if not is_right}
    return (None if wrong else wanted), [_problem(clerk, name) for name in FIELDS if name in wrong]


def _received(clerk: Clerk, text: str) -> datetime | bool:
    """Return when it came in; `True`: now, `False`: this is no day, or one to come."""
    day = _day(text) if text else clerk.today
    if day is None or day > clerk.today:
        return False
    return True if day == clerk.today else datetime.combine(day, NOON, ZoneInfo(clerk.tenant.zone))


def _day(text: str) -> date | None:
    return read_day(text) or read_birth_date(text)


def _problem(clerk: Clerk, name: str) -> Problem:
    return clerk.problem(_AT.get(name, name), WRONG[name])


async def _form(clerk: Clerk, typed: Form, problems: list[Problem] | None = None, status: int = 200) -> Response:
    return clerk.page(
        "register", problems or (), status, typed=typed, benefits=await clerk.benefits(), offices=clerk.offices,
        languages=clerk.languages, today=clerk.today.isoformat(),
    )  # fmt: skip
