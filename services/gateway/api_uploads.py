"""The public API of files: sent whole, or piece by piece over tus 1.0. The gateway hands on what comes, as it comes."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import APIRouter, Header, Query, Request, Response

from services.gateway.api import CONFLICT, PROBLEMS, Credentials, IdempotencyKey, problem_of
from services.gateway.codes import bearer
from services.gateway.doors import CurrentTenant
from services.gateway.multipart import Form, FormUnreadable
from services.gateway.uploading import MOST_PIECE_BYTES, Uploads, check_length, next_piece, quoted, whole
from shared import api_applications, references
from shared.api import Slug
from shared.errors import NotFound
from shared.incoming import Incoming
from shared.middleware import takes_files

TUS = {"Tus-Resumable": "1.0.0"}
PATH = "/api/v1/uploads"
# What of an answer is the client's business.
HANDED_ON = (
    "upload-offset", "upload-length", "upload-metadata", "upload-expires", "receipt", "retry-after", "tus-version",
    "tus-extension", "tus-max-size",
)  # fmt: skip
OPENED: dict[int | str, dict[str, Any]] = {
    401: problem_of("Nothing is opened by this bearer, or not any more."),
    403: problem_of("The date of birth alone does not open this."),
}
PIECES: dict[int | str, dict[str, Any]] = {
    410: problem_of("The upload was not finished in time."),
    412: problem_of("Tus-Resumable is not 1.0.0."),
}
FILE = {
    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    "multipart/form-data": {
        "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
    },
}
PIECE = {"application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}}

router = APIRouter(prefix="/api/v1", responses=PROBLEMS | OPENED, tags=["applications"])

PLAIN = r"^[\x20-\x7e]*$"  # what may stand in a header that is handed on
Resumable = Annotated[str, Header(pattern=PLAIN, description="The protocol's version: 1.0.0")]
ContentType = Annotated[str, Header(pattern=PLAIN, include_in_schema=False)]


class ApplicationNotFound(NotFound):
    """This cannot be an application's reference."""


@router.post(
    "/applications/{reference}/items/{item}/documents",
    status_code=201,
    response_model=api_applications.Receipt,
    responses=CONFLICT | {400: problem_of("The body broke off, or is no form.")},
    openapi_extra={"requestBody": {"required": True, "content": FILE}},
)
@takes_files
async def hand_in(
    request: Request,
    reference: str,
    item: Slug,
    key: IdempotencyKey,
    given: Credentials,
    tenant: CurrentTenant,
    uploads: Uploads,
    content_type: ContentType = "",
    file_name: Annotated[
        str, Header(pattern=PLAIN, max_length=2000, description="What the file is called: UTF-8, percent-encoded.")
    ] = "",
    sequence: Annotated[int, Query(ge=0, le=9999, description="Its place among several files of one paper.")] = 0,
) -> Response:
    """Hand in a file for a paper: as the body, or as the first file of a form. The same key and file: the same receipt.

    JPEG, PNG, HEIC, WebP or PDF, 20 MiB at most. The receipt tells the SHA-256 of the bytes that came in.
    """
    where, headers = (checked(reference), item), bearer_of(given) | {"Idempotency-Key": key}
    async with Incoming(request.receive) as incoming:
        if content_type.partition(";")[0].strip().lower() == "multipart/form-data":
            form = Form(incoming, content_type, uploads.patience)
            if (chosen := await form.next_file()) is None:
                raise FormUnreadable("The form holds no file. Please choose one.")
            pieces, file_name = form.pieces(), quoted(chosen)
        else:
            check_length(int(request.headers.get("content-length", 0)))
            pieces = whole(incoming, uploads.patience)
        answer = await uploads.hand_in(where, tenant.id, headers | {"File-Name": file_name}, pieces, sequence)
    return hand_on(answer)


@router.get("/applications/{reference}/receipts/{receipt}", response_model=api_applications.Receipt)
async def get_receipt(
    reference: str, receipt: UUID, given: Credentials, tenant: CurrentTenant, uploads: Uploads
) -> Response:
    """Return a receipt: what came in when, and what has become of it since."""
    path = f"/applications/{checked(reference)}/receipts/{receipt}"
    return hand_on(await uploads.ask("GET", path, tenant.id, bearer_of(given)))


@router.options("/uploads", status_code=204, response_class=Response)
async def tell_protocol(tenant: CurrentTenant, given: Credentials, uploads: Uploads) -> Response:
    """Say which parts of tus are understood, and how large a file may be."""
    return hand_on(await uploads.ask("OPTIONS", "/uploads", tenant.id, bearer_of(given)))


