"""One application: looked at, and moved from one state to another."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_args
from urllib.parse import urlencode

from babel import Locale
from babel.numbers import format_decimal
from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.gateway import moments
from services.gateway.forms import CurrentForm, Form, check_genuine
from services.gateway.pages.staff.applications_clerk import EXPLAIN, Clerk, CurrentClerk, path_of
from services.gateway.pages.staff.applications_seen import Seen, word
from services.gateway.render import N_, Problem
from shared import languages
from shared.api_staff_applications import StaffReason, StateChange

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/applications/{reference}")

CHOOSE = N_("Please choose where the application goes.")
DONE = {
    "changed": N_("The application is in another state now."),
    "requested": N_("The papers are asked for."),
    "received": N_("Written down: the paper has come in."),
    "accepted": N_("The paper is accepted."),
    "rejected": N_("The paper is rejected."),
    "corrected": N_("The details are corrected."),
    "opened": N_("Online access is open."),
    "closed": N_("Online access is closed. Code, link and date of birth open nothing any more."),
}
AT_ONCE = ("in-review", "documents-missing")  # by one click; all else is asked about once more
MEGABYTE = 1_000_000


@router.get("")
async def show(reference: str, clerk: CurrentClerk) -> Response:
    """Show all that is known of an application, and what can be done with it."""
    return shown(clerk, await clerk.find(reference))


@router.get("/state")
async def ask_whether(reference: str, clerk: CurrentClerk) -> Response:
    """Ask whether it shall really go there; a step back is explained."""
    query = clerk.request.query_params
    typed = {"to": query.get("to", ""), "seen": query.get("seen", "")}
    return _change_page(clerk, await clerk.find(reference), typed)


@router.post("/state")
async def change(request: Request, reference: str, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Change the state. Whatever is in the way, what was typed stays, and what has happened meanwhile is said."""
    typed = {name: one_newline(form.get(name, "")) for name in ("to", "seen", "explanation")}
    problems, status = check_genuine(request, form, clerk.language), 403
    if not problems:
        values = {"state": typed["to"], "version": Seen.read(typed["seen"]).version}
        try:
            wanted = StateChange.model_validate(values | {"explanation": typed["explanation"]})
        except ValidationError as error:
            is_long = any(one["loc"] == ("explanation",) for one in error.errors())
            problems = [clerk.problem(*(("explanation", EXPLAIN) if is_long else ("to-1", CHOOSE)))]
            return _change_page(clerk, await clerk.find(reference), typed, problems, 422)
        _, slug = await clerk.ask("POST", f"{path_of(reference)}/state", wanted)
        if not slug:
            return clerk.back_to(reference, "changed")
        problems, status = clerk.told(slug)
    return _change_page(clerk, await clerk.find(reference), typed, problems, status)


def _change_page(
    clerk: Clerk, found: Mapping[str, Any], typed: Form, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    chosen = next((one for one in found["possible"] if one["state"] == typed["to"]), None)
    return case_page(clerk, "state", found, problems, status, typed=typed, chosen=chosen, seen=Seen.read(typed["seen"]))


def after(clerk: Clerk, found: Mapping[str, Any], slug: str) -> Response:
    """Show the application again, with what was refused."""
    problems, status = clerk.told(slug)
    return shown(clerk, found, problems, status)


def shown(
    clerk: Clerk,
    found: Mapping[str, Any],
    problems: Sequence[Problem] = (),
    status: int = 200,
    *,
    typed: Form | None = None,
) -> Response:
    """Show an application. `typed`: what stands in the form that corrects it, when that has to be put right."""
    born = found["birth_date"] and date.fromisoformat(found["birth_date"])
    details = {name: found[name] or "" for name in ("name", "email", "phone", "language")}
    names = Locale.parse(languages.locale(clerk.language)).languages
    return case_page(
        clerk, "case", found, problems, status,
        done=clerk.said(DONE),
        typed=typed or details | {"birth_date": born.strftime("%d.%m.%Y") if born else ""},
        is_correcting=typed is not None,
        born=born and moments.birth_date(born, clerk.language),
        days=clerk.age(found["received_at"]),
        writes=names.get(found["language"].partition("@")[0], found["language"]),
        languages=clerk.languages,
        forward=[one["state"] for one in found["possible"] if not one["backward"]],
        backward=[one["state"] for one in found["possible"] if one["backward"]],
        at_once=AT_ONCE,
        missing=missing(found),
        size=lambda count: _size(count, clerk.language),
        reject_reasons=get_args(StaffReason),
    )  # fmt: skip


def case_page(
    clerk: Clerk,
    template: str,
    found: Mapping[str, Any],
    problems: Sequence[Problem] = (),
    status: int = 200,
    **values: Any,  # noqa: ANN401  what the template needs
) -> Response:
    """Render a page of one application."""
    now = word(found)
    return clerk.page(
        template, problems, status, application=found, at_case=f"{clerk.address}/{found['reference']}", now=now,
        with_seen=urlencode({"seen": now}), **values,
    )  # fmt: skip


def missing(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the papers that the person still has to hand in."""
    return [item for item in found["items"] if item["needed"] and item["state"] in ("open", "rejected")]


def one_newline(text: str) -> str:
    """Return a text as it was counted while it was typed: a browser sends each new line as two characters."""
    return text.replace("\r\n", "\n")


def _size(count: int, language: str) -> str:
    """`2.4 MB`, `12 kB`."""
    in_megabytes = count >= MEGABYTE
    number = round(count / MEGABYTE, 1) if in_megabytes else max(1, round(count / 1000))
    return f"{format_decimal(number, locale=languages.locale(language))} {'MB' if in_megabytes else 'kB'}"
