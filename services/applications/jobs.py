"""Applications' time-driven work: erasing people some time after the end, forgetting what is no longer needed."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, update

from services.applications.models import (
    access_failures,
    applications,
    audit_entries,
    documents,
    inquiries,
    staff_tasks,
    steps,
    uploads,
)
from services.applications.settings import ApplicationsSettings
from shared import audit, clock
from shared.service import Service

TIDY_SECONDS = 3600.0

# The wrapped key goes with the person: whatever of their documents is anywhere can never be read again.
NOBODY: dict[str, Any] = {
    "name": None, "birth_date": None, "email": None, "phone": None, "data_key": None, "request_hash": None,
    "idempotency_key": None, "online_access": False,
}  # fmt: skip


async def erase_persons(service: Service[ApplicationsSettings]) -> None:
    """Erase person and key some time after the end; what is left are states and times, and names nobody."""
    now = clock.now()
    before = now - timedelta(days=service.settings.application_retention_days)
    over = applications.c.erased_at.is_(None), applications.c.ended_at < before
    erased = update(applications).where(*over).values(**NOBODY, erased_at=now).returning(applications.c.id)
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            ids = (await session.execute(erased)).scalars().all()
            for table in (staff_tasks, inquiries, uploads):
                await session.execute(delete(table).where(table.c.application_id.in_(ids)))
            # Of an erased application nothing waits to be checked any more: nobody could read it.
            waiting = documents.c.application_id.in_(ids), documents.c.state == "pending"
            await session.execute(delete(documents).where(*waiting))
            for told in (
                update(steps).where(steps.c.application_id.in_(ids)).values(explanation=""),
                update(documents).where(documents.c.application_id.in_(ids)).values(file_name=None),
            ):
                await session.execute(told)


async def forget_failures(service: Service[ApplicationsSettings]) -> None:
    """Forget wrong codes and birth dates, which slow nobody down any more."""
    before = clock.now() - timedelta(days=service.settings.failure_retention_days)
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            await session.execute(delete(access_failures).where(access_failures.c.failed_at < before))


async def forget_audit(service: Service[ApplicationsSettings]) -> None:
    """Delete what is no longer kept of who did what."""
    await audit.forget(service, audit_entries)
