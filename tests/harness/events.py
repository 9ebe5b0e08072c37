"""Events as a test writes them to Kafka past any outbox."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from services.notifications.keys import KeyRing, SealingKey
from shared import clock
from shared.contracts.applications import ApplicationStatusChanged, DocumentReceived, StatusInquired
from shared.contracts.booking import AppointmentBooked, SearchesCounted
from shared.contracts.values import Address, Concern, Office, Paper, SealedRecipient
from shared.events import Envelope, Event
from shared.sealing import Recipient, seal
from tests.harness.installation import Installation
from tests.harness.kafka import Raw
from tests.harness.waiting import eventually

TENANT = "musterstadt"
OFFICE = Office(
    id="mitte",
    name="Jobcenter Musterstadt, Standort Mitte",
    address=Address(street="Marktplatz 1", postcode="12345", city="Musterstadt"),
    zone="Europe/Berlin",
)
CONCERN = Concern(id="neuantrag", name={"de": "Neuen Antrag stellen"}, papers={"de": ["Ausweis"]})


def booked(**changes: Any) -> AppointmentBooked:
    """Return an appointment that was just booked online for next week."""
    now = clock.now()
    values: dict[str, Any] = {
        "appointment_id": uuid4(),
        "version": 1,
        "number": "ABCD-EFGH",
        "channel": "online",
        "office": OFFICE,
        "concern": CONCERN,
        "starts_at": now + timedelta(days=7),
        "ends_at": now + timedelta(days=7, minutes=30),
        "booked_at": now,
    }
    return AppointmentBooked(**(values | changes))


def searched(**changes: Any) -> SearchesCounted:
    """Return what a replica of booking counted in the last minute: ten searches, eight with a result."""
    now = clock.now()
    values: dict[str, Any] = {
        "window_id": uuid4(),
        "version": 1,
        "office": OFFICE,
        "concern_id": CONCERN.id,
        "counted_from": now - timedelta(minutes=1),
        "counted_to": now,
        "searches": 10,
        "with_result": 8,
        "days_to_next": [{"days": 1, "searches": 5}, {"days": 4, "searches": 2}],
    }
    return SearchesCounted(**(values | changes))


LEASE = Paper(id="mietvertrag", name={"de": "Mietvertrag", "en": "Rental contract"})
BANK = Paper(id="kontoauszuege", name={"de": "Kontoauszüge", "en": "Bank statements"})


def _application(changes: dict[str, Any]) -> dict[str, Any]:
    values = {
        "application_id": uuid4(),
        "version": 1,
        "office": OFFICE,
        "benefit_id": "l1",
        "state": "documents-missing",
        "state_since": clock.now() - timedelta(days=1),
        "next_actor": "citizen",
        "missing": [LEASE, BANK],
    }
    return values | changes


def inquired(**changes: Any) -> StatusInquired:
    """Return that somebody asked where their application stands, of which two papers are missing."""
    return StatusInquired(**_application({"inquired_at": clock.now()} | changes))


def handed_in(**changes: Any) -> DocumentReceived:
    """Return that the first of two missing papers came in, as the application's second event."""
    values = {"version": 2, "missing": [BANK], "paper": LEASE, "channel": "online", "received_at": clock.now()}
    return DocumentReceived(**_application(values | changes))


def status_changed(**changes: Any) -> ApplicationStatusChanged:
    """Return that an application, which came in ten days ago, is being worked on."""
    now = clock.now()
    values = {
        "state": "in-review",
        "state_since": now,
        "next_actor": "office",
        "missing": [],
        "previous_state": "received",
        "previous_since": now - timedelta(days=10),
        "backward": False,
        "changed_at": now,
    }
    return ApplicationStatusChanged(**_application(values | changes))


UNREADABLE = SealedRecipient(key_id="gone", box="")


async def recipient(installation: Installation, email: str) -> SealedRecipient:
    """Return a recipient that the notifications of this installation, which must be running, can read."""

    async def keys() -> list[SealingKey]:
        return KeyRing(installation.directory / "sealing-keys.json").all()

    key = (await eventually(keys))[-1]
    person = Recipient(email=email, name="Aylin Öz", language="de", values={"code": "ABCD-EFGH", "link": "http://x"})
    return seal(person, key.id, bytes(key.private_key.public_key))


def record(
    installation: Installation,
    event: Event,
    *,
    id_: UUID | None = None,
    at: datetime | None = None,
    tenant: str = TENANT,
    partition: int | None = None,
) -> Raw:
    """Return an event as its producer's relay would write it."""
    envelope = Envelope(
        id=id_ or uuid7(),
        type=event.type,
        source=f"/{event.topic.partition('.')[0]}",
        time=at or clock.now(),
        subject=event.key,
        tenant=tenant,
    )
    headers = [(name, value.encode()) for name, value in envelope.to_headers().items()]
    topic = f"{installation.name}.{event.topic}"
    return Raw(topic, event.key.encode(), headers, event.model_dump_json().encode(), partition)


def changed(raw: Raw, *, body: dict[str, Any] | None = None, **headers: bytes | None) -> Raw:
    """Return a record with other values in its body and other headers; a header set to `b""` is left out."""
    kept = [(name, headers.get(name, value)) for name, value in raw.headers]
    kept += [(name, value) for name, value in headers.items() if name not in dict(raw.headers)]
    value = raw.value if body is None else json.dumps(json.loads(raw.value or b"{}") | body).encode()
    return Raw(raw.topic, raw.key, [(n, v) for n, v in kept if v != b""], value, raw.partition)
