"""`docs/asyncapi.json`: all topics and events as AsyncAPI 3, for tools. FastStream's own knows no batch payloads."""

import tomllib
from pathlib import Path
from typing import Any

from deploy.migrate import SERVICES
from docs.generators import schemas, topology
from shared.events import CLOUDEVENTS_VERSION, Event
from shared.topics import CONFIG, TOPICS, Topic

Document = dict[str, Any]

SCHEMA_REF = "#/components/schemas/{model}"

DESCRIPTION = (
    "The events with which the services of Bürgernah tell each other what has happened. One topic per aggregate, "
    "key = id of the aggregate, CloudEvents 1.0 in Kafka's binary mode, JSON bodies that name no person. "
    "An installation may put a prefix before all topic and group names (TOPIC_PREFIX)."
)

HEADERS: dict[str, tuple[str, Document]] = {
    "ce_specversion": ("Version of CloudEvents.", {"const": CLOUDEVENTS_VERSION}),
    "ce_id": ("Id of the event (UUIDv7); a second delivery has the same.", {"format": "uuid"}),
    "ce_type": ("What has happened, with the version of its form.", {}),
    "ce_source": ("Who says so: `/` and the service.", {}),
    "ce_time": ("When it was written, with offset from UTC.", {"format": "date-time"}),
    "ce_subject": ("Id of the aggregate; the same as the record's key.", {}),
    "ce_tenant": ("Which Jobcenter it belongs to; empty when it belongs to all.", {}),
    "content-type": ("How the body is written.", {"const": "application/json"}),
    "traceparent": ("W3C trace context of the request that caused it; may be missing.", {}),
}
OPTIONAL_HEADERS = {"traceparent"}


def document() -> Document:
    """Return the whole description."""
    events = [event for topic in TOPICS for event in topology.events_in(topic)]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Bürgernah events",
            "version": _version(),
            "description": DESCRIPTION,
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": _operations(),
        "components": {
            "messages": {event.type: _message(event) for event in events},
            "messageTraits": {"cloudEvent": {"headers": _headers()}},
            "schemas": _schemas(events),
        },
    }


def _version() -> str:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def _channel(topic: Topic) -> Document:
    return {
        "address": topic.name,
        "description": topic.about,
        "messages": {event.type: _ref("components", "messages", event.type) for event in topology.events_in(topic)},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [CONFIG["cleanup.policy"]],
                    "retention.ms": int(CONFIG["retention.ms"]),
                },
            }
        },
    }


def _operations() -> Document:
    operations = {}
    for service in SERVICES:
        for action, events in (("send", topology.published_by(service)), ("receive", topology.heard_by(service))):
            for topic in sorted({event.topic for event in events}):
                operations[f"{service}.{action}.{topic}"] = {
                    "action": action,
                    "channel": _ref("channels", topic),
                    "summary": f"{service} {'publishes to' if action == 'send' else 'listens to'} {topic}.",
                    "tags": [{"name": service}],
                    "messages": [_ref("channels", topic, "messages", e.type) for e in events if e.topic == topic],
                    **({"bindings": _group(service)} if action == "receive" else {}),
                }
    return operations


def _group(service: str) -> Document:
    return {"kafka": {"groupId": {"type": "string", "const": service}}}


def _message(event: type[Event]) -> Document:
    schema = schemas.body_schema(event)
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": schema["description"],
        "traits": [_ref("components", "messageTraits", "cloudEvent")],
        "payload": _ref("components", "schemas", event.__name__),
        "bindings": {"kafka": {"key": {"type": "string", "description": f"The body's `{event.key_field}`."}}},
        "examples": [schemas.read(schemas.example_file(event.type))],
    }


def _headers() -> Document:
    properties = {name: {"type": "string", "description": text, **more} for name, (text, more) in HEADERS.items()}
    return {"type": "object", "properties": properties, "required": [n for n in HEADERS if n not in OPTIONAL_HEADERS]}


def _schemas(events: list[type[Event]]) -> Document:
    """Return all bodies and the values in them, each once; a name that means two things is a fault."""
    found: Document = {}
    for event in events:
        schema = schemas.body_schema(event, SCHEMA_REF)
        for name, part in {**schema.pop("$defs", {}), event.__name__: schema}.items():
            if found.setdefault(name, part) != part:
                raise ValueError(f"two different schemas are called {name}: rename one of the classes")
    return dict(sorted(found.items()))


def _ref(*path: str) -> Document:
    return {"$ref": "#/" + "/".join(path)}
