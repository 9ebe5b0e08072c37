"""Who publishes what and who listens to it, as the code says it."""

import importlib
import importlib.util

from deploy.migrate import SERVICES
from shared import contracts
from shared.events import REGISTRY, Event
from shared.topics import TOPICS, Topic

# Only what is published: a test may register events of its own.
EVENTS = {type_: event for type_, event in sorted(REGISTRY.items()) if event.__module__.startswith(contracts.__name__)}


def topic_named(name: str) -> Topic:
    """Return the topic of this name."""
    return next(topic for topic in TOPICS if topic.name == name)


def events_in(topic: Topic) -> list[type[Event]]:
    """Return the events of a topic, by type."""
    return [event for event in EVENTS.values() if event.topic == topic.name]


def published_by(service: str) -> list[type[Event]]:
    """Return the events that a service publishes, by type."""
    return [event for topic in TOPICS if topic.producer == service for event in events_in(topic)]


def heard_by(service: str) -> list[type[Event]]:
    """Return the events that a service has a handler for, by type."""
    module = f"services.{service}.consumers"
    if importlib.util.find_spec(module) is None:
        return []
    return sorted(importlib.import_module(module).HANDLERS, key=lambda event: str(event.type))


def listeners(event: type[Event]) -> list[str]:
    """Return the services that have a handler for an event."""
    return sorted(service for service in SERVICES if event in heard_by(service))