@router.post("/uploads", status_code=201, response_class=Response, responses=CONFLICT | PIECES)
async def create_upload(
    given: Credentials,
    tenant: CurrentTenant,
    uploads: Uploads,
    upload_length: Annotated[str, Header(pattern=PLAIN, description="Of the whole file, in bytes.")] = "",
    upload_metadata: Annotated[
        str,
        Header(
            pattern=PLAIN,
            max_length=4000,
            description="`item`, and `filename`, `sequence`, `key`; the same key: the same upload.",
        ),
    ] = "",
    tus_resumable: Resumable = "",
) -> Response:
    """Begin to send a file piece by piece. `Location` is the upload's address."""
    said = {"Upload-Length": upload_length, "Upload-Metadata": upload_metadata, "Tus-Resumable": tus_resumable}
    answer = await uploads.ask("POST", "/uploads", tenant.id, bearer_of(given) | said)
    made = hand_on(answer, TUS)
    if answer.status_code == httpx.codes.CREATED:
        made.headers["Location"] = f"{PATH}/{answer.headers['location'].rpartition('/')[2]}"
    return made


@router.head("/uploads/{upload}", response_class=Response, responses=PIECES)
async def ask_where(
    upload: UUID, given: Credentials, tenant: CurrentTenant, uploads: Uploads, tus_resumable: Resumable = ""
) -> Response:
    """Say where an upload stands: `Upload-Offset`; and once it is complete, its `Receipt`."""
    said = {"Tus-Resumable": tus_resumable}
    return hand_on(await uploads.ask("GET", f"/uploads/{upload}", tenant.id, bearer_of(given) | said), TUS)


@router.patch(
    "/uploads/{upload}",
    status_code=204,
    response_class=Response,
    responses=CONFLICT | PIECES,
    openapi_extra={"requestBody": {"required": True, "content": PIECE}},
)
@takes_files
async def go_on(
    request: Request,
    upload: UUID,
    given: Credentials,
    tenant: CurrentTenant,
    uploads: Uploads,
    upload_offset: Annotated[str, Header(pattern=PLAIN, description="Where it stands, and this piece begins.")] = "",
    content_type: ContentType = "",
    tus_resumable: Resumable = "",
) -> Response:
    """Send a piece. What has come in when the connection breaks is kept; with the last byte the file is handed in."""
    said = bearer_of(given) | {"Content-Type": content_type, "Tus-Resumable": tus_resumable}
    async with Incoming(request.receive, MOST_PIECE_BYTES) as incoming:
        piece = await next_piece(incoming, uploads.patience)
        while True:
            sent = said | {"Upload-Offset": upload_offset}
            answer = await uploads.ask("PATCH", f"/uploads/{upload}", tenant.id, sent, piece)
            if answer.status_code != httpx.codes.NO_CONTENT:
                break
            upload_offset = answer.headers["upload-offset"]
            if not (piece := await next_piece(incoming, uploads.patience)):
                break
        return hand_on(answer, TUS | ({} if incoming.whole else {"Connection": "close"}))


@router.delete("/uploads/{upload}", status_code=204, response_class=Response, responses=PIECES)
async def end_upload(
    upload: UUID, given: Credentials, tenant: CurrentTenant, uploads: Uploads, tus_resumable: Resumable = ""
) -> Response:
    """Give an upload up. A file that is complete is handed in, and stays."""
    said = {"Tus-Resumable": tus_resumable}
    return hand_on(await uploads.ask("DELETE", f"/uploads/{upload}", tenant.id, bearer_of(given) | said), TUS)


def checked(reference: str) -> str:
    """Return a reference as a part of a path; raise `ApplicationNotFound` for what cannot be one (`..`, say)."""
    if not references.is_reference(reference):
        raise ApplicationNotFound("There is no application with this reference. Please check it.")
    return references.normalise(reference)


def bearer_of(given: Credentials) -> dict[str, str]:
    """Return the header that opens the application."""
    return bearer(given.credentials) if given else {}


def hand_on(answer: httpx.Response, also: Mapping[str, str] | None = None) -> Response:
    """Return an answer of applications to the client."""
    headers = {"Cache-Control": "no-store"} | {
        name: answer.headers[name] for name in HANDED_ON if name in answer.headers
    }
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    media_type = answer.headers.get("content-type")
    return Response(answer.content, answer.status_code, headers | dict(also or {}), media_type)
