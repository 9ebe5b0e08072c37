"""Waiting until a service has read everything there is in its topics."""

from importlib import import_module

from aiokafka import TopicPartition

from tests.harness import kafka
from tests.harness.installation import Installation
from tests.harness.waiting import eventually


def topics_of(installation: Installation, service: str) -> list[str]:
    """Return the topics a service listens to, with the installation's prefix."""
    handlers = import_module(f"services.{service}.consumers").HANDLERS
    return sorted({f"{installation.name}.{handled.topic}" for handled in handlers})


async def caught_up(installation: Installation, *services: str, within: float = 30) -> None:
    """Return when Kafka holds the offsets of these services at the end of each of their topics."""
    for service in services:
        ends = await kafka.end_offsets(installation.kafka, topics_of(installation, service))

        async def behind(service: str = service, ends: dict[TopicPartition, int] = ends) -> bool:
            offsets = await kafka.committed(installation.kafka, f"{installation.name}.{service}")
            return all(offsets.get(partition, 0) >= end for partition, end in ends.items())

        await eventually(behind, within=within, every=0.2)


async def rewind(installation: Installation, *services: str) -> None:
    """Let services that are stopped read all their topics again from the first record."""
    for service in services:
        await kafka.rewind(installation.kafka, f"{installation.name}.{service}", topics_of(installation, service))
