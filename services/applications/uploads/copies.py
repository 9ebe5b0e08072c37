"""What lies in the store of an accepted file: the copy that was drawn anew, and the original; encrypted both."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import select

from services.applications import domain
from services.applications.models import applications, documents
from services.applications.queries import Case
from shared.db import Session
from shared.documents.errors import DocumentRefused
from shared.documents.pipeline import Prepared, combine
from shared.documents.sealed import DataKey, MasterKeys
from shared.documents.store import Store

Row = Mapping[str, Any]
What = Literal["copy", "original"]
COLUMN: Mapping[What, str] = {"copy": "pdf_key", "original": "original_key"}


@dataclass(frozen=True)
class Copies:
    """Puts and reads them; which ones may be looked at is decided here."""

    store: Store
    keys: MasterKeys = field(repr=False)

    async def put(self, document: Row, prepared: Prepared, original: bytes, key: DataKey) -> dict[str, str]:
        """Store both, and return the columns that say so. Doing so again changes nothing. Raises `StoreAway`."""
        things: dict[What, bytes] = {"copy": prepared.pdf, "original": original}
        for what, data in things.items():
            sealed = await asyncio.to_thread(key.encrypt, data, *_context(document, what))
            await self.store.put(name_of(document, what), sealed)
        return {COLUMN[what]: name_of(document, what) for what in things}

    async def pdf(self, found: Sequence[Row], case: Case) -> bytes:
        """Return the copies of files, in this order, as one PDF/A without active content.

        Raises `NothingToShow`, `StoreAway`, `WorkerAway`.
        """
        shown = [row for row in found if row["state"] == "accepted" and row["pdf_key"]]
        if not shown:
            raise domain.NothingToShow("There is no file that can be looked at: none has come in, or none is checked.")
        key = DataKey.unwrap(case.row["data_key"], self.keys)
        pdfs = [await self._read(row, "copy", key) for row in shown]
        if len(pdfs) == 1:
            return pdfs[0]
        try:
            return await combine(pdfs)
        except DocumentRefused as refused:
            raise domain.NothingToShow("The files are too large for one PDF. Please open them one by one.") from refused

    async def original(self, row: Row, case: Case) -> bytes:
        """Return the bytes as they came in; raise `NothingToShow`, `OriginalLocked`, `StoreAway`."""
        if row["state"] != "accepted" or not row["original_key"]:
            raise domain.NothingToShow("This file is not here, or not checked yet.")
        if row["locked"]:
            raise domain.OriginalLocked("Only the copy of this file can be opened: it was not scanned, or holds more.")
        return await self._read(row, "original", DataKey.unwrap(case.row["data_key"], self.keys))

    async def delete(self, document: Row) -> None:
        """Delete both, also when it is not known whether they are there; raise `StoreAway`."""
        for what in COLUMN:
            await self.store.delete(name_of(document, what))

    async def _read(self, row: Row, what: What, key: DataKey) -> bytes:
        sealed = await self.store.get(row[COLUMN[what]])
        return await asyncio.to_thread(key.decrypt, sealed, *_context(row, what))


def name_of(document: Row, what: What) -> str:
    """Return the name in the store, which says nothing to a stranger."""
    return f"{document['tenant']}/{document['application_id']}/{document['id']}-{what}"


def _context(document: Row, what: What) -> tuple[str, ...]:
    return str(document["application_id"]), str(document["id"]), what


async def load(session: Session, document_id: object) -> Row | None:
    """Return a file with its application's key."""
    query = select(documents, applications.c.data_key).join(
        applications, applications.c.id == documents.c.application_id
    )
    found = (await session.execute(query.where(documents.c.id == document_id))).mappings().one_or_none()
    return dict(found) if found else None
