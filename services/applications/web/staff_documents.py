"""For members of staff: looking at what was handed in. What is shown was drawn anew and can do nothing."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.applications import domain, queries, staff
from services.applications.queries import Case, Row
from services.applications.uploads.copies import Copies
from services.applications.web.staff import CurrentWork
from shared.api import Slug
from shared.db import Session
from shared.identity import Identity
from shared.service import get_staff

router = APIRouter(prefix="/staff/applications/{reference}", dependencies=[Depends(get_staff)])

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
MEDIA = {"jpeg": "image/jpeg", "png": "image/png", "heic": "image/heic", "webp": "image/webp", "pdf": "application/pdf"}


async def get_copies(request: Request) -> Copies:
    """Return the way to the store."""
    copies: Copies = request.app.state.copies
    return copies


CurrentCopies = Annotated[Copies, Depends(get_copies)]


@router.get("/items/{item}/pdf")
async def view_item(reference: str, item: Slug, work: CurrentWork, copies: CurrentCopies) -> Response:
    """Return all files of a paper as one PDF/A, in the order of their pages."""

    async def look(session: Session, member: Identity) -> tuple[Case, Sequence[Row]]:
        case = await staff.find(session, reference, member)
        case.item(item)
        found = [row for row in await queries.list_documents(session, case.row["id"]) if row["item_id"] == item]
        staff.note(session, member, "view-documents", case.row, after={"item": item})
        return case, found

    case, found = await work.run(look)
    return _pdf(await copies.pdf(found, case), f"{case.row['reference']}-{item}.pdf")


@router.get("/documents/{document}/pdf")
async def view_document(reference: str, document: UUID, work: CurrentWork, copies: CurrentCopies) -> Response:
    """Return one file as it was drawn anew."""
    case, row = await _one(reference, document, "view-document", work)
    return _pdf(await copies.pdf([row], case), f"{case.row['reference']}-{document}.pdf")


@router.get("/documents/{document}/original")
async def get_original(reference: str, document: UUID, work: CurrentWork, copies: CurrentCopies) -> Response:
    """Return the bytes of one file as they came in, to be saved; never of one that is locked."""
    case, row = await _one(reference, document, "get-original", work)
    original = await copies.original(row, case)
    name = f"{case.row['reference']}-{document}.{row['kind']}"
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(original, media_type=MEDIA[row["kind"]], headers=headers)


async def _one(reference: str, document: UUID, action: str, work: CurrentWork) -> tuple[Case, Row]:
    async def look(session: Session, member: Identity) -> tuple[Case, Row]:
        case = await staff.find(session, reference, member)
        rows = await queries.list_documents(session, case.row["id"])
        row = next((one for one in rows if one["id"] == document), None)
        if row is None:
            raise domain.NothingToShow("This application has no such file.")
        staff.note(session, member, action, case.row, after={"document": str(document)})
        return case, row

    return await work.run(look)


def _pdf(content: bytes, name: str) -> Response:
    headers = HEADERS | {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)
