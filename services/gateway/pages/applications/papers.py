"""Handing in papers: a form without JavaScript, one page for each paper. `static/upload.js` makes more of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from httpx import codes
from starlette.datastructures import FormData

from services.gateway.applications import Application, ApplicationNotFound
from services.gateway.forms import FORGED, check_genuine, flat
from services.gateway.handing_in import LIMITS, MOST_BYTES_AT_ONCE, MOST_FILES, Handed, Paper, files_of
from services.gateway.pages.applications.case import Case, CurrentCase
from services.gateway.render import N_, PERSONAL, Problem, go, translate
from shared.middleware import takes_files

router = APIRouter(include_in_schema=False, prefix="/{lang}/applications/{reference}/items")

CHOOSE = N_("Please choose at least one photo or PDF.")
NOT_TAKEN = N_("Not everything could be handed in. What was, has a receipt.")
MIB = 2**20
MOST_SEQUENCE = 9999


class Asked:
    """A request about one paper of an opened application."""

    def __init__(self, case: Case, found: Application, item: Mapping[str, Any]) -> None:
        """`found`: the application as it is now."""
        self.case, self.found, self.item = case, found, item

    def page(
        self, problems: Sequence[Problem] = (), status: int = 200, handed: Sequence[Handed] = (), key: str = ""
    ) -> Response:
        """Render the paper's page."""
        return self.case.page(
            "item", self.found, problems, status, item=self.item, handed=handed, key=key or str(uuid4()),
            most_files=MOST_FILES, most_mb=LIMITS.max_bytes // MIB,
            most_mb_at_once=MOST_BYTES_AT_ONCE // MIB, most_pages=LIMITS.max_pages,
        )  # fmt: skip


async def get_asked(item: str, case: CurrentCase) -> Asked:
    """Return what is asked about; raise `ApplicationClosed`, `ApplicationNotFound`, `ServiceAway`."""
    found = await case.look()
    mine = next((one for one in found["items"] if one["id"] == item), None)
    if mine is None:
        raise ApplicationNotFound("The application needs no such paper.")
    return Asked(case, found, mine)


CurrentAsked = Annotated[Asked, Depends(get_asked)]


@router.get("/{item}")
async def show(asked: CurrentAsked) -> Response:
    """Show what is meant, which files are taken, and what was handed in."""
    return asked.page() if asked.found["can_upload"] else go(asked.case.address)


@router.post("/{item}")
@takes_files
async def hand_in(request: Request, asked: CurrentAsked) -> Response:
    """Take files. Only whoever has opened the application may send so much: that is looked at before it is read.

    Sent again with the form's key, the same files are the same ones. A script gets JSON.
    """
    form = await request.form(max_files=5 * MOST_FILES, max_fields=20)
    try:
        return await _take(request, asked, form)
    finally:
        await form.close()


async def _take(request: Request, asked: Asked, form: FormData) -> Response:
    case, fields = asked.case, flat(form)
    if problems := check_genuine(request, fields, case.language):
        return asked.page(problems, codes.FORBIDDEN)
    key, files = fields.get("key", ""), files_of(form)
    if not _is_key(key):
        return asked.page([Problem("send", translate(case.language, FORGED))], 422)
    if not files:
        return asked.page([Problem("file", translate(case.language, CHOOSE))], 422, key=key)
    first = _number(fields.get("sequence", "")) or len(asked.item["documents"]) + 1
    paper = Paper(case.door, case.reference, asked.item["id"], case.bearer, first)
    handed = await paper.hand_in(files, key)
    away = any(one.reason == "away" for one in handed)
    status = 200 if all(one.receipt for one in handed) else 503 if away else 422
    if request.headers.get("accept") == "application/json":
        said = [{"name": one.name, "receipt": one.receipt, "reason": one.reason} for one in handed]
        return JSONResponse(said, status, {"Cache-Control": PERSONAL})
    seen = Asked(case, await case.look(), asked.item)
    problems = [] if status == codes.OK else [Problem("handed", translate(case.language, NOT_TAKEN))]
    return seen.page(problems, status, handed)


def _is_key(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _number(text: str) -> int:
    """Return the place in the order of pages that a script has given a file; 0: none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST_SEQUENCE)) else 0
