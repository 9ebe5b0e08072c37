"""Kafka from the outside: raw records in, all records out, and what a group has committed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True)
class Raw:
    """A record as anybody may write it, good or not."""

    topic: str
    key: bytes | None
    headers: Headers
    value: bytes | None
    partition: int | None = None


async def produce(servers: str, records: Iterable[Raw]) -> list[tuple[int, int]]:
    """Write records in their order, those of one partition in one batch where they fit; returns where they are."""
    producer = AIOKafkaProducer(bootstrap_servers=servers, linger_ms=200, max_request_size=1_040_000)
    await producer.start()
    try:
        sent = [
            await producer.send(r.topic, r.value, key=r.key, partition=r.partition, headers=list(r.headers))
            for r in records
        ]
        await producer.flush()
        written = [await future for future in sent]
        return [(record.partition, record.offset) for record in written]
    finally:
        await producer.stop()


async def partitions(servers: str, topic: str) -> list[TopicPartition]:
    """Return the partitions of a topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        [described] = await admin.describe_topics([topic])
        return [TopicPartition(topic, each["partition"]) for each in described["partitions"]]
    finally:
        await admin.close()


async def read_all(servers: str, topic: str) -> list[ConsumerRecord[Any, Any]]:
    """Return all records of a topic, by partition and offset."""
    assigned = await partitions(servers, topic)
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False, fetch_max_wait_ms=50)
    await consumer.start()
    try:
        consumer.assign(assigned)
        ends = await consumer.end_offsets(assigned)
        for each in assigned:
            consumer.seek(each, 0)
        records: list[ConsumerRecord[Any, Any]] = []
        while any([await consumer.position(each) < ends[each] for each in assigned]):
            for found in (await consumer.getmany(timeout_ms=200)).values():
                records += found
        return sorted(records, key=lambda record: (record.partition, record.offset))
    finally:
        await consumer.stop()


async def end_offsets(servers: str, topics: Iterable[str]) -> dict[TopicPartition, int]:
    """Return where each partition of these topics ends."""
    assigned = [each for topic in topics for each in await partitions(servers, topic)]
    consumer = AIOKafkaConsumer(bootstrap_servers=servers)
    await consumer.start()
    try:
        found: dict[TopicPartition, int] = await consumer.end_offsets(assigned)
        return found
    finally:
        await consumer.stop()


async def committed(servers: str, group: str) -> dict[TopicPartition, int]:
    """Return the offsets that a group has committed."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group)
        return {partition: each.offset for partition, each in found.items() if each.offset >= 0}
    finally:
        await admin.close()


async def rewind(servers: str, group: str, topics: Iterable[str]) -> None:
    """Let a group that has no members read these topics from their first record again."""
    assigned = [each for topic in topics for each in await partitions(servers, topic)]
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(assigned)
        await consumer.commit(dict.fromkeys(assigned, 0))
    finally:
        await consumer.stop()
