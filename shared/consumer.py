"""The consumer: reads all topics of a service in batches and hands them to its inbox, then commits the offsets."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from shared import metrics
from shared.careful import CarefulConsumer
from shared.db import Database
from shared.inbox import Handlers, Inbox, TooManyDeadLetters
from shared.kafka import faststream_security, started
from shared.settings import Settings

log = structlog.get_logger()

BATCH, BATCH_TIMEOUT_MS = 500, 50
RETRY_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 10.0


class Consumer:
    """Runs one FastStream subscriber for all topics of a service."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        handlers: Handlers,
        *,
        versioned: bool = True,
        max_age: timedelta | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._topics = sorted({settings.topic_prefix + handled.topic for handled in handlers})
        self.inbox = Inbox(
            database, handlers, versioned=versioned, max_age=max_age, dead_letter_limit=settings.dead_letter_limit
        )
        self._failures = 0
        self._halt = asyncio.Event()

    @property
    def halted(self) -> bool:
        """Whether a run of dead letters has stopped it."""
        return self._halt.is_set()

    async def run(self) -> None:
        """Consume for ever. After too many dead letters it stops reading but does not return: liveness says so."""
        while True:
            broker = self._broker()
            try:
                await broker.connect()
                # FastStream makes its consumer with this; there is no public way to give it another class.
                config: Any = broker.config.broker_config
                config.builder = partial(CarefulConsumer, **config.builder.keywords)
                await started(broker.start())
                log.info("consuming", topics=self._topics)
                await self._watch()
            except (KafkaError, OSError) as error:
                log.warning("consumer cannot reach Kafka, trying again", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                await broker.stop()
            if self.halted:
                metrics.CONSUMER_HALTED.set(1)
                log.critical("consumer stopped: too many dead letters in a row; repair the release and restart")
                await asyncio.Event().wait()

    def _broker(self) -> KafkaBroker:
        broker = KafkaBroker(
            self._settings.kafka_bootstrap_servers.split(","),
            client_id=self._settings.service,
            security=faststream_security(self._settings),
            consumer_only=True,
            metadata_max_age_ms=30_000,
            allow_auto_create_topics=False,
            apply_types=False,
            logger=None,
            graceful_timeout=10,
        )
        session_timeout = int(self._settings.kafka_session_timeout_seconds * 1000)
        subscriber = broker.subscriber(
            *self._topics,
            group_id=self._settings.topic_prefix + self._settings.service,
            group_instance_id=self._settings.kafka_group_instance_id,
            batch=True,
            max_records=BATCH,
            batch_timeout_ms=BATCH_TIMEOUT_MS,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            auto_offset_reset="earliest",
            session_timeout_ms=session_timeout,
            heartbeat_interval_ms=session_timeout // 4,
            parser=self._pass_through,
            decoder=_raw_records,
        )
        self._subscriber = subscriber
        subscriber(self._on_batch)
        return broker

    async def _pass_through(self, records: tuple[ConsumerRecord[Any, Any], ...]) -> KafkaAckableMessage:
        # FastStream's own batch parser decodes every header first: one that is null or not UTF-8 would make it
        # drop the whole batch. Here the records reach the inbox untouched, and it judges each alone.
        return KafkaAckableMessage(
            body=b"", headers={}, batch_headers=[], raw_message=records, consumer=self._subscriber.consumer
        )

    async def _on_batch(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        try:
            await self.inbox.handle(records)
            self._failures = 0
        except TooManyDeadLetters:
            self._halt.set()
            raise
        except Exception as error:
            # FastStream seeks back and reads the same records again at once, so the waiting is done here.
            self._failures += 1
            metrics.EVENTS_FAILED.labels(type(error).__name__).inc()
            log.warning("batch rolled back, it will come again", error=type(error).__name__, failures=self._failures)
            await asyncio.sleep(min(0.2 * 2 ** min(self._failures, 10), LONGEST_BACKOFF_SECONDS))
            raise

    async def _watch(self) -> None:
        """Until halted: export the lag, which no library does."""
        while not self.halted:
            for task in self._subscriber.tasks:
                # FastStream would start a failed loop again at once, without a word.
                if task.done() and not task.cancelled() and (error := task.exception()):
                    raise error
            # Not `wait_for`: in Python 3.11 it loses a cancellation that comes as what it waits for ends.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await self._measure_lag()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await self._halt.wait()

    async def _measure_lag(self) -> None:
        consumer = self._subscriber.consumer
        if consumer is None:
            return
        lags = dict.fromkeys(self._topics, 0)
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            if end is not None:
                lags[partition.topic] += max(0, end - await consumer.position(partition))
        for topic, lag in lags.items():
            metrics.CONSUMER_LAG.labels(topic).set(lag)


def _raw_records(message: KafkaAckableMessage) -> Any:  # noqa: ANN401  FastStream hands on what a decoder returns
    return message.raw_message
