"""Statistics' tables: facts, unique by event for ever, so that any replay changes nothing."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, MetaData, Table, Text, Uuid

from shared.models import NAMING

metadata = MetaData(naming_convention=NAMING)
Moment = DateTime(timezone=True)

appointment_facts = Table(
    "appointment_facts",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("fact", Text, nullable=False),
    Column("appointment_id", Uuid, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("office_name", Text, nullable=False),
    Column("concern_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("happened_at", Moment, nullable=False),
    CheckConstraint("fact IN ('booked', 'moved', 'cancelled')", name="fact"),
    Index("ix_appointment_facts_happened_at", "tenant", "fact", "happened_at"),
)
