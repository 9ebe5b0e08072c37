"""Events: a body (pydantic) and an envelope (CloudEvents 1.0, Kafka's binary mode), and the registry of all types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

CLOUDEVENTS_VERSION = "1.0"
REGISTRY: dict[str, type["Event"]] = {}


class BadEvent(Exception):
    """A record that is no event, or not the one it says: redelivering it never helps."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What CloudEvents calls context attributes, read from the headers of a record."""

    id: UUID
    type: str
    source: str
    time: datetime
    subject: str
    tenant: str
    traceparent: str = ""

    def to_headers(self) -> dict[str, str]:
        """Return the record's headers."""
        headers = {
            "ce_specversion": CLOUDEVENTS_VERSION,
            "ce_id": str(self.id),
            "ce_type": self.type,
            "ce_source": self.source,
            "ce_time": self.time.isoformat(),
            "ce_subject": self.subject,
            "ce_tenant": self.tenant,
            "content-type": "application/json",
        }
        return headers | ({"traceparent": self.traceparent} if self.traceparent else {})

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes | None]]) -> Self:
        """Read the headers of a record; raise `BadEvent` when one that is needed is missing or malformed."""
        try:
            read = {name: value.decode() for name, value in headers if value is not None}
            time = datetime.fromisoformat(read["ce_time"])
            if time.tzinfo is None:
                raise BadEvent("header ce_time has no offset from UTC")
            return cls(
                id=UUID(read["ce_id"]),
                type=read["ce_type"],
                source=read["ce_source"],
                time=time,
                subject=read["ce_subject"],
                tenant=read["ce_tenant"],
                traceparent=read.get("traceparent", ""),
            )
        except KeyError as error:
            raise BadEvent(f"header {error.args[0]} is missing") from error
        except UnicodeDecodeError as error:
            raise BadEvent("a header is not UTF-8") from error
        except ValueError as error:
            raise BadEvent(f"a header is malformed: {error}") from error


class Event(BaseModel):
    """Base of all events: something that has happened to one aggregate. Bodies name no person.

    A class says its `type` (with version), the `topic` of its aggregate, and which field is the aggregate's id.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    type: ClassVar[str]
    topic: ClassVar[str]
    key_field: ClassVar[str]
    version: int = Field(ge=1, description="Rises with every event of this aggregate.")
    _envelope: Envelope | None = PrivateAttr(None)

    def __init_subclass__(cls, *, type: str = "", topic: str = "", key: str = "") -> None:  # noqa: A002  as CloudEvents says
        super().__init_subclass__()
        if type:  # a class without is only a base for others
            cls.type, cls.topic, cls.key_field = type, topic, key
            REGISTRY[type] = cls

    @property
    def key(self) -> str:
        """The aggregate's id, which is the key of the Kafka record."""
        return str(getattr(self, self.key_field))

    @property
    def envelope(self) -> Envelope:
        """The envelope of an event that came from Kafka."""
        if self._envelope is None:
            raise RuntimeError("this event was not received but made here")
        return self._envelope


def parse(envelope: Envelope, body: bytes | None, types: Mapping[str, type[Event]] = REGISTRY) -> Event:
    """Read a record's body as the event its envelope names; raise `BadEvent` when it does not fit."""
    try:
        event = types[envelope.type].model_validate_json(body or b"")
    except ValidationError as error:
        # Pydantic's own text would repeat the values, which belong in no log.
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the body"
        raise BadEvent(f"{envelope.type}: {where}: {first['msg']} ({error.error_count()} errors)") from error
    if event.key != envelope.subject:
        raise BadEvent(f"ce_subject is {envelope.subject!r} but the body is about {event.key!r}")
    event._envelope = envelope  # noqa: SLF001  set once, here, where an event is received
    return event
