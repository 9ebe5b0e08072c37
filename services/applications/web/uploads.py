"""Files sent piece by piece, so that a broken connection costs next to nothing: tus 1.0 (https://tus.io).

Core, creation, expiration and termination. Whoever sends has opened the application with its code or link.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response

from services.applications import domain, opening
from services.applications.queries import Case
from services.applications.uploads import sessions
from services.applications.uploads.sessions import Wanted
from services.applications.web.files import CurrentFiles, Files
from shared.db import Session
from shared.incoming import Incoming
from shared.middleware import takes_files

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
PIECE = "application/offset+octet-stream"
LONGEST_KEY = 100
MOST_SEQUENCE = 9999

Row = Mapping[str, Any]


async def require_tus(tus_resumable: Annotated[str, Header()] = "") -> None:
    """Raise `TusVersionUnknown`."""
    if tus_resumable != VERSION:
        raise domain.TusVersionUnknown(f"Please send the header Tus-Resumable: {VERSION}.", versions=VERSION)


router = APIRouter(prefix="/uploads")
tus = [Depends(require_tus)]


@router.options("", status_code=204)
async def tell_protocol(files: CurrentFiles) -> Response:
    """Say what is understood."""
    headers = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(files.most_bytes)}
    return Response(status_code=204, headers=headers)


@router.post("", status_code=201, dependencies=tus)
async def create_upload(
    files: CurrentFiles,
    upload_length: Annotated[str, Header()] = "",
    upload_metadata: Annotated[str, Header(max_length=4000)] = "",
) -> Response:
    """Begin to send a file. With the same `key` as before: the same upload."""
    wanted = read_metadata(upload_metadata, read_number(upload_length, "Upload-Length"))
    if wanted.length > files.most_bytes:
        raise domain.FileTooLarge(f"A file may have {files.most_bytes} bytes at most.", limit=files.most_bytes)

    async def work(session: Session) -> Row:
        case = await opening.view_own(session, files.opened)
        lasts = timedelta(hours=files.service.settings.upload_hours)
        return await sessions.create(session, case, wanted, lasts)

    upload = await files.run(work)
    headers = {"Location": f"/uploads/{upload['id']}", "Upload-Expires": _http_date(upload)}
    return answer(201, headers)


@router.get("/{upload}", dependencies=tus)  # the gateway asks so: a refusal has a body then
@router.head("/{upload}", dependencies=tus)
async def ask_where(upload: UUID, files: CurrentFiles) -> Response:
    """Say where an upload stands."""
    found, receipt = await files.run(lambda session: _found(session, files, upload))
    return answer(200, {**where(found, receipt), "Upload-Length": str(found["length"]), **metadata(found)})


@router.patch("/{upload}", status_code=204, dependencies=tus)
@takes_files
async def go_on(
    request: Request,
    upload: UUID,
    files: CurrentFiles,
    upload_offset: Annotated[str, Header()] = "",
    content_type: Annotated[str, Header()] = "",
) -> Response:
    """Append a piece; what has come in when the connection breaks is kept."""
    if content_type.partition(";")[0].strip().lower() != PIECE:
        raise domain.UploadTypeWrong(f"Please send the header Content-Type: {PIECE}.")
    offset = read_number(upload_offset, "Upload-Offset")
    found, case = await files.run(lambda session: _upload(session, files, upload))
    async with Incoming(request.receive) as incoming:
        offset = await (await files.receiver(case)).go_on(incoming, found, offset)
    now = {**found, "received": offset}
    receipt = await files.run(lambda session: sessions.receipt_of(session, now))
    return answer(204, where(now, receipt))


@router.delete("/{upload}", status_code=204, dependencies=tus)
async def end_upload(upload: UUID, files: CurrentFiles) -> Response:
    """Give an upload up. A file that is complete is handed in, and stays."""

    async def work(session: Session) -> None:
        found, _ = await _upload(session, files, upload)
        await sessions.discard(session, found["id"])

    await files.run(work)
    return answer(204, {})


async def _upload(session: Session, files: Files, upload: UUID) -> tuple[Row, Case]:
    case = await opening.view_own(session, files.opened)
    return await sessions.find(session, case, upload), case


async def _found(session: Session, files: Files, upload: UUID) -> tuple[Row, UUID | None]:
    found, _ = await _upload(session, files, upload)
    return found, await sessions.receipt_of(session, found)


def answer(status: int, headers: Mapping[str, str]) -> Response:
    """Return an answer as the protocol wants it."""
    return Response(status_code=status, headers={"Tus-Resumable": VERSION, "Cache-Control": "no-store", **headers})


def where(upload: Row, receipt: UUID | None) -> dict[str, str]:
    """Say where an upload stands; complete, it has a receipt."""
    headers = {"Upload-Offset": str(upload["received"]), "Upload-Expires": _http_date(upload)}
    return headers | ({"Receipt": str(receipt)} if receipt else {})


def metadata(upload: Row) -> dict[str, str]:
    """Say again what was said of a file when its upload began."""
    values = {"item": upload["item_id"], "filename": upload["file_name"], "sequence": str(upload["sequence"])}
    values |= {"key": upload["idempotency_key"]} if upload["idempotency_key"] else {}
    return {"Upload-Metadata": ",".join(f"{name} {_encoded(value)}".strip() for name, value in values.items())}


def read_metadata(header: str, length: int) -> Wanted:
    """Return what is said of a file: `item`, `filename`, `sequence`, `key`; raise `UploadHeadersWrong`."""
    values: dict[str, str] = {}
    try:
        for pair in filter(None, (one.strip() for one in header.split(","))):
            name, _, encoded = pair.partition(" ")
            values[name] = base64.b64decode(encoded, validate=True).decode()
    except ValueError as error:
        raise domain.UploadHeadersWrong("Upload-Metadata is names with values in base64 of UTF-8.") from error
    if not values.get("item"):
        raise domain.UploadHeadersWrong("Upload-Metadata must say which paper the file is of: item.")
    key = values.get("key") or None
    if key and (len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable()):
        raise domain.UploadHeadersWrong(f"The key is at most {LONGEST_KEY} printable characters.")
    sequence = read_number(values.get("sequence") or "0", "sequence")
    if sequence > MOST_SEQUENCE:
        raise domain.UploadHeadersWrong(f"The sequence is {MOST_SEQUENCE} at most.")
    name = values.get("filename") or values.get("name") or ""
    return Wanted(values["item"], name.replace("\0", ""), length, sequence, key)


def read_number(text: str, name: str) -> int:
    """Read a number of bytes or pages; raise `UploadHeadersWrong`."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):  # noqa: PLR2004  far more than any file has
        raise domain.UploadHeadersWrong(f"{name} must be a whole number.")
    return int(text)


def _encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _http_date(upload: Row) -> str:
    return format_datetime(upload["expires_at"].astimezone(UTC), usegmt=True)
