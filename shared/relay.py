"""The relay: sends what waits in the outbox to Kafka, in order per key, at least once. Nothing else publishes.

One relay of a service is active: the one whose connection holds an advisory lock. It reads and deletes on that
same connection, so losing the lock means losing the work as well, and a second relay never sends beside it.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy import bindparam, delete, func, select, text
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import clock, metrics
from shared.db import Database, is_transient
from shared.kafka import connection_settings
from shared.models import outbox
from shared.outbox import WAKES
from shared.settings import Settings

log = structlog.get_logger()

BATCH = 500
POLL_SECONDS = 0.1  # behind the wake-up: finds what other replicas of the service have written
RETRY_SECONDS = 1.0

_TRY_LOCK = text("SELECT pg_try_advisory_lock(hashtextextended('outbox-relay', 0))")
# By id, without a cursor: a transaction that commits late has lower ids than some that are gone already.
_NEXT = select(outbox).order_by(outbox.c.id).limit(BATCH)
_DELETE = delete(outbox).where(outbox.c.id == func.any(bindparam("ids", expanding=False)))
_BACKLOG = select(func.count(), func.min(outbox.c.created_at))


class Relay:
    """Sends one service's outbox. `run` goes on until it is cancelled; trouble with Kafka or database is waited out."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self.kafka_up = False

    async def run(self) -> None:
        """Relay for ever; a replica that does not get the lock stands by."""
        while True:
            try:
                async with self._database.engine.connect() as plain:
                    connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
                    if (await connection.execute(_TRY_LOCK)).scalar_one():
                        await self._relay_with(connection)
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
                    request_timeout_ms=10_000,
                    max_request_size=1_040_000,
                )
                try:
                    await producer.start()
                    self._set_kafka_up(up=True)
                    await self._send_for_ever(connection, producer)
                except KafkaError as error:
                    self._set_kafka_up(up=False)
                    log.warning("relay cannot reach Kafka, events wait in the outbox", error=type(error).__name__)
                finally:
                    with contextlib.suppress(KafkaError):
                        await producer.stop()
                await self._measure(connection)
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            # Closing the connection alone would return it to the pool with the lock still held.
            await connection.invalidate()

    async def _send_for_ever(self, connection: AsyncConnection, producer: AIOKafkaProducer) -> None:
        measured = 0.0
        while True:
            self._database.signal(WAKES).clear()
            rows = (await connection.execute(_NEXT)).all()
            if rows:
                await self._send(connection, producer, rows)
            if (now := asyncio.get_running_loop().time()) - measured > 1:
                await self._measure(connection)
                measured = now
            if len(rows) < BATCH:
                await self._database.wait_for_signal(WAKES, POLL_SECONDS)

    async def _send(self, connection: AsyncConnection, producer: AIOKafkaProducer, rows: Sequence[Row[Any]]) -> None:
        futures = [
            await producer.send(
                self._settings.topic_prefix + row.topic,
                row.payload.encode(),
                key=row.key.encode(),
                headers=[(name, value.encode()) for name, value in row.headers.items()],
            )
            for row in rows
        ]
        results = await asyncio.gather(*futures, return_exceptions=True)
        acknowledged, failed_keys = [], set()
        for row, result in zip(rows, results, strict=True):
            if isinstance(result, BaseException):
                failed_keys.add((row.topic, row.key))
                metrics.SEND_FAILURES.labels(row.topic).inc()
            elif (row.topic, row.key) not in failed_keys:
                acknowledged.append(row.id)
                metrics.EVENTS_SENT.labels(row.topic).inc()
        if acknowledged:
            await connection.execute(_DELETE, {"ids": acknowledged})
        if failed := [result for result in results if isinstance(result, BaseException)]:
            raise failed[0]

    async def _measure(self, connection: AsyncConnection) -> None:
        rows, oldest = (await connection.execute(_BACKLOG)).one()
        metrics.OUTBOX_ROWS.set(rows)
        metrics.OUTBOX_OLDEST_AGE.set(_age(oldest))

    def _set_kafka_up(self, *, up: bool) -> None:
        self.kafka_up = up
        metrics.KAFKA_UP.labels("relay").set(int(up))


def _age(moment: datetime | None) -> float:
    return max(0.0, (clock.now() - moment).total_seconds()) if moment else 0.0
