"""Many real events at once, and how fast they go."""

import asyncio
import time
from datetime import timedelta

from uuid_utils.compat import uuid7

from shared import clock, outbox
from shared.contracts.booking import AppointmentBooked
from shared.contracts.values import Address, Concern, Office, SealedRecipient
from shared.db import Database
from tests.harness.installation import Installation

OFFICE = Office(
    id="office-0",
    name="Office 0",
    address=Address(street="Weg 1", postcode="12345", city="Bank"),
    zone="Europe/Berlin",
)
CONCERN = Concern(id="concern", name={"de": "Anliegen", "en": "Concern"}, papers={"de": ["Ausweis"], "en": ["Card"]})
RECIPIENT = SealedRecipient(key_id="bench", box="x" * 300)


async def fill_outbox(installation: Installation, count: int) -> None:
    """Write so many bookings' events into booking's outbox."""
    database = Database(installation.settings("booking").database)
    now = clock.now()
    for _ in range(0, count, 5000):
        async with database.transaction("bench") as session:
            for _ in range(5000):
                event = AppointmentBooked(
                    appointment_id=uuid7(),
                    version=1,
                    number="ABCD-EFGH",
                    channel="online",
                    office=OFFICE,
                    concern=CONCERN,
                    starts_at=now + timedelta(days=1),
                    ends_at=now + timedelta(days=1, minutes=10),
                    booked_at=now,
                    recipient=RECIPIENT,
                )
                outbox.add(session, event)
    await database.close()


async def measure(installation: Installation, service: str, done: str, count: int) -> float:
    """Return events a second between the first and the last; `done` counts them in the service's database."""
    async with installation.connection(service) as connection:
        first, begun = 0, time.perf_counter()
        while True:
            number = await connection.fetchval(done)
            if not first:
                first, begun = number, time.perf_counter()
            if number >= count:
                return (count - first) / (time.perf_counter() - begun)
            await asyncio.sleep(0.02)
