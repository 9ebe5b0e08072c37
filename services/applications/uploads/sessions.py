"""Uploads: begun, continued at the place where they stand, ended with a receipt. All in the database (ADR 0019).

No lock is held between two pieces. Each is appended by whoever still finds the upload where it left it: of two
connections for one upload, in one process or in two, one goes on and the other has nothing appended.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from uuid_utils.compat import uuid7

from services.applications import domain, papers, queries
from services.applications.access import Access
from services.applications.benefits import Offer
from services.applications.models import WAKES, documents, due_documents, upload_parts, uploads
from services.applications.queries import Case
from services.applications.uploads import parts
from shared import clock
from shared.db import Session
from shared.documents.sealed import DataKey

Row = Mapping[str, Any]
MOST_FILES = 200  # of one application, those on their way included


@dataclass(frozen=True)
class Wanted:
    """A file that somebody is about to send."""

    item_id: str
    file_name: str
    length: int
    sequence: int = 0
    key: str | None = None


async def create(session: Session, case: Case, wanted: Wanted, lasts: timedelta) -> Row:
    """Begin an upload, or return the one that this key has begun before.

    Raises `UnknownItem`, `ApplicationEnded`, `FileEmpty`, `TooManyFiles`, `IdempotencyKeyReused`.
    """
    case.item(wanted.item_id)
    domain.check_can_receive(case.row["state"])
    if wanted.length == 0:
        raise domain.FileEmpty("The file is empty. Please choose another one.")
    now = clock.now()
    if wanted.key and (earlier := await _by_key(session, case.row["id"], wanted.key)):
        if (earlier["item_id"], earlier["length"]) != (wanted.item_id, wanted.length):
            raise domain.IdempotencyKeyReused("This key was used for another file. Please send a new one.")
        return earlier
    await check_room(session, case)
    row = {
        "id": uuid7(),
        "tenant": session.tenant,
        "application_id": case.row["id"],
        "item_id": wanted.item_id,
        "file_name": domain.clean_file_name(wanted.file_name),
        "length": wanted.length,
        "received": 0,
        "sequence": wanted.sequence,
        "idempotency_key": wanted.key,
        "created_at": now,
        "expires_at": now + lasts,
    }
    new = insert_or_not(uploads).on_conflict_do_nothing(constraint="uq_uploads_idempotency_key")
    made = await session.execute(new.values(row).returning(uploads.c.id))
    if made.first() is None:  # the same was sent twice at once
        return await create(session, case, wanted, lasts)
    return row


async def check_room(session: Session, case: Case) -> None:
    """Raise `TooManyFiles`: nobody needs as many, and storage is not without end."""
    unfinished = select(func.count()).where(
        uploads.c.application_id == case.row["id"], uploads.c.received < uploads.c.length
    )
    whole = select(func.count()).where(documents.c.application_id == case.row["id"])
    found = await session.execute(select(unfinished.scalar_subquery() + whole.scalar_subquery()))
    if found.scalar_one() >= MOST_FILES:
        raise domain.TooManyFiles("There are as many files as one application may have. Please ask your office.")


async def find(session: Session, case: Case, upload_id: UUID) -> Row:
    """Return an upload of an application; raise `UploadNotFound`, `UploadExpired`."""
    query = select(uploads).where(uploads.c.id == upload_id, uploads.c.application_id == case.row["id"])
    row = (await session.execute(query)).mappings().one_or_none()
    if row is None:
        raise domain.UploadNotFound("There is no such upload. Please send the file again.")
    if row["expires_at"] <= clock.now():
        raise domain.UploadExpired("The upload was not finished in time. Please send the file again.")
    return dict(row)


async def receipt_of(session: Session, upload: Row) -> UUID | None:
    """Return the receipt of an upload that is complete."""
    if upload["received"] < upload["length"]:
        return None
    own = documents.c.upload_id == upload["id"]
    if upload["idempotency_key"]:
        own |= documents.c.idempotency_key == upload["idempotency_key"]
    query = select(documents.c.id).where(documents.c.application_id == upload["application_id"], own)
    return (await session.execute(query.order_by(documents.c.received_at))).scalars().first()


async def discard(session: Session, upload_id: UUID) -> None:
    """Forget an upload that was not handed in: one that was has a document."""
    handed_in = select(documents.c.id).where(documents.c.upload_id == upload_id).exists()
    await session.execute(delete(uploads).where(uploads.c.id == upload_id, ~handed_in))


async def append(session: Session, upload: Row, offset: int, piece: bytes, key: DataKey) -> int:
    """Append a piece, if the upload stands where it begins; return where it stands then. Raises `OffsetWrong`."""
    stands = uploads.c.id == upload["id"], uploads.c.received == offset
    moved = await session.execute(update(uploads).where(*stands).values(received=offset + len(piece)))
    if not moved.rowcount:
        raise domain.OffsetWrong("The upload stands elsewhere. Please ask where, and go on from there.")
    await parts.add(session, upload, offset, piece, key)
    return offset + len(piece)


async def set_length(session: Session, upload: Row, length: int) -> None:
    """Note how long a file turned out to be that came in one request; raise `UploadNotFound` when it was deleted."""
    own = uploads.c.id == upload["id"], uploads.c.received == length
    if not (await session.execute(update(uploads).where(*own).values(length=length))).rowcount:
        raise domain.UploadNotFound("There is no such upload. Please send the file again.")


async def finish(
    session: Session, upload: Row, sha256: str, now: datetime, offer: Offer, access: Access, key: str | None
) -> Row:
    """Make of a complete upload a file that was handed in: from this commit on it is received, whatever is away.

    Raises `ApplicationEnded`, `UnknownItem`, `IdempotencyKeyReused`, `BearerRefused`.
    """
    case = await queries.load_case(session, upload["application_id"], lock=True)
    if case is None or case.row["erased_at"] is not None:
        raise domain.UploadNotFound("There is no such upload. Please send the file again.")
    if key and (earlier := await document_of_key(session, case, key)):
        receipt = same_file(earlier, upload["item_id"], sha256)
        table, own = (upload_parts, upload_parts.c.upload_id) if upload["idempotency_key"] else (uploads, uploads.c.id)
        await session.execute(delete(table).where(own == upload["id"]))
        return receipt
    nothing_yet = ("reason", "checked_at", "kind", "pages", "original_key", "pdf_key", "deleted_at")
    as_they_are = ("tenant", "application_id", "item_id", "sequence", "file_name")
    row = {
        **dict.fromkeys(nothing_yet),
        **{name: upload[name] for name in as_they_are},
        "id": uuid7(),
        "upload_id": upload["id"],
        "bytes": upload["length"],
        "sha256": sha256,
        "channel": "online",
        "received_at": now,
        "idempotency_key": key,
        "state": "pending",
        "locked": True,
    }
    await session.execute(insert(documents).values(row))
    due = {"document_id": row["id"], "tenant": session.tenant, "due_at": now, "attempts": 0}
    await session.execute(insert(due_documents).values(due))
    session.wakes.add(WAKES)
    await papers.receive(session, case, upload["item_id"], "online", now, offer, access, row["id"])
    await case.save(session)
    return row


async def document_of_key(session: Session, case: Case, key: str) -> Row | None:
    """Return the file that was handed in with a key."""
    own = documents.c.application_id == case.row["id"], documents.c.idempotency_key == key
    found = (await session.execute(select(documents).where(*own))).mappings().one_or_none()
    return dict(found) if found else None


def same_file(earlier: Row, item_id: str, sha256: str) -> Row:
    """Return what a key has handed in before; raise `IdempotencyKeyReused` when that was something else."""
    if (earlier["item_id"], earlier["sha256"]) != (item_id, sha256):
        raise domain.IdempotencyKeyReused("This Idempotency-Key was used for another file. Please send a new one.")
    return earlier


async def _by_key(session: Session, application_id: UUID, key: str) -> Row | None:
    """Return the upload that a key has begun; one that has expired makes room."""
    own = uploads.c.application_id == application_id, uploads.c.idempotency_key == key
    found = (await session.execute(select(uploads).where(*own).with_for_update())).mappings().one_or_none()
    if found is None or found["expires_at"] > clock.now():
        return dict(found) if found else None
    if await receipt_of(session, dict(found)) is None:
        await session.execute(delete(uploads).where(uploads.c.id == found["id"]))
    else:  # its parts may be waiting to be checked
        await session.execute(update(uploads).where(uploads.c.id == found["id"]).values(idempotency_key=None))
    return None
