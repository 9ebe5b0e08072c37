"""Every Kafka topic of the system, and the step that creates and checks them."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from shared.kafka import connection_settings
from shared.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True)
class Topic:
    """One topic: its aggregate, the service that alone publishes to it, and its partitions."""

    name: str
    producer: str
    about: str
    partitions: int = 12


TOPICS = (
    Topic("booking.appointment", "booking", "Appointments, from booking to what became of them."),
    Topic("booking.ticket", "booking", "Tickets of people who wait at an office, from the arrival to the end."),
    Topic("booking.office", "booking", "Offices: what was searched for there, counted by the minute."),
    Topic("applications.application", "applications", "Applications, from coming in to the decision, and papers."),
    Topic("notifications.message", "notifications", "Messages to people: handed over, or given up."),
    Topic("notifications.key", "notifications", "Public keys that recipients are sealed with.", partitions=1),
    Topic("gateway.switch", "gateway", "What is switched on or off, for a tenant or one office.", partitions=1),
)

# The log is the history: kept for ever, never compacted. It holds no readable person.
CONFIG = {"cleanup.policy": "delete", "retention.ms": "-1"}


class TopicsDiffer(Exception):
    """A topic exists with other properties than it must have."""


async def ensure(settings: Settings, wanted: Sequence[Topic] = TOPICS) -> None:
    """Create the topics that are missing; raise `TopicsDiffer` when one has other partitions or another policy."""
    admin = AIOKafkaAdminClient(**connection_settings(settings))
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        names = {topic: settings.topic_prefix + topic.name for topic in wanted}
        missing = [
            NewTopic(name, topic.partitions, settings.topic_replication, topic_configs=CONFIG)
            for topic, name in names.items()
            if name not in existing
        ]
        if missing:
            answer = await admin.create_topics(missing)
            for name, code, *message in answer.topic_errors:
                if code and for_code(code).__name__ != "TopicAlreadyExistsError":
                    raise TopicsDiffer(f"Kafka refused to create topic {name}: {for_code(code).__name__} {message}")
                log.info("topic created", topic=name)
        await _check(admin, {name: topic for topic, name in names.items()})
        # Kafka makes its own topic for consumer groups when first asked for one: better now than when all start.
        with contextlib.suppress(KafkaError):
            await admin.find_coordinator(settings.service or "buergernah")
    finally:
        await admin.close()


async def _check(admin: AIOKafkaAdminClient, topics: dict[str, Topic]) -> None:
    for found in await admin.describe_topics(list(topics)):
        if found["error_code"]:
            continue  # just created, not yet known to every broker
        name, wanted = found["topic"], topics[found["topic"]].partitions
        if len(found["partitions"]) != wanted:
            raise TopicsDiffer(
                f"Topic {name} has {len(found['partitions'])} partitions and needs {wanted}. "
                "Events would lose their order if they were added now: move the topic away and replay it."
            )
    for name in topics:
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
        for resource in answer.resources:
            for key, value, *_ in resource[-1]:
                if key in CONFIG and value != CONFIG[key]:
                    raise TopicsDiffer(
                        f"Topic {name} has {key}={value} and needs {CONFIG[key]}: events would be lost. "
                        "Change it with kafka-configs.sh."
                    )
