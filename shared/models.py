"""The tables that every service's database holds for messaging. They carry the tenant but have no policy:
the relay and a batch hold events of several tenants at once.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

Moment = DateTime(timezone=True)

# Events waiting for Kafka. Ids follow each aggregate's history, because its row is locked when they are given.
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("ce_id", Uuid, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

# Ids of the events whose effects are in this database.
inbox = Table(
    "inbox",
    metadata,
    Column("ce_id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Index("ix_inbox_received_at", "received_at"),
)

# The newest version of each aggregate that had an effect here; older events are ignored.
aggregate_versions = Table(
    "aggregate_versions",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("ix_aggregate_versions_seen_at", "seen_at"),
)

# Records that cannot be handled: kept as they came, until someone replays or drops them.
dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", LargeBinary),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary),
    Column("tenant", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("replay_at", Moment),
    UniqueConstraint("topic", "partition", "offset", name="uq_dead_letters_topic_partition_offset"),
)

# Public keys of notifications, as announced in Kafka; a recipient is sealed with the newest.
sealing_keys = Table(
    "sealing_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)
