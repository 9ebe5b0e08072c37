"""Events of notifications."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events import Event


class MessageSent(Event, type="notifications.message-sent.v1", topic="notifications.message", key="message_id"):
    """A message was handed to the mail server, which accepted it."""

    message_id: UUID
    kind: str = Field(description="Which message, for example `appointment-booked`.")
    about: UUID = Field(description="The aggregate it is about, for example the appointment.")
    event_id: UUID = Field(description="The event that caused it.")
    channel: Literal["email"]
    sent_at: AwareDatetime


class MessageFailed(Event, type="notifications.message-failed.v1", topic="notifications.message", key="message_id"):
    """A message could not be delivered and will not be tried again."""

    message_id: UUID
    kind: str
    about: UUID
    event_id: UUID
    channel: Literal["email"]
    failed_at: AwareDatetime
    reason: Literal["refused", "unreadable", "expired"] = Field(
        description="refused by the mail server; its sealing key is gone; tried for too long."
    )


class KeyAnnounced(Event, type="notifications.key-announced.v1", topic="notifications.key", key="key_id"):
    """A public key to seal recipients with; the newest is to be used."""

    key_id: str
    public_key: str = Field(description="X25519 public key, 32 bytes in base64.")
    created_at: AwareDatetime
