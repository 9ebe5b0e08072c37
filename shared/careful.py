"""A Kafka consumer that steps around records which the client library cannot even read, and loses none beside them.

aiokafka decodes the names of headers itself. One that is not UTF-8 makes `getmany` raise, and the good records it
had already taken out of its buffer for that call would be gone with the error. What stands behind such a record in
the same producer's batch cannot be read either and comes as a dead letter each; the relay's batches are their own.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

log = structlog.get_logger()


class UnreadableRecord(ConsumerRecord[bytes, bytes]):  # type: ignore[misc]
    """Stands for a record that could not be read; its bytes stay in Kafka, at this topic, partition and offset."""


class CarefulConsumer(AIOKafkaConsumer):  # type: ignore[misc]
    """Goes back after such an error and then reads one by one until it has found the culprit."""

    _searching = False

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Mapping[TopicPartition, list[ConsumerRecord[Any, Any]]]:
        """Return records by partition; an unreadable one comes alone, as `UnreadableRecord`."""
        if self._searching:
            return await self._one_by_one()
        before = {one: await self.position(one) for one in self.assignment()}
        try:
            found: Mapping[TopicPartition, list[ConsumerRecord[Any, Any]]] = await super().getmany(
                *partitions, timeout_ms=timeout_ms, max_records=max_records
            )
        except UnicodeDecodeError:
            for partition, offset in before.items():
                self.seek(partition, offset)
            self._searching = True
            return await self._one_by_one()
        return found

    async def _one_by_one(self) -> Mapping[TopicPartition, list[ConsumerRecord[Any, Any]]]:
        """Return the next record of the first partition that has one."""
        for partition in sorted(self.assignment()):
            offset, end = await self.position(partition), self.highwater(partition)
            if end is not None and offset >= end:
                continue  # waiting for nothing would cost a second for each record and each such partition
            try:
                found: Mapping[TopicPartition, list[ConsumerRecord[Any, Any]]] = await super().getmany(
                    partition, timeout_ms=1000, max_records=1
                )
            except UnicodeDecodeError:
                log.error("unreadable record", topic=partition.topic, partition=partition.partition, offset=offset)
                self.seek(partition, offset + 1)
                self._searching = False
                return {partition: [_stand_in(partition, offset)]}
            if found:
                return found
        self._searching = False  # nobody is to look again and again for what another replica may have by now
        return {}


def _stand_in(partition: TopicPartition, offset: int) -> UnreadableRecord:
    return UnreadableRecord(
        topic=partition.topic,
        partition=partition.partition,
        offset=offset,
        timestamp=0,
        timestamp_type=0,
        key=None,
        value=None,
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=-1,
        headers=(),
    )
