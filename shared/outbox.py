"""Publishing: an event is a row written in the transaction that made it true. The relay sends it later."""

from sqlalchemy import insert
from uuid_utils.compat import uuid7

from shared import clock
from shared.db import Session
from shared.events import Envelope, Event
from shared.models import outbox
from shared.tracing import current_traceparent

LIMIT = 900_000  # bytes; Kafka refuses a record above 1 MB, and by then the transaction would be long committed

WAKES = "outbox"

_INSERT = insert(outbox)


class EventTooLarge(Exception):
    """An event's body is over the limit; what it is about must be fetched another way."""


def add(session: Session, event: Event, source: str | None = None) -> None:
    """Publish an event with this transaction. The aggregate's row must be locked or new, so that order holds.

    Raises `EventTooLarge` above 900 kB.
    """
    payload = event.model_dump_json()
    if len(payload.encode()) > LIMIT:
        raise EventTooLarge(f"{event.type} for {event.key} has {len(payload.encode())} bytes, {LIMIT} are allowed")
    now = clock.now()
    envelope = Envelope(
        id=uuid7(),
        type=event.type,
        source=source or f"/{event.topic.partition('.')[0]}",
        time=now,
        subject=event.key,
        tenant=session.tenant,
        traceparent=current_traceparent(),
    )
    row = {
        "ce_id": envelope.id,
        "tenant": envelope.tenant,
        "topic": event.topic,
        "key": event.key,
        "type": event.type,
        "headers": envelope.to_headers(),
        "payload": payload,
        "created_at": now,
    }
    session.execute_later(_INSERT, row)
    session.wakes.add(WAKES)
