"""Applications' time-driven work: erasing people some time after the end, forgetting what is no longer needed."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select, update

from services.applications.erasing import erase
from services.applications.models import access_failures, applications, audit_entries
from services.applications.settings import ApplicationsSettings
from shared import audit, clock
from shared.documents.sealed import ID_BYTES, CannotDecrypt, DataKey, MasterKeys
from shared.service import Service

log = structlog.get_logger()

AT_ONCE = 100  # in one transaction
TIDY_SECONDS = 3600.0


async def erase_persons(service: Service[ApplicationsSettings]) -> None:
    """Erase person and key some time after the end; what is left are states and times, and names nobody."""
    now = clock.now()
    before = now - timedelta(days=service.settings.application_retention_days)
    over = applications.c.erased_at.is_(None), applications.c.ended_at < before
    found = select(applications.c.id).where(*over).limit(AT_ONCE).with_for_update(skip_locked=True)
    for tenant in service.tenants.by_id:
        more = True
        while more:
            async with service.database.transaction(tenant) as session:
                ids = (await session.execute(found)).scalars().all()
                await erase(session, ids, now)
            more = len(ids) == AT_ONCE


async def rewrap_keys(service: Service[ApplicationsSettings], keys: MasterKeys) -> None:
    """Wrap applications' keys with the newest master key, so that the one before can be taken out of the file."""
    other = applications.c.data_key.is_not(None), func.substr(applications.c.data_key, 1, ID_BYTES) != keys.newest
    found = select(applications.c.id, applications.c.data_key).where(*other).with_for_update(skip_locked=True)
    left = 0
    for tenant in service.tenants.by_id:
        more, last = True, UUID(int=0)
        while more:
            next_ones = found.where(applications.c.id > last).order_by(applications.c.id).limit(AT_ONCE)
            async with service.database.transaction(tenant) as session:
                rows = (await session.execute(next_ones)).all()
                for row in rows:
                    last = row.id
                    try:
                        wrapped = DataKey.unwrap(row.data_key, keys).wrap(keys)
                    except CannotDecrypt:
                        left += 1
                        continue
                    own = update(applications).where(applications.c.id == row.id)
                    await session.execute(own.values(data_key=wrapped))
            more = len(rows) == AT_ONCE
    if left:
        log.error("the master key of documents is not in the file", applications=left)


async def forget_failures(service: Service[ApplicationsSettings]) -> None:
    """Forget wrong codes and birth dates, which slow nobody down any more."""
    before = clock.now() - timedelta(days=service.settings.failure_retention_days)
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            await session.execute(delete(access_failures).where(access_failures.c.failed_at < before))


async def forget_audit(service: Service[ApplicationsSettings]) -> None:
    """Delete what is no longer kept of who did what."""
    await audit.forget(service, audit_entries)
