"""Statistics' tables: facts, unique by event for ever, so that any replay changes nothing."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
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
    Index("ix_appointment_facts_starts_at", "tenant", "starts_at"),
    Index("ix_appointment_facts_appointment_id", "tenant", "appointment_id"),
)

# What has become of an appointment, as the newest event of it told: one row each, and nothing of who noted it. None:
# nothing has, or it was taken back.
appointment_outcomes = Table(
    "appointment_outcomes",
    metadata,
    Column("appointment_id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("office_name", Text, nullable=False),
    Column("concern_id", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("outcome", Text),
    CheckConstraint(
        "outcome IN ('served', 'missed', 'excused', 'cancelled', 'cancelled_late', 'cancelled_by_office')",
        name="outcome",
    ),
    Index("ix_appointment_outcomes_starts_at", "tenant", "starts_at"),
)

# One row for each count that a replica of booking has told: an office, a concern, a minute. A count that was
# published twice has two event ids and one window.
search_facts = Table(
    "search_facts",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("window_id", Uuid, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("office_name", Text, nullable=False),
    Column("concern_id", Text, nullable=False),
    Column("counted_from", Moment, nullable=False),
    Column("counted_to", Moment, nullable=False),
    Column("searches", Integer, nullable=False),
    Column("with_result", Integer, nullable=False),
    Column("days_to_next", JSONB, nullable=False),  # [{"days": …, "searches": …}, …]
    UniqueConstraint("window_id"),
    Index("ix_search_facts_counted_from", "tenant", "counted_from"),
)

# One row for each visit that has ended: of nobody and of no desk. Put back and ended again, the newest version counts.
ticket_facts = Table(
    "ticket_facts",
    metadata,
    Column("ticket_id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("office_name", Text, nullable=False),
    Column("concern_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("passed_on", Boolean, nullable=False),
    Column("arrived_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("called_at", Moment),
    Column("started_at", Moment),
    Column("ended_at", Moment, nullable=False),
    Index("ix_ticket_facts_ended_at", "tenant", "ended_at"),
)

# One row for each state that an application has left: how long it lasted, of nobody.
processing_facts = Table(
    "processing_facts",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("application_id", Uuid, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("benefit_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Index("ix_processing_facts_ended_at", "tenant", "ended_at"),
)
