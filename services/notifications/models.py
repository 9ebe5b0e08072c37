"""Notifications' tables."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.models import NAMING

metadata = MetaData(naming_convention=NAMING)
Moment = DateTime(timezone=True)

# A message to one person; `box` is sealed, and empty once it is no longer needed. Under row-level security.
messages = Table(
    "messages",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("about", Uuid, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("box", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("traceparent", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    UniqueConstraint("event_id"),
    CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state"),
    Index("ix_messages_ended_at", "tenant", "ended_at"),
)

WAKES = "due-messages"  # the signal of a transaction that adds to the following table

# What is to be sent when. Narrow and without a policy: work is found across tenants, and done under its tenant.
due_messages = Table(
    "due_messages",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("message_id", Uuid, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("tenant", Text, nullable=False),
    Column("about", Uuid, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("claimed_until", Moment),
    UniqueConstraint("message_id"),
    Index("ix_due_messages_due_at", "due_at"),
    Index("ix_due_messages_about", "about", "id"),
)

# The newest that was heard of each application: what a mail about it says, when it is sent. Under row-level security.
application_states = Table(
    "application_states",
    metadata,
    Column("application_id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("content", JSONB, nullable=False),
    Index("ix_application_states_as_of", "tenant", "as_of"),
)

# The public keys this service has announced, so that each is announced once.
announced_keys = Table(
    "announced_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("announced_at", Moment, nullable=False),
)
