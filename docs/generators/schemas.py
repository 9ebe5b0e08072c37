"""The stored contract of each event type: its JSON Schema, and an example of a whole record."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic.json_schema import DEFAULT_REF_TEMPLATE

from shared.events import Envelope, Event

FOLDER = Path("shared/contracts/schemas")
DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_ID = "01939b2e-7c00-7000-8000-000000000001"
_MOMENT = "2026-11-24T09:30:00Z"
_BY_FORMAT = {"uuid": _ID, "date-time": _MOMENT}


def schema_file(type_: str) -> Path:
    """Return where the schema of an event type is stored."""
    return FOLDER / f"{type_}.json"


def example_file(type_: str) -> Path:
    """Return where the example of an event type is stored."""
    return FOLDER / f"{type_}.example.json"


def body_schema(event: type[Event], ref_template: str = DEFAULT_REF_TEMPLATE) -> Schema:
    """Return the JSON Schema of an event's body, as consumers read it."""
    return event.model_json_schema(mode="validation", ref_template=ref_template)


def stored_schema(event: type[Event]) -> Schema:
    """Return what is stored: the body's schema, and the topic and key that consumers rely on as well."""
    head = {"$schema": DIALECT, "$id": f"urn:buergernah:event:{event.type}"}
    return {**head, "x-topic": event.topic, "x-key": event.key_field, **body_schema(event)}


def read(file: Path) -> Schema:
    """Return the JSON object in a file."""
    found: Schema = json.loads(file.read_text(encoding="utf-8"))
    return found


def draft_example(event: type[Event]) -> Schema:
    """Return a first example of a record: valid, and waiting for somebody to put in sensible values."""
    schema = body_schema(event)
    payload = _value(schema, schema.get("$defs", {}), "")
    envelope = Envelope(
        id=UUID(_ID),
        type=event.type,
        source=f"/{event.topic.partition('.')[0]}",
        time=datetime.fromisoformat(_MOMENT),
        subject=str(payload[event.key_field]),
        tenant="musterstadt",
    )
    return {"headers": envelope.to_headers(), "payload": payload}


def _value(schema: Schema, defs: Schema, name: str) -> Any:  # noqa: ANN401  any JSON
    match schema:
        case {"$ref": ref}:
            value = _value(defs[ref.rpartition("/")[2]], defs, name)
        case {"anyOf": [part, *_]}:
            value = _value(part, defs, name)
        case {"const": value} | {"enum": [value, *_]}:
            pass
        case {"properties": properties}:
            value = {key: _value(part, defs, key) for key, part in properties.items()}
        case {"type": "object", "additionalProperties": part}:
            value = {"de": _value(part, defs, name)}
        case {"type": "array", "items": part}:
            value = [_value(part, defs, name)]
        case {"type": "boolean"}:
            value = True
        case {"type": "integer"}:
            value = schema.get("minimum", 1)
        case _:
            value = _BY_FORMAT.get(schema.get("format", ""), name)
    return value
