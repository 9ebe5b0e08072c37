"""The events: their names, keys and examples, and that no body names a person."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from docs.generators import schemas, topology
from shared.events import Envelope, Event, parse
from shared.topics import TOPICS

EVENTS = list(topology.EVENTS.values())
EXAMPLES = sorted(schemas.FOLDER.glob("*.example*.json"))

PAST_TENSE = (
    "Announced", "Arrived", "Booked", "Called", "Cancelled", "Changed", "Closed", "Counted",
    "Decided", "Excused", "Failed", "Inquired", "Issued", "Missed", "Moved", "Offered",
    "Received", "Rejected", "Requested", "Sent", "Served", "Set", "Withdrawn",
)  # fmt: skip

# What tells who somebody is or opens what is theirs, wherever it stands in a field's name.
PERSONAL = {
    "address", "birth", "birthday", "birthdate", "city", "code", "email", "firstname", "gender", "language",
    "lastname", "link", "mail", "name", "nationality", "password", "phone", "postcode", "secret", "street", "surname",
    "token", "zip",
}  # fmt: skip
OF_PLACES = {("Office", field) for field in ("name", "address", "phone")}
OF_PLACES |= {("Concern", "name"), ("Paper", "name")}
OF_PLACES |= {("Address", field) for field in ("street", "postcode", "city")}


def each_event() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)


def personal_fields(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield model and name of each field that could name a person."""
    for model, part in {schema["title"]: schema, **schema.get("$defs", {})}.items():
        for field in part.get("properties", ()):
            if PERSONAL & set(field.lower().split("_")) and (model, field) not in OF_PLACES:
                yield model, field


@each_event()
def test_a_type_names_service_and_fact_and_version(event: type[Event]) -> None:
    words = re.sub(r"(?<!^)(?=[A-Z])", "-", event.__name__).lower()
    assert re.fullmatch(rf"[a-z]+\.{words}\.v[1-9][0-9]*", event.type)


@each_event()
def test_a_class_is_named_in_the_past_tense(event: type[Event]) -> None:
    assert event.__name__.endswith(PAST_TENSE)


@each_event()
def test_the_topic_belongs_to_the_service_that_publishes(event: type[Event]) -> None:
    service = event.type.partition(".")[0]
    topic = topology.topic_named(event.topic)
    assert topic.producer == service
    assert topic.name.startswith(f"{service}.")
    assert event.__module__ == f"shared.contracts.{service}"


def test_every_topic_has_events() -> None:
    assert [topic.name for topic in TOPICS if not topology.events_in(topic)] == []


@each_event()
def test_the_key_is_part_of_the_body(event: type[Event]) -> None:
    assert event.model_fields[event.key_field].is_required()


@each_event()
def test_a_docstring_says_what_has_happened(event: type[Event]) -> None:
    assert event.__doc__
    assert event.__doc__.rstrip().endswith(".")


@each_event()
def test_no_body_names_a_person(event: type[Event]) -> None:
    assert list(personal_fields(schemas.body_schema(event))) == []


def test_a_body_that_names_a_person_would_be_found() -> None:
    class NameTold(Event):
        """Names a person."""

        citizen_name: str
        birth_date: str
        office: str

    assert list(personal_fields(schemas.body_schema(NameTold))) == [
        ("NameTold", "citizen_name"),
        ("NameTold", "birth_date"),
    ]


@each_event()
def test_there_is_an_example(event: type[Event]) -> None:
    assert schemas.example_file(event.type) in EXAMPLES


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_every_stored_example_can_still_be_read_and_comes_back_as_it_was(file: Any) -> None:
    example = schemas.read(file)
    headers = [(name, value.encode()) for name, value in example["headers"].items()]
    event = parse(Envelope.from_headers(headers), json.dumps(example["payload"]).encode())
    assert file.name.startswith(f"{event.type}.example")
    assert event.envelope.to_headers() == example["headers"]
    again = event.model_dump(mode="json", include=_shape(example["payload"]))
    assert again == example["payload"]
    stored = schemas.read(schemas.schema_file(event.type))
    Draft202012Validator.check_schema(stored)
    Draft202012Validator(stored).validate(example["payload"])


def _shape(value: Any) -> Any:
    """Return the fields of a body, so that one added since then does not count."""
    return {name: _shape(part) for name, part in value.items()} if isinstance(value, dict) else True


@each_event()
def test_a_first_draft_of_an_example_is_valid(event: type[Event]) -> None:
    Draft202012Validator(schemas.body_schema(event)).validate(schemas.draft_example(event)["payload"])
