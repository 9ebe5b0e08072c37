"""Files sent whole, and the receipts of all."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import unquote
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from sqlalchemy import select

from services.applications import domain, opening, rows
from services.applications.models import documents
from services.applications.queries import Case
from services.applications.uploads import sessions
from services.applications.uploads.receiving import hash_only
from services.applications.uploads.sessions import Wanted
from services.applications.web.files import CurrentFiles
from services.applications.web.needs import IdempotencyKey
from services.applications.web.uploads import MOST_SEQUENCE
from shared import api_applications as api
from shared.api import Slug
from shared.db import Session
from shared.incoming import Incoming
from shared.middleware import takes_files

router = APIRouter(prefix="/applications/{reference}")
Row = Mapping[str, Any]


@router.post("/items/{item}/documents", status_code=201)
@takes_files
async def hand_in(
    request: Request,
    reference: str,
    item: Slug,
    key: IdempotencyKey,
    files: CurrentFiles,
    file_name: Annotated[str, Header(max_length=2000)] = "",
    sequence: Annotated[int, Query(ge=0, le=MOST_SEQUENCE)] = 0,
) -> api.Receipt:
    """Hand a file in: the body is its bytes, `File-Name` what it is called (UTF-8, percent-encoded).

    The same key and file again: the same receipt.
    """
    # How long it is turns out at its end.
    wanted = Wanted(item, unquote(file_name).replace("\0", ""), files.most_bytes, sequence)

    async def begin(session: Session) -> tuple[Case, Row | None, Row | None]:
        case = await opening.view(session, reference, files.opened)
        if earlier := await sessions.document_of_key(session, case, key):
            return case, earlier, None
        lasts = timedelta(hours=files.service.settings.upload_hours)
        return case, None, await sessions.create(session, case, wanted, lasts)

    case, earlier, upload = await files.run(begin)
    async with Incoming(request.receive) as incoming:
        if upload is None:
            sha256 = await hash_only(incoming, files.idle_seconds, files.most_bytes)
            return rows.receipt(sessions.same_file(earlier or {}, item, sha256), case)
        handed_in = await (await files.receiver(case)).take(incoming, upload, key)
    return rows.receipt(handed_in, case)


@router.get("/receipts/{receipt}")
async def get_receipt(reference: str, receipt: UUID, files: CurrentFiles) -> api.Receipt:
    """Return a receipt: what came in when, and what has become of it."""

    async def work(session: Session) -> api.Receipt:
        case = await opening.view(session, reference, files.opened)
        own = documents.c.application_id == case.row["id"], documents.c.id == receipt
        found = (await session.execute(select(documents).where(*own))).mappings().one_or_none()
        if found is None:
            raise domain.ReceiptNotFound("This application has no such receipt. Please check its number.")
        return rows.receipt(dict(found), case)

    return await files.run(work)
