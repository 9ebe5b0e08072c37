"""The gateway's time-driven work: scheduled switches; forgetting who signed in, who tried to, and who did what."""

from services.gateway import attempts, sessions, switching
from services.gateway.models import audit_entries
from services.gateway.settings import GatewaySettings
from shared import audit
from shared.service import Service

SECONDS = 3600.0


async def tidy_sessions(service: Service[GatewaySettings]) -> None:
    """Delete sessions that are over, and attempts of long ago."""
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            await sessions.tidy(session)
            await attempts.tidy(session)


async def forget_audit(service: Service[GatewaySettings]) -> None:
    """Delete what is no longer kept of who did what."""
    await audit.forget(service, audit_entries)


JOBS = {
    "scheduled-switches": (switching.SECONDS, switching.run_due),
    "tidy-sessions": (SECONDS, tidy_sessions),
    "forget-audit": (SECONDS, forget_audit),
}
