"""Handing in papers: a form without JavaScript, one page for each paper. `static/upload.js` makes more of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from httpx import codes

from services.gateway.applications import CLOSED, Application, ApplicationClosed, ApplicationNotFound
from services.gateway.forms import FORGED, check_genuine
from services.gateway.handing_in import MOST_FILES, Handed, Paper
from services.gateway.multipart import Form
from services.gateway.pages.applications.case import Case, CurrentCase
from services.gateway.render import N_, PERSONAL, Problem, go, translate
from services.gateway.uploading import MOST_FILE_BYTES, MOST_FORM_BYTES, Uploads, UploadWay
from shared.documents.limits import Limits
from shared.incoming import Incoming
from shared.middleware import takes_files

router = APIRouter(include_in_schema=False, prefix="/{lang}/applications/{reference}/items")

CHOOSE = N_("Please choose at least one photo or PDF.")
NOT_TAKEN = N_("Not everything could be handed in. What was, has a receipt.")
MIB = 2**20
MOST_SEQUENCE = 9999


class Asked:
    """A request about one paper of an opened application."""

    def __init__(self, case: Case, found: Application, item: str) -> None:
        """`found`: the application as it is now; raise `ApplicationNotFound`."""
        mine: Mapping[str, Any] | None = next((one for one in found["items"] if one["id"] == item), None)
        if mine is None:
            raise ApplicationNotFound("The application needs no such paper.")
        self.case, self.found, self.item = case, found, mine

    async def anew(self) -> "Asked":
        """Return the same as it is now."""
        return Asked(self.case, await self.case.look(), self.item["id"])

    def page(
        self, problems: Sequence[Problem] = (), status: int = 200, handed: Sequence[Handed] = (), key: str = ""
    ) -> Response:
        """Render the paper's page."""
        return self.case.page(
            "item", self.found, problems, status, item=self.item, handed=handed, key=key or str(uuid4()),
            most_files=MOST_FILES, most_mb=MOST_FILE_BYTES // MIB, most_mb_at_once=MOST_FORM_BYTES // MIB,
            most_pages=Limits().max_pages,
        )  # fmt: skip


async def get_asked(item: str, case: CurrentCase) -> Asked:
    """Return what is asked about; raise `ApplicationClosed`, `ApplicationNotFound`, `ServiceAway`."""
    return Asked(case, await case.look(), item)


CurrentAsked = Annotated[Asked, Depends(get_asked)]


@router.get("/{item}")
async def show(asked: CurrentAsked) -> Response:
    """Show what is meant, which files are taken, and what was handed in."""
    return asked.page() if asked.found["can_upload"] else go(asked.case.address)


@router.post("/{item}")
@takes_files
async def hand_in(request: Request, asked: CurrentAsked, uploads: Uploads) -> Response:
    """Take files. Only whoever has opened the application may send so much: that is looked at before it is read.

    Sent again with the form's key, the same files are the same ones. A script gets JSON.
    """
    async with Incoming(request.receive) as incoming:
        form = Form(incoming, request.headers.get("content-type", ""), uploads.patience)
        return await _take(request, asked, form, uploads)


async def _take(request: Request, asked: Asked, form: Form, uploads: UploadWay) -> Response:
    case, fields = asked.case, form.fields
    name = await form.next_file()  # with it, the fields before it are there
    key, problems = fields.get("key", ""), check_genuine(request, fields, case.language)
    if problems or not _is_key(key):
        while name is not None:  # a browser shows no answer before it has sent all
            name = await form.next_file()
        problems = problems or [Problem("send", translate(case.language, FORGED))]
        return asked.page(problems, codes.FORBIDDEN)
    if name is None:
        problems = [Problem("file", translate(case.language, CHOOSE))]
        return asked.page(problems, codes.UNPROCESSABLE_ENTITY, key=key)
    first = _number(fields.get("sequence", "")) or len(asked.item["documents"]) + 1
    paper = Paper(uploads, case.tenant.id, (case.reference, asked.item["id"]), case.bearer)
    handed = await paper.hand_in(form, name, key, first)
    if any(one.reason == "closed" for one in handed):
        raise ApplicationClosed(CLOSED)
    return await _answer(request, asked, handed)


async def _answer(request: Request, asked: Asked, handed: Sequence[Handed]) -> Response:
    language = asked.case.language
    away = any(one.reason == "away" for one in handed)
    refused = codes.SERVICE_UNAVAILABLE if away else codes.UNPROCESSABLE_ENTITY
    status = codes.OK if all(one.receipt for one in handed) else refused
    if request.headers.get("accept") == "application/json":
        said = [{"name": one.name, "receipt": one.receipt, "reason": one.reason} for one in handed]
        return JSONResponse(said, status, {"Cache-Control": PERSONAL})
    problems = [] if status == codes.OK else [Problem("handed", translate(language, NOT_TAKEN))]
    return (await asked.anew()).page(problems, status, handed)


def _is_key(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _number(text: str) -> int:
    """Return the place in the order of pages that a script has given a file; 0: none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST_SEQUENCE)) else 0
