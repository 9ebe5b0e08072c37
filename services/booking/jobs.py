"""Booking's time-driven work: erasing people from appointments that are over."""

from datetime import timedelta

from sqlalchemy import update

from services.booking.models import appointments
from services.booking.settings import BookingSettings
from shared import clock
from shared.service import Service

ERASE_SECONDS = 3600.0


async def erase_persons(service: Service[BookingSettings]) -> None:
    """Erase name, birth date and e-mail some time after the appointment; what is left names nobody."""
    now = clock.now()
    before = now - timedelta(days=service.settings.appointment_retention_days)
    over = update(appointments).where(appointments.c.ends_at < before, appointments.c.erased_at.is_(None))
    for tenant in service.tenants.by_id:
        async with service.database.transaction(tenant) as session:
            erased = over.values(name=None, birth_date=None, email=None, request_hash=b"", erased_at=now)
            await session.execute(erased)
