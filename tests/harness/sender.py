"""Notifications put together without its background, fed with events and mailing when a test says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notifications.jobs import tend_keys
from services.notifications.keys import KeyRing
from services.notifications.mailer import Mailer
from services.notifications.settings import NotificationsSettings
from shared.contracts.booking import AppointmentCancelled
from shared.events import Event
from shared.replay import StoredRecord
from shared.sealing import Recipient, seal
from shared.service import Service
from tests.harness.events import TENANT, booked, record
from tests.harness.inprocess import unstarted
from tests.harness.installation import Installation
from tests.harness.smtp import Post


@dataclass
class Sender:
    """An installation's notifications and the mail server it uses."""

    installation: Installation
    service: Service[NotificationsSettings]
    post: Post = field(default_factory=Post)

    def sealed(self, email: str) -> Any:
        """Return a recipient sealed with the newest key."""
        key = KeyRing(self.service.settings.sealing_keys_file).all()[-1]
        person = Recipient(
            email=email,
            name="Aylin Öz",
            language="de",
            values={"code": "C0DE-C0DE", "link": "http://x", "reference": "K7QM-3XPD-F"},
        )
        return seal(person, key.id, bytes(key.private_key.public_key))

    async def receive(self, event: Event, tenant: str = TENANT, at: datetime | None = None) -> None:
        """Handle an event as if it had come from Kafka."""
        raw = record(self.installation, event, tenant=tenant, at=at)
        assert self.service.consumer is not None
        await self.service.consumer.inbox.handle([StoredRecord(raw.topic, 0, 0, raw.key, list(raw.headers), raw.value)])

    async def confirm(self, email: str, tenant: str = TENANT, **changes: Any) -> UUID:
        """Let somebody have booked; returns the appointment's id."""
        event = booked(**({"recipient": self.sealed(email)} | changes))
        await self.receive(event, tenant)
        return event.appointment_id

    async def withdraw(self, appointment: UUID, email: str) -> None:
        """Let the appointment be cancelled."""
        values = booked(appointment_id=appointment, version=2).model_dump()
        cancelled = {"cancelled_at": values["booked_at"], "cancelled_by": "citizen", "recipient": self.sealed(email)}
        await self.receive(AppointmentCancelled.model_validate(values | cancelled))

    async def message(self, about: UUID) -> dict[str, Any]:
        """Return the only message about an appointment."""
        query = "SELECT * FROM messages WHERE about = :about"
        [row] = await self.installation.rows("notifications", query, about=about)
        return row

    async def published(self, about: UUID) -> list[tuple[str, str]]:
        """Return what was told to others about an appointment's messages: event type and reason."""
        query = (
            "SELECT type, payload::jsonb ->> 'reason' AS reason FROM outbox WHERE payload::jsonb ->> 'about' = :about"
        )
        rows = await self.installation.rows("notifications", query, about=str(about))
        return [(row["type"], row["reason"] or "") for row in rows]

    @asynccontextmanager
    async def mailing(self) -> AsyncIterator[None]:
        """Let the mailer run; fails when it has died."""
        running = asyncio.create_task(Mailer(self.service).run())
        try:
            yield
            assert not running.done(), running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def sender(installation: Installation) -> AsyncIterator[Sender]:
    """Put notifications together, with a sealing key."""
    async with unstarted(installation, "notifications") as running:
        await tend_keys(running.service)
        yield Sender(installation, running.service)
