"""The relay: sends what waits in the outbox to Kafka, in order per key, at least once. Nothing else publishes.

One relay of a service is active: the one whose connection holds an advisory lock. It reads and deletes on that
same connection, so losing the lock means losing the work as well, and a second relay never sends beside it.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import clock, metrics
from shared.db import Database, is_transient
from shared.kafka import CLOSE_SECONDS, connection_settings, started
from shared.models import outbox
from shared.outbox import WAKES
from shared.settings import Settings

log = structlog.get_logger()

BATCH = 500
POLL_SECONDS = 0.1  # behind the wake-up: finds what other replicas of the service have written
RETRY_SECONDS = 1.0
SEND_SECONDS = 10.0  # a batch that Kafka has not acknowledged by then is sent again by a new producer
MEASURE_SECONDS, LOOK_SECONDS = 1.0, 5.0

# By id, without a cursor: a transaction that commits late has lower ids than some that are gone already.
_NEXT = select(outbox).order_by(outbox.c.id).limit(BATCH)
_DELETE = delete(outbox).where(outbox.c.id == func.any(bindparam("ids", expanding=False)))
_BACKLOG = select(func.count(), func.min(outbox.c.created_at))


class Relay:
    """Sends one service's outbox. `run` goes on until it is cancelled; trouble with Kafka or database is waited out.

    `state` is `starting`, `sending`, `standing by` (another replica sends) or `Kafka is away`.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self.state = "starting"

    async def run(self) -> None:
        """Relay for ever; a replica that does not get the lock stands by."""
        while True:
            try:
                async with self._database.locked("outbox-relay") as connection:
                    if connection is not None:
                        await self._relay_with(connection)
                    self.state = "standing by"
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("relay lost its database, trying again", error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    async def _relay_with(self, connection: AsyncConnection) -> None:
        """Hold the lock; make a new producer after each Kafka error, as an idempotent one does not recover."""
        try:
            while True:
                producer = AIOKafkaProducer(
                    **connection_settings(self._settings),
                    enable_idempotence=True,
                    linger_ms=5,
                    request_timeout_ms=int(SEND_SECONDS * 1000),
                    max_request_size=1_040_000,
                )
                try:
                    await started(producer.start())
                    self._set_state("sending")
                    await self._send_for_ever(connection, producer)
                except (KafkaError, TimeoutError) as error:
                    self._set_state("Kafka is away")
                    log.warning("relay cannot reach Kafka, events wait in the outbox", error=type(error).__name__)
                finally:
                    await _close(producer)
                await self._measure(connection)
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            # What another relay now sends is not this one's backlog.
            metrics.OUTBOX_ROWS.set(0)
            metrics.OUTBOX_OLDEST_AGE.set(0)

    async def _send_for_ever(self, connection: AsyncConnection, producer: AIOKafkaProducer) -> None:
        loop = asyncio.get_running_loop()
        measured = looked = loop.time()
        while True:
            self._database.signal(WAKES).clear()
            rows = (await connection.execute(_NEXT)).all()
            if rows:
                await self._send(connection, producer, rows)
                looked = loop.time()
            if loop.time() - measured > MEASURE_SECONDS:
                await self._measure(connection)
                measured = loop.time()
            if loop.time() - looked > LOOK_SECONDS:  # with nothing to send, a lost Kafka would go unnoticed
                async with asyncio.timeout(SEND_SECONDS):
                    await producer.client.fetch_all_metadata()
                looked = loop.time()
            if len(rows) < BATCH:
                await self._database.wait_for_signal(WAKES, POLL_SECONDS)

    async def _send(self, connection: AsyncConnection, producer: AIOKafkaProducer, rows: Sequence[Row[Any]]) -> None:
        """Send rows at once and delete those that Kafka acknowledged; raise when one was not, or not in time."""
        # An idempotent producer repeats a send without end. The time limit lets the outbox be measured meanwhile.
        sends: list[asyncio.Future[Any]] = []
        try:
            async with asyncio.timeout(SEND_SECONDS):
                for row in rows:
                    sends.append(await self._send_row(producer, row))  # noqa: PERF401  what was begun counts
                await asyncio.wait(sends)
        finally:
            await self._forget_acknowledged(connection, rows, sends)
        for send in sends:
            send.result()

    async def _send_row(self, producer: AIOKafkaProducer, row: Row[Any]) -> asyncio.Future[Any]:
        sent: asyncio.Future[Any] = await producer.send(
            self._settings.topic_prefix + row.topic,
            row.payload.encode(),
            key=row.key.encode(),
            headers=[(name, value.encode()) for name, value in row.headers.items()],
        )
        return sent

    async def _forget_acknowledged(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]], sends: Sequence[asyncio.Future[Any]]
    ) -> None:
        """Delete the rows Kafka has; of a key, only those before the first it has not."""
        acknowledged, failed_keys = [], set()
        for row, send in zip(rows, sends, strict=False):
            if not send.done() or send.cancelled() or send.exception():
                failed_keys.add((row.topic, row.key))
                metrics.SEND_FAILURES.labels(row.topic).inc()
            elif (row.topic, row.key) not in failed_keys:
                acknowledged.append(row.id)
                metrics.EVENTS_SENT.labels(row.topic).inc()
        if acknowledged:
            await connection.execute(_DELETE, {"ids": acknowledged})

    async def _measure(self, connection: AsyncConnection) -> None:
        rows, oldest = (await connection.execute(_BACKLOG)).one()
        metrics.OUTBOX_ROWS.set(rows)
        metrics.OUTBOX_OLDEST_AGE.set(_age(oldest))

    def _set_state(self, state: str) -> None:
        self.state = state
        metrics.KAFKA_UP.set(int(state == "sending"))


async def _close(producer: AIOKafkaProducer) -> None:
    """Close a producer; one that cannot reach Kafka would first try to send what it has, without end."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await producer.stop()
    except (KafkaError, TimeoutError):
        await producer._sender.close()  # noqa: SLF001  there is no other way to end its background task
        await producer.client.close()


def _age(moment: datetime | None) -> float:
    return max(0.0, (clock.now() - moment).total_seconds()) if moment else 0.0
