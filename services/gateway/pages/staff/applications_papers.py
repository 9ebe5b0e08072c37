"""Papers of an application: asked for, ticked when they come in, looked at, accepted or rejected; the letter."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ValidationError

from services.gateway.forms import CurrentForm, Form, check_genuine
from services.gateway.pages.staff.applications_case import after, case_page, missing, one_newline, shown
from services.gateway.pages.staff.applications_clerk import Clerk, CurrentClerk, path_of
from services.gateway.pages.staff.applications_seen import Seen
from services.gateway.render import N_, PERSONAL, PageNotFound, Problem
from shared.api_staff_applications import PapersRequest, ReceivedOnPaper, Rejection

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/applications/{reference}")

CHOOSE_PAPERS = N_("Please choose at least one paper.")
LONG_NOTE = N_("Please write at most 1,000 characters.")
CHOOSE_CHANNEL = N_("Please use one of the buttons to note how the paper came in.")
CHOOSE_REASON = N_("Please choose a reason.")
# What is looked at came from outside. It is a copy without active content; should it be something else all the same,
# it can run nothing and reach nothing.
PDF_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": PERSONAL,
}
_ITEM = re.compile(r"[a-z][a-z0-9-]{0,39}")


@router.get("/request")
async def choose_papers(reference: str, clerk: CurrentClerk) -> Response:
    """Show what can be asked for; what is missing is ticked already."""
    found = await clerk.find(reference)
    ticked = " ".join(item["id"] for item in missing(found))
    return await _request_page(clerk, found, {"items": ticked, "note": "", "seen": ""})


@router.post("/request")
async def request_papers(request: Request, reference: str, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Ask for papers. Whatever is in the way, ticks and note stay, and what has happened meanwhile is said."""
    typed = {name: one_newline(form.get(name, "")) for name in ("items", "note", "seen")}
    problems, status, wanted = check_genuine(request, form, clerk.language), 403, None
    if not problems:
        values = {"items": typed["items"].split(), "version": Seen.read(typed["seen"]).version}
        try:
            wanted = PapersRequest.model_validate(values | {"note": typed["note"]})
        except ValidationError as error:
            is_note = any(one["loc"] == ("note",) for one in error.errors())
            problems = [clerk.problem(*(("note", LONG_NOTE) if is_note else ("items-1", CHOOSE_PAPERS)))]
            status = 422
    if wanted:
        _, slug = await clerk.ask("POST", f"{path_of(reference)}/requests", wanted)
        if not slug:
            return clerk.back_to(reference, "requested")
        problems, status = clerk.told("application-ended" if slug == "state-jump" else slug)
    return await _request_page(clerk, await clerk.find(reference), typed, problems, status)


async def _request_page(
    clerk: Clerk, found: Mapping[str, Any], typed: Form, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    """Show the papers of the application, and those of its benefit's list that it has not."""
    offered = await clerk.benefits()
    kinds = {kind["id"]: kind["name"] for one in offered if one["id"] == found["benefit_id"] for kind in one["items"]}
    own = {item["id"]: item for item in found["items"]}
    names = {id_: item["name"] for id_, item in own.items()} | {
        id_: kinds[id_] for id_ in found["requestable"] if id_ not in own and id_ in kinds
    }
    return case_page(
        clerk, "request", found, problems, status, names=names, own=own, typed=typed,
        ticked=typed["items"].split(), seen=Seen.read(typed["seen"]),
    )  # fmt: skip


@router.post("/items/{item}/received")
async def receive(request: Request, reference: str, item: str, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Tick off a paper that came to the counter or by post; ticked off already, nothing changes."""
    return await _look(request, reference, item, form, clerk, "received", ReceivedOnPaper, CHOOSE_CHANNEL)


@router.post("/items/{item}/accept")
async def accept(request: Request, reference: str, item: str, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Note that a paper is what was needed; noted already, nothing changes."""
    return await _look(request, reference, item, form, clerk, "accept")


@router.post("/items/{item}/reject")
async def reject(request: Request, reference: str, item: str, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Note why a paper does not do; noted already for this reason, nothing changes."""
    return await _look(request, reference, item, form, clerk, "reject", Rejection, CHOOSE_REASON)


_FIELDS = {"received": "channel", "reject": "reason"}
_DONE = {"received": "received", "accept": "accepted", "reject": "rejected"}


async def _look(
    request: Request,
    reference: str,
    item: str,
    form: Form,
    clerk: Clerk,
    what: str,
    document: type[BaseModel] | None = None,
    lacks: str = "",
) -> Response:
    problems, status, wanted = check_genuine(request, form, clerk.language), 403, None
    if document and not problems:
        field = _FIELDS[what]
        try:
            wanted = document.model_validate({field: form.get(field, "")})
        except ValidationError:
            at = f"reason-{item}" if what == "reject" else ""
            problems, status = [clerk.problem(at, lacks)], 422
    if problems:
        return shown(clerk, await clerk.find(reference), problems, status)
    _, slug = await clerk.ask("POST", f"{path_of(reference)}{_item_path(item)}/{what}", wanted)
    return after(clerk, await clerk.find(reference), slug) if slug else clerk.back_to(reference, _DONE[what])


@router.get("/items/{item}/pdf")
async def view(reference: str, item: str, clerk: CurrentClerk) -> Response:
    """Hand on the safe copy of what was handed in for a paper, as it comes; no cache keeps it."""
    answer, pieces = await clerk.stream(f"{path_of(reference)}{_item_path(item)}/pdf")
    if answer.status_code != httpx.codes.OK or answer.headers.get("content-type") != "application/pdf":
        await pieces.aclose()
        if answer.is_server_error:
            raise clerk.applications.away(f"status {answer.status_code}")
        raise PageNotFound("There is no such page.")
    name = f"{path_of(reference).rpartition('/')[2]}-{item}.pdf"
    headers = PDF_HEADERS | {"Content-Disposition": f'inline; filename="{name}"'}
    return StreamingResponse(pieces, headers=headers, media_type="application/pdf")


@router.get("/letter")
async def letter(reference: str, clerk: CurrentClerk) -> Response:
    """Show the letter that says which papers are missing, to be printed."""
    found = await clerk.find(reference)
    return case_page(clerk, "letter", found, missing=missing(found), today=clerk.today.isoformat())


def _item_path(item: str) -> str:
    """Return the part of an address that names a paper; raise `PageNotFound` when it cannot be one."""
    if not _ITEM.fullmatch(item):
        raise PageNotFound("There is no such page.")
    return f"/items/{quote(item)}"
