"""Files that were handed in are scanned, drawn anew and put into the store; or they are refused, and the person told.

Whatever is away meanwhile, a file waits in the database and is tried again, for ever. Two processes may check one
file: what they store is the same, and only one of them finds it pending still.
"""

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, text, update

from services.applications import papers, queries
from services.applications.access import Access
from services.applications.benefits import Offer
from services.applications.models import WAKES, documents, due_documents, upload_parts
from services.applications.settings import ApplicationsSettings
from services.applications.uploads import parts
from services.applications.uploads.copies import Copies, load
from shared import clock
from shared.contracts.applications import RejectReason
from shared.db import Session, is_transient
from shared.documents.errors import DocumentRefused, ScannerAway, StoreAway, WorkerAway
from shared.documents.limits import Limits
from shared.documents.pipeline import Prepared, prepare
from shared.documents.scanner import Scanner
from shared.documents.sealed import DataKey
from shared.sealing import NoSealingKey
from shared.service import Service

log = structlog.get_logger()

POLL_SECONDS = 1.0
CLAIM_SECONDS = 240.0  # one whose checker has died is taken up again: its person hears within five minutes
MARGIN_SECONDS = 20.0
# A picture of one pixel: when it can be drawn, a file that has ended the child so often is to blame itself.
FINE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MOST_ENDS = 3
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 2.0, 300.0

_CLAIM = text("""
    UPDATE due_documents SET claimed_until = :until, attempts = attempts + 1 WHERE document_id IN (
        SELECT document_id FROM due_documents
        WHERE due_at <= :now AND (claimed_until IS NULL OR claimed_until < :now)
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING document_id, tenant, attempts
""")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Claim:
    """A file that this process checks now."""

    document_id: UUID
    tenant: str
    attempts: int


class Checker:
    """Checks files, a few at a time."""

    def __init__(
        self,
        service: Service[ApplicationsSettings],
        copies: Copies,
        scanner: Scanner | None,
        offers: Mapping[str, Offer],
    ) -> None:
        self._service, self._database, self._settings = service, service.database, service.settings
        self._copies, self._scanner, self._offers = copies, scanner, offers

    async def run(self) -> None:
        """Check for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._settings.document_workers):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            self._database.signal(WAKES).clear()
            try:
                more = await self.check_next()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("files wait for the database", error=type(error).__name__)
                more = False
            if not more:
                await self._database.wait_for_signal(WAKES, POLL_SECONDS)

    async def check_next(self) -> bool:
        """Check the file that has been due for longest; tell whether another may be checked at once."""
        claim = await self._claim()
        if claim is None:
            return False
        try:
            async with asyncio.timeout(CLAIM_SECONDS - MARGIN_SECONDS):
                await self._check(claim)
        except DocumentRefused as refused:
            await self._refuse(claim, refused.reason)
        except WorkerAway as error:
            if claim.attempts < MOST_ENDS or not await _can_draw():
                return await self._wait(claim, error)
            await self._refuse(claim, "too-complex")
        except (ScannerAway, StoreAway, TimeoutError) as error:
            return await self._wait(claim, error)
        except Exception as error:
            if is_transient(error):
                raise
            # A fault of this release with one file must not keep the others from being checked.
            log.exception("a file cannot be checked", document_id=str(claim.document_id))
            await self._postpone(claim)
        return True

    async def _claim(self) -> Claim | None:
        now = clock.now()
        async with self._database.transaction() as session:
            claimed = await session.execute(_CLAIM, {"now": now, "until": now + timedelta(seconds=CLAIM_SECONDS)})
            row = claimed.one_or_none()
        return Claim(row.document_id, row.tenant, row.attempts) if row else None

    async def _check(self, claim: Claim) -> None:
        async with self._database.transaction(claim.tenant) as session:
            document = await load(session, claim.document_id)
            if document is None or document["state"] != "pending" or document["data_key"] is None:
                await session.execute(delete(due_documents).where(due_documents.c.document_id == claim.document_id))
                return
            key = DataKey.unwrap(document["data_key"], self._copies.keys)
            upload = {**document, "id": document["upload_id"]}
            data = await parts.read(session, upload, key)
        if (await asyncio.to_thread(hashlib.sha256, data)).hexdigest() != document["sha256"]:
            raise AssertionError("what is stored is not what came in")
        if self._scanner is not None:
            await self._scanner.scan(data)
        prepared = await prepare(data, Limits(max_bytes=self._settings.upload_bytes))
        names = await self._copies.put(document, prepared, data, key)
        if not await self._accept(claim, document, prepared, names):
            await self._copies.delete(document)

    async def _accept(self, claim: Claim, document: Row, prepared: Prepared, names: Mapping[str, str]) -> bool:
        """Note that a file can be looked at; tell whether its application is still there."""
        locked = prepared.locked or self._scanner is None
        values = {"kind": prepared.kind, "pages": prepared.pages, "locked": locked, "checked_at": clock.now(), **names}
        async with self._database.transaction(claim.tenant) as session:
            case = await queries.load_case(session, document["application_id"], lock=True)
            if case is None or case.row["data_key"] is None:
                return False
            own = documents.c.id == claim.document_id, documents.c.state == "pending"
            await session.execute(update(documents).where(*own).values(state="accepted", **values))
            await self._done(session, claim, document["upload_id"])
        return True

    async def _refuse(self, claim: Claim, reason: RejectReason) -> None:
        try:
            sealing_key = await self._service.sealing_keys.newest()
        except NoSealingKey:
            await self._postpone(claim)
            return
        access = Access.of(self._settings, self._service.tenants.by_id[claim.tenant], sealing_key)
        async with self._database.transaction(claim.tenant) as session:
            document = await load(session, claim.document_id)
            case = await queries.load_case(session, document["application_id"], lock=True) if document else None
            if document is None or case is None:
                return
            await papers.refuse(session, case, document, reason, clock.now(), self._offers[claim.tenant], access)
            await case.save(session)
            await self._done(session, claim, document["upload_id"])

    async def _done(self, session: Session, claim: Claim, upload_id: UUID) -> None:
        """Forget what only the check needed; the upload itself stays until it expires, and can be asked about."""
        await session.execute(delete(due_documents).where(due_documents.c.document_id == claim.document_id))
        await session.execute(delete(upload_parts).where(upload_parts.c.upload_id == upload_id))

    async def _wait(self, claim: Claim, error: Exception) -> bool:
        log.warning("a file waits to be checked", document_id=str(claim.document_id), error=type(error).__name__)
        await self._postpone(claim)
        return False

    async def _postpone(self, claim: Claim) -> None:
        seconds = min(FIRST_RETRY_SECONDS * 2 ** min(claim.attempts, 10), LONGEST_RETRY_SECONDS)
        later = {"due_at": clock.now() + timedelta(seconds=seconds), "claimed_until": None}
        own = due_documents.c.document_id == claim.document_id
        async with self._database.transaction() as session:
            await session.execute(update(due_documents).where(own).values(later))


async def _can_draw() -> bool:
    try:
        await prepare(FINE)
    except (DocumentRefused, WorkerAway):
        return False
    return True
