"""Figures of the mailer for operators, from SQL when Prometheus asks."""

from prometheus_client import Gauge
from sqlalchemy import func, select

from services.notifications.models import due_messages
from services.notifications.settings import NotificationsSettings
from shared import clock
from shared.service import Service

DUE = Gauge("notifications_due_messages", "Messages waiting to be sent, over all tenants.")
LATENESS = Gauge("notifications_oldest_due_seconds", "How long the message that should have gone first has been due.")


async def refresh(service: Service[NotificationsSettings]) -> None:
    """Set the gauges. A message that is tried again later is due only then."""
    now = clock.now()
    query = select(func.count().label("waiting"), func.min(due_messages.c.due_at).label("oldest"))
    async with service.database.transaction() as session:
        row = (await session.execute(query)).one()
    oldest = row.oldest
    DUE.set(row.waiting)
    LATENESS.set(max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)
