"""Deleting what is not needed any more, and counting: what came in is accepted, refused or pending."""

from datetime import timedelta

import structlog
from prometheus_client import Gauge
from sqlalchemy import delete, func, select, text, update

from services.applications.models import applications, documents, uploads
from services.applications.settings import ApplicationsSettings
from services.applications.uploads.copies import Copies
from shared import clock
from shared.documents.errors import StoreAway
from shared.service import Service

log = structlog.get_logger()

RECONCILE_SECONDS = 60.0
TIDY_SECONDS = 600.0
AT_ONCE = 500

RECEIVED = Gauge("applications_documents_received", "Files that were handed in, over all tenants.")
DOCUMENTS = Gauge("applications_documents", "Files by what has become of them.", ["state"])
OLDEST_PENDING = Gauge("applications_oldest_pending_document_seconds", "How long the file has waited that came first.")
UNACCOUNTED = Gauge("applications_documents_unaccounted", "Files that are lost: there must be none.")

STATES = ("accepted", "refused", "pending")

# Each finds what must not be; `WHERE` under a tenant. A receipt, and nothing behind it, is what must never happen.
_WRONG = {
    "pending, and nobody will check it": text("""
        SELECT d.id FROM documents d LEFT JOIN due_documents w ON w.document_id = d.id
        WHERE d.state = 'pending' AND w.document_id IS NULL
    """),
    "pending, and its bytes are not all here": text("""
        SELECT d.id FROM documents d LEFT JOIN uploads u ON u.id = d.upload_id
        WHERE d.state = 'pending' AND (u.received IS DISTINCT FROM d.bytes OR NOT EXISTS (
            SELECT FROM upload_parts p WHERE p.upload_id = d.upload_id))
    """),
    "accepted, and not in the store": text("""
        SELECT id FROM documents WHERE state = 'accepted' AND deleted_at IS NULL
        AND (pdf_key IS NULL OR original_key IS NULL)
    """),
    "complete, and without a receipt": text("""
        SELECT u.id FROM uploads u WHERE u.received = u.length AND NOT EXISTS (
            SELECT FROM documents d WHERE d.upload_id = u.id
            OR (d.application_id = u.application_id AND d.idempotency_key = u.idempotency_key))
    """),
}
_STRANDED = text("""
    INSERT INTO due_documents (document_id, tenant, due_at, attempts)
    SELECT d.id, d.tenant, :now, 0 FROM documents d WHERE d.state = 'pending'
    ON CONFLICT DO NOTHING
""")


async def reconcile(service: Service[ApplicationsSettings]) -> None:
    """Look for files that are lost; say so in the log and a metric, and have those checked that nobody would."""
    found = 0
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            for wrong, query in _WRONG.items():
                ids = [str(one) for one in (await session.execute(query)).scalars()]
                if ids:
                    log.error("the sum of documents does not hold", wrong=wrong, ids=ids[:20], number=len(ids))
                found += len(ids)
            await session.execute(_STRANDED, {"now": clock.now()})
    UNACCOUNTED.set(found)


async def refresh(service: Service[ApplicationsSettings]) -> None:
    """Set the gauges."""
    received, oldest, now = 0, None, clock.now()
    states = dict.fromkeys(STATES, 0)
    earliest = func.min(documents.c.received_at)
    query = select(documents.c.state, func.count().label("number"), earliest.label("oldest"))
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            received += (await session.execute(select(func.count()).select_from(documents))).scalar_one()
            for row in await session.execute(query.group_by(documents.c.state)):
                states[row.state] += row.number
                if row.state == "pending":
                    oldest = min(oldest or row.oldest, row.oldest)
    RECEIVED.set(received)
    for state, number in states.items():
        DOCUMENTS.labels(state).set(number)
    OLDEST_PENDING.set(max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)


async def forget_uploads(service: Service[ApplicationsSettings]) -> None:
    """Delete uploads whose time is over; never the bytes of a file that waits to be checked, however long it does."""
    waits = select(documents.c.id).where(documents.c.upload_id == uploads.c.id, documents.c.state == "pending")
    over = delete(uploads).where(uploads.c.expires_at < clock.now(), ~waits.exists())
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            await session.execute(over)


async def delete_copies(service: Service[ApplicationsSettings], copies: Copies) -> None:
    """Delete from the store what was erased, or handed over some time ago; while it is away, later."""
    before = clock.now() - timedelta(days=service.settings.document_retention_days)
    over = applications.c.erased_at.is_not(None) | (applications.c.handed_over_at < before)
    query = (
        select(documents.c.id, documents.c.tenant, documents.c.application_id)
        .join(applications, applications.c.id == documents.c.application_id)
        .where(over, documents.c.deleted_at.is_(None), documents.c.state != "pending")
        .limit(AT_ONCE)
    )
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            found = [dict(row) for row in (await session.execute(query)).mappings()]
        try:
            for document in found:
                await copies.delete(document)
                gone = {"pdf_key": None, "original_key": None, "deleted_at": clock.now()}
                async with service.database.transaction(tenant) as session:
                    await session.execute(update(documents).where(documents.c.id == document["id"]).values(gone))
        except StoreAway as error:
            log.warning("copies wait to be deleted", error=type(error).__name__)
