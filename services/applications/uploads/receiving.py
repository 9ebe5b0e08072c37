"""What a connection brings is appended to an upload while it comes in: a break loses next to nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.applications import domain
from services.applications.access import Access
from services.applications.benefits import Offer
from services.applications.uploads import parts, sessions
from shared import clock
from shared.db import Database, Session
from shared.documents.sealed import DataKey
from shared.incoming import Incoming, Stalled

Row = Mapping[str, Any]
PIECE_BYTES = 64 * 1024
PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Receiver:
    """Receives for one application; it is opened before, and nobody waits for a lock meanwhile."""

    database: Database
    tenant: str
    key: DataKey = field(repr=False)
    offer: Offer
    access: Access  # one that publishes
    idle_seconds: float

    async def go_on(self, incoming: Incoming, upload: Row, offset: int) -> int:
        """Append what a connection brings until it ends, breaks or is silent; return where the upload stands then.

        With the last byte the file is handed in. Raises `OffsetWrong`, `FileTooLarge` (what is beyond the length is
        not appended), `ApplicationEnded`, `IdempotencyKeyReused`.
        """
        if offset != upload["received"]:
            raise domain.OffsetWrong("The upload stands elsewhere. Please ask where, and go on from there.")
        while piece := await self._piece(incoming):
            offset = await self._append(upload, offset, piece, whole=offset + len(piece) == upload["length"])
        return offset

    async def take(self, incoming: Incoming, upload: Row, key: str) -> Row:
        """Take a file that comes in one request, whose length is not known; return it as handed in.

        Nothing is kept of one that breaks. Raises `FileIncomplete`, `FileTooLarge`, `FileEmpty`, and as `go_on` does.
        """
        try:
            digest, offset = hashlib.sha256(), 0
            while piece := await self._piece(incoming):
                digest.update(piece)
                offset = await self._append(upload, offset, piece, whole=False)
            check_whole(incoming, offset)
            return await self._end(upload, offset, digest.hexdigest(), key)
        except BaseException:
            async with self.database.transaction(self.tenant) as session:
                await sessions.discard(session, upload["id"])
            raise

    async def _piece(self, incoming: Incoming) -> bytes:
        try:
            return await incoming.take(PIECE_BYTES, pause=PAUSE_SECONDS, patience=self.idle_seconds)
        except Stalled:
            return b""

    async def _append(self, upload: Row, offset: int, piece: bytes, *, whole: bool) -> int:
        if offset + len(piece) > upload["length"]:
            raise domain.FileTooLarge("The file is longer than it was said to be, or than a file may be.")

        async def work(session: Session) -> int:
            stands = await sessions.append(session, upload, offset, piece, self.key)
            if whole:
                sha256 = await parts.hash_of(session, upload, self.key)
                key = upload["idempotency_key"]
                await sessions.finish(session, upload, sha256, clock.now(), self.offer, self.access, key)
            return stands

        return await self.database.run(work, self.tenant)

    async def _end(self, upload: Row, length: int, sha256: str, key: str) -> Row:
        async def work(session: Session) -> Row:
            await sessions.set_length(session, upload, length)
            whole = {**upload, "length": length}
            return await sessions.finish(session, whole, sha256, clock.now(), self.offer, self.access, key)

        return await self.database.run(work, self.tenant)


async def hash_only(incoming: Incoming, idle_seconds: float, most: int) -> str:
    """Return the SHA-256 of a file that is not kept; raise `FileIncomplete`, `FileTooLarge`, `FileEmpty`."""
    digest, length = hashlib.sha256(), 0
    try:
        while piece := await incoming.take(PIECE_BYTES, pause=PAUSE_SECONDS, patience=idle_seconds):
            digest.update(piece)
            length += len(piece)
            if length > most:
                raise domain.FileTooLarge("The file is larger than one may be.")
    except Stalled:
        pass  # told below
    check_whole(incoming, length)
    return digest.hexdigest()


def check_whole(incoming: Incoming, length: int) -> None:
    """Raise `FileIncomplete`, `FileEmpty`."""
    if not incoming.whole:
        raise domain.FileIncomplete("The connection broke before the whole file was here. Please send it again.")
    if length == 0:
        raise domain.FileEmpty("The file is empty. Please choose another one.")
