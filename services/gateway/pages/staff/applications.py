"""The list of applications of the member's offices, the oldest first, and finding one."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter, ValidationError

from services.gateway import drafts
from services.gateway.forms import CurrentForm, check_genuine, flat
from services.gateway.pages.staff.applications_clerk import Clerk, CurrentClerk
from services.gateway.pages.staff.day import LONGEST, TOO_SHORT
from services.gateway.render import N_, Problem
from shared.api_audit import Before
from shared.api_staff import SearchText
from shared.api_staff_applications import MOST_LISTED, Cursor
from shared.contracts.applications import Actor, State

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/applications")

DRAFT = "application"
DAYS = N_("Please write a number of days, from 0 to 3650, or leave it out.")
MOST_DAYS = 3650
_TEXT: TypeAdapter[str] = TypeAdapter(SearchText)
_BEFORE: TypeAdapter[Before] = TypeAdapter(Before)


@router.get("")
async def show(clerk: CurrentClerk) -> Response:
    """Show a part of the list. What an address asks for and there is not counts as not asked for."""
    query = flat(clerk.request.query_params)
    wanted, problems = _wanted(clerk, query)
    found, _ = await clerk.ask("GET", "/applications", params=wanted | _cursor(query))
    following = found["next"] and Cursor.model_validate(found["next"])
    return clerk.page(
        "list",
        problems,
        422 if problems else 200,
        entries=listed(clerk, found["entries"]),
        wanted=wanted | {"older_than_days": query.get("older_than_days", "")},
        is_filtered=bool(wanted),
        begins_later=bool(_cursor(query)),
        first=urlencode(wanted),
        following=urlencode(wanted | following.model_dump(mode="json")) if following else "",
        office_names={office["id"]: office["name"] for office in clerk.offices},
    )


def _wanted(clerk: Clerk, query: Mapping[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """Return what is asked for, as applications takes it."""
    known = {
        "office": [office["id"] for office in clerk.offices],
        "state": get_args(State),
        "next_actor": get_args(Actor),
        "overdue": ("true",),
        "unseen": ("true",),
    }
    wanted = {name: query[name] for name, values in known.items() if query.get(name) in values}
    days = query.get("older_than_days", "").strip()
    if not days:
        return wanted, []
    if not (re.fullmatch("[0-9]{1,4}", days) and int(days) <= MOST_DAYS):
        return wanted, [clerk.problem("older_than_days", DAYS)]
    return wanted | {"older_than_days": days}, []


def _cursor(query: Mapping[str, str]) -> dict[str, str]:
    """Return behind what the page begins."""
    try:
        after, id_ = _BEFORE.validate_python(query.get("after", "")), UUID(query.get("after_id", ""))
    except ValueError:
        return {}
    return {"after": after.isoformat(), "after_id": str(id_)}


@router.post("/search")
async def take_search(request: Request, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Take what was typed along, sealed: it is a name, most of the time."""
    typed = form.get("q", "").strip()[: LONGEST + 1]
    if problems := check_genuine(request, form, clerk.language):
        return clerk.page("search", problems, 403, typed=typed, entries=None)
    return clerk.go_to(f"/search?{urlencode({'draft': drafts.seal(request, DRAFT, {'q': typed})})}")


@router.get("/search")
async def search(request: Request, clerk: CurrentClerk) -> Response:
    """Show what was found, or the field alone."""
    typed = drafts.unseal(request, DRAFT, request.query_params.get("draft", "")).get("q")
    if typed is None:
        return clerk.page("search", typed="", entries=None)
    try:
        text = _TEXT.validate_python(typed)
    except ValidationError:
        return clerk.page("search", [clerk.problem("q", TOO_SHORT)], 422, typed=typed, entries=None)
    found, _ = await clerk.ask("GET", "/applications/search", params={"q": text})
    return clerk.page("search", typed=typed, entries=listed(clerk, found), most=MOST_LISTED)


def listed(clerk: Clerk, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries of a list with their age and the way to each."""
    names = {office["id"]: office["name"] for office in clerk.offices}
    several = len(clerk.offices) > 1
    return [
        {
            **entry,
            "days": clerk.age(entry["received_at"]),
            "office_name": names.get(entry["office"], entry["office"]) if several else "",
            "href": f"{clerk.address}/{entry['reference']}",
        }
        for entry in entries
    ]
