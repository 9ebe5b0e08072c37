"""The AsyncAPI document: complete, consistent, and readable by somebody else's model of AsyncAPI 3."""

from collections.abc import Iterator
from typing import Any

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from jsonschema import Draft7Validator

from deploy.migrate import SERVICES
from docs.generators import asyncapi, topology
from shared.topics import TOPICS

DOCUMENT = asyncapi.document()


def references(part: Any) -> Iterator[str]:
    match part:
        case dict():
            if "$ref" in part:
                yield part["$ref"]
            for value in part.values():
                yield from references(value)
        case list():
            for value in part:
                yield from references(value)


def resolve(reference: str) -> Any:
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert found
    assert all(resolve(reference) is not None for reference in found)


def test_faststream_can_read_it() -> None:
    read = ApplicationSchema.model_validate(DOCUMENT)
    assert read.asyncapi == "3.0.0"
    assert set(read.channels) == {topic.name for topic in TOPICS}


def test_every_topic_is_a_channel_with_all_its_events() -> None:
    told = {name: set(channel["messages"]) for name, channel in DOCUMENT["channels"].items()}
    assert told == {topic.name: {event.type for event in topology.events_in(topic)} for topic in TOPICS}
    assert set(DOCUMENT["components"]["messages"]) == set(topology.EVENTS)


@pytest.mark.parametrize("service", SERVICES)
def test_operations_are_what_the_service_publishes_and_handles(service: str) -> None:
    told: dict[str, set[str]] = {"send": set(), "receive": set()}
    for operation in DOCUMENT["operations"].values():
        if operation["tags"] == [{"name": service}]:
            told[operation["action"]] |= {resolve(ref["$ref"])["$ref"] for ref in operation["messages"]}
    events = {"send": topology.published_by(service), "receive": topology.heard_by(service)}
    assert told == {
        action: {f"#/components/messages/{event.type}" for event in found} for action, found in events.items()
    }


@pytest.mark.parametrize("name", list(topology.EVENTS))
def test_examples_fit_headers_and_payload(name: str) -> None:
    message = DOCUMENT["components"]["messages"][name]
    headers = resolve(message["traits"][0]["$ref"])["headers"]
    for example in message["examples"]:
        Draft7Validator({**message["payload"], "components": DOCUMENT["components"]}).validate(example["payload"])
        Draft7Validator({**headers, "additionalProperties": False}).validate(example["headers"])
