"""Retention of the messaging tables: what is older than agreed goes, in every service."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from shared import clock
from shared.models import aggregate_versions, inbox

SECONDS = 3600.0


async def run(service: Any) -> None:  # noqa: ANN401  a Service, which imports this module
    """Forget events handled long ago. Their redelivery is prevented by age (effects) or by their own rows (facts)."""
    before = clock.now() - timedelta(days=service.settings.inbox_retention_days)
    async with service.database.transaction() as session:
        await session.execute(delete(inbox).where(inbox.c.received_at < before))
        await session.execute(delete(aggregate_versions).where(aggregate_versions.c.seen_at < before))
