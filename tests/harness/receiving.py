"""Events that a service which is put together, but not started, handles as if they had come from Kafka."""

from typing import Any

from shared.events import Event
from shared.replay import StoredRecord
from tests.harness import events
from tests.harness.installation import Installation, Running


async def receive(installation: Installation, running: Running, *received: Event, **options: Any) -> None:
    """Handle these events in one batch; `options` as `events.record` takes them."""
    raws = [events.record(installation, event, **options) for event in received]
    records = [StoredRecord(raw.topic, 0, n, raw.key, list(raw.headers), raw.value) for n, raw in enumerate(raws)]
    await running.service.consumer.inbox.handle(records)
