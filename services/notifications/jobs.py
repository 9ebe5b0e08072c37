"""Notifications' time-driven work: sealing keys come and go, old messages go."""

from datetime import datetime, timedelta
from itertools import pairwise

import structlog
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.notifications.keys import KeyRing
from services.notifications.models import announced_keys, application_states, due_messages, messages
from services.notifications.settings import NotificationsSettings
from shared import clock, outbox
from shared.contracts.notifications import KeyAnnounced
from shared.service import Service

log = structlog.get_logger()

KEY_SECONDS = 5.0
FORGET_SECONDS = 3600.0


async def tend_keys(service: Service[NotificationsSettings]) -> None:
    """Make a key when the newest is old, announce what is not announced, destroy what nobody needs any more."""
    settings, now = service.settings, clock.now()
    ring = KeyRing(settings.sealing_keys_file)
    keys = ring.all()
    old = not keys or now - keys[-1].created_at > timedelta(days=settings.sealing_key_days)
    if old or await _newest_announced(service) not in {None, keys[-1].id}:
        try:
            # Also when the key that all seal with has left the file: what is sealed with it cannot be read.
            ring.create(now)
        except OSError as error:
            # A read-only secret is rotated by whoever mounts it; without any key nothing can be sealed at all.
            log.error("cannot write a new sealing key", error=type(error).__name__)
    await _announce(service, ring, now)
    for key, successor in pairwise(keys):
        if now - successor.created_at > timedelta(days=settings.sealing_key_retention_days):
            await _destroy_if_unused(service, ring, key.id)


async def forget_messages(service: Service[NotificationsSettings]) -> None:
    """Delete messages that ended long ago, and what was heard of applications so long ago: each event tells it anew."""
    before = clock.now() - timedelta(days=service.settings.message_retention_days)
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            await session.execute(delete(messages).where(messages.c.ended_at < before))
            waiting = select(messages.c.about).where(messages.c.state == "waiting")
            old = application_states.c.as_of < before, application_states.c.application_id.not_in(waiting)
            await session.execute(delete(application_states).where(*old))


async def _newest_announced(service: Service[NotificationsSettings]) -> str | None:
    newest = (
        select(announced_keys.c.key_id)
        .order_by(announced_keys.c.announced_at.desc(), announced_keys.c.key_id.desc())
        .limit(1)
    )
    async with service.database.transaction() as session:
        return (await session.execute(newest)).scalar()


async def _announce(service: Service[NotificationsSettings], ring: KeyRing, now: datetime) -> None:
    async with service.database.transaction() as session:
        for key in ring.all():
            new = insert(announced_keys).values(key_id=key.id, announced_at=now).on_conflict_do_nothing()
            if (await session.execute(new.returning(announced_keys.c.key_id))).first():
                event = KeyAnnounced(key_id=key.id, version=1, public_key=key.public, created_at=key.created_at)
                outbox.add(session, event)


async def _destroy_if_unused(service: Service[NotificationsSettings], ring: KeyRing, key_id: str) -> None:
    async with service.database.transaction() as session:
        if (await session.execute(select(due_messages.c.id).where(due_messages.c.key_id == key_id).limit(1))).first():
            return
    ring.destroy(key_id)
    log.info("sealing key destroyed", key_id=key_id)
