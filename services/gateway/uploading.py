"""Files on their way to applications, over connections of their own.

A file that is sent piece by piece holds no connection to applications while nothing comes: what has come is handed on
as a request of its own, whole. So whoever opens connections and sends nothing takes nobody's place.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Annotated
from urllib.parse import quote

import httpx
import structlog
from fastapi import Depends, Request

from services.gateway.backend import ServiceAway, slug_of
from services.gateway.multipart import FormUnreadable
from services.gateway.settings import GatewaySettings
from shared import identity
from shared.errors import TooLarge
from shared.incoming import Incoming, Stalled
from shared.tracing import current_traceparent

log = structlog.get_logger()

PART = "applications"
CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 60.0
MOST_FILE_BYTES = 20 * 2**20
MOST_FORM_BYTES = 5 * MOST_FILE_BYTES + 2**20  # some files in one form
PIECE_BYTES, MOST_PIECE_BYTES, PAUSE_SECONDS = 64 * 1024, 2**20, 0.5
AWAY = "Files cannot be taken at the moment. Please try again soon; everything else works."


class FileTooLarge(TooLarge):
    """The file is larger than one may be."""


class UploadWay:
    """The way to applications for files."""

    def __init__(self, settings: GatewaySettings, signer: identity.Signer) -> None:
        self._signer = signer
        self.patience = settings.upload_idle_seconds
        count = settings.upload_connections
        # Files sent whole last as long as their clients take; they leave the others their half.
        self._whole, self._short = asyncio.Semaphore(count), asyncio.Semaphore(count)
        self._client = httpx.AsyncClient(
            base_url=settings.applications_url,
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=2 * count, max_keepalive_connections=min(count, 20)),
            trust_env=False,
        )

    async def ask(
        self, method: str, path: str, tenant: str, headers: Mapping[str, str], body: bytes = b""
    ) -> httpx.Response:
        """Send a request; raise `ServiceAway`.

        It may be sent twice, when a connection turns out to be closed: a piece that has been appended already is
        refused then, and whoever sends asks where the upload stands.
        """
        return await self._ask(self._short, method, path, tenant, headers, body, tries=2)

    async def hand_in(
        self,
        where: tuple[str, str],
        tenant: str,
        headers: Mapping[str, str],
        pieces: AsyncIterator[bytes],
        sequence: int = 0,
    ) -> httpx.Response:
        """Hand in a file, `where`: reference and paper; `headers`: bearer, Idempotency-Key, `File-Name` (`quoted`).

        Raises `FileTooLarge`, `ServiceAway`, and what reading the pieces does; nothing of the file is kept then.
        """
        path = f"/applications/{quote(where[0], safe='')}/items/{quote(where[1], safe='')}/documents"
        sent = {**headers, "Content-Type": "application/octet-stream"}
        body = _at_most(MOST_FILE_BYTES, pieces)
        return await self._ask(self._whole, "POST", f"{path}?sequence={sequence}", tenant, sent, body, tries=1)

    async def _ask(
        self,
        free: asyncio.Semaphore,
        method: str,
        path: str,
        tenant: str,
        headers: Mapping[str, str],
        body: bytes | AsyncIterator[bytes],
        tries: int,
    ) -> httpx.Response:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await free.acquire()
        except TimeoutError as error:
            raise self._away("no connection is free") from error
        try:
            who = {identity.HEADER: self._signer.sign(identity.citizen(tenant), PART)}
            sent = {"traceparent": current_traceparent(), **who, **headers}
            answer = await self._send(method, path, sent, body, tries)
        finally:
            free.release()
        if answer.status_code == httpx.codes.UNAUTHORIZED and slug_of(answer) != "bearer-refused":
            raise self._away(f"it refuses this gateway: {answer.text[:500]}")
        return answer

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes], tries: int
    ) -> httpx.Response:
        for left in reversed(range(tries)):
            try:
                return await self._client.request(method, path, headers=headers, content=body)
            except httpx.TimeoutException as error:
                raise self._away(type(error).__name__) from error
            except (httpx.TransportError, AttributeError) as error:
                # A new connection that is reset at once has no socket any more when anyio asks uvloop for it.
                if not left:
                    raise self._away(type(error).__name__) from error
        raise AssertionError

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _away(self, reason: str) -> ServiceAway:
        log.warning("service is away", part=PART, error=reason)
        return ServiceAway(AWAY, part=PART)


async def whole(incoming: Incoming, patience: float) -> AsyncIterator[bytes]:
    """Yield what comes; raise `FormUnreadable` when it ends before its end."""
    try:
        while piece := await incoming.take(patience=patience):
            yield piece
    except Stalled as error:
        raise FormUnreadable("Nothing came any more. Please send it again.") from error
    if not incoming.whole:
        raise FormUnreadable("The connection broke. Please send it again.")


async def next_piece(incoming: Incoming, patience: float) -> bytes:
    """Return what has come, nothing at the end. A broken or silent connection ends too: what came before counts."""
    try:
        return await incoming.take(PIECE_BYTES, pause=PAUSE_SECONDS, patience=patience)
    except Stalled:
        return b""


async def _at_most(limit: int, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    length = 0
    async for piece in pieces:
        length += len(piece)
        check_length(length, limit)
        yield piece


def check_length(length: int, limit: int = MOST_FILE_BYTES) -> None:
    """Raise `FileTooLarge`."""
    if length > limit:
        raise FileTooLarge(f"A file may have {limit} bytes at most.", limit=limit)


def quoted(file_name: str) -> str:
    """Return a file's name as the header `File-Name` holds it."""
    return quote(file_name[:300], safe="")


async def get_uploads(request: Request) -> UploadWay:
    """Return the way for files."""
    way: UploadWay = request.app.state.uploads
    return way


Uploads = Annotated[UploadWay, Depends(get_uploads)]
