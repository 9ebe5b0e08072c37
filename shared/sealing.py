"""Sealed recipients: what a message needs to reach a person, readable by notifications alone.

A libsodium sealed box to notifications' public key. Whoever seals cannot open it again; Kafka, statistics and
old outbox rows hold nothing readable, and destroying the private key destroys what was sealed with it.
"""

import base64
import time
from datetime import timedelta

from nacl.public import PublicKey, SealedBox
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from shared import clock
from shared.contracts.notifications import KeyAnnounced
from shared.contracts.values import SealedRecipient
from shared.db import Database, Session
from shared.errors import Unavailable
from shared.events import BadEvent
from shared.models import sealing_keys

CACHE_SECONDS = 30
FUTURE = timedelta(hours=1)  # clocks differ, but not by more


class Recipient(BaseModel):
    """Who gets a message, and the personal values that its text needs (a code, a link)."""

    model_config = ConfigDict(frozen=True)
    email: str
    name: str
    language: str
    values: dict[str, str] = Field(default_factory=dict)


class NoSealingKey(Unavailable):
    """No public key of notifications has arrived yet."""


def seal(recipient: Recipient, key_id: str, public_key: bytes) -> SealedRecipient:
    """Seal a recipient with notifications' public key (32 bytes)."""
    box = SealedBox(PublicKey(public_key)).encrypt(recipient.model_dump_json().encode())
    return SealedRecipient(key_id=key_id, box=base64.b64encode(box).decode())


class SealingKeys:
    """The newest announced key, looked up at most every 30 seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._newest: tuple[str, bytes] | None = None
        self._read_at = 0.0

    async def newest(self) -> tuple[str, bytes]:
        """Return id and public key to seal with; raise `NoSealingKey` while none has been announced."""
        now = time.monotonic()
        if self._newest is None or now - self._read_at > CACHE_SECONDS:
            async with self._database.transaction() as session:
                query = select(sealing_keys).order_by(sealing_keys.c.created_at.desc()).limit(1)
                row = (await session.execute(query)).one_or_none()
            self._newest, self._read_at = (row.key_id, row.public_key) if row else None, now
        if self._newest is None:
            raise NoSealingKey("Messages cannot be prepared yet. Please try again in a minute.")
        return self._newest


async def on_key_announced(event: KeyAnnounced, session: Session) -> None:
    """Store a public key of notifications; a malformed one raises and becomes a dead letter."""
    if event.created_at > clock.now() + FUTURE:
        raise BadEvent(f"sealing key {event.key_id} was made in the future, and would be the newest for ever")
    values = {
        "key_id": event.key_id,
        "public_key": bytes(PublicKey(base64.b64decode(event.public_key, validate=True))),
        "created_at": event.created_at,
    }
    await session.execute(insert(sealing_keys).values(values).on_conflict_do_nothing())
