"""Appointments, and what belongs to them: the desk they take, holds, the waitlist, limits."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, ExcludeConstraint

from services.booking.models.base import Moment, metadata

appointments = Table(
    "appointments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("concern_id", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("name", Text),
    Column("birth_date", Date),
    Column("email", Text),
    Column("language", Text, nullable=False),
    Column("mail", Text, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("booked_at", Moment, nullable=False),
    Column("cancelled_at", Moment),
    Column("erased_at", Moment),
    Column("also_ids", ARRAY(Text), nullable=False, server_default=text("'{}'")),  # further concerns, in their order
    Column("kind", Text, nullable=False, server_default="office"),
    Column("call_number", Text),
    Column("confirm_until", Moment),
    # What somebody needs is health data: it goes right after the appointment.
    Column("interpreter", Text),
    Column("needs", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    # Given by staff although no desk was free: it has no row in `occupancies`.
    Column("overbooked", Boolean, nullable=False, server_default=text("false")),
    # Cancelled as by the plan nobody is there any more, and no mail can say so: somebody has to call.
    Column("to_phone", Boolean, nullable=False, server_default=text("false")),
    Column("cancelled_by", Text),
    Column("outcome", Text),  # of a booked one, afterwards; none: the person did not come, or it is not known
    ForeignKeyConstraint(["tenant", "office_id"], ["offices.tenant", "offices.id"]),
    ForeignKeyConstraint(["tenant", "concern_id"], ["concerns.tenant", "concerns.id"]),
    UniqueConstraint("tenant", "idempotency_key"),
    UniqueConstraint("tenant", "number", name="uq_appointments_number"),
    CheckConstraint("state IN ('unconfirmed', 'booked', 'cancelled')", name="state"),
    CheckConstraint("kind IN ('office', 'phone', 'video')", name="kind"),
    CheckConstraint("mail IN ('none', 'waiting', 'sent', 'failed')", name="mail"),
    CheckConstraint("cancelled_by IN ('citizen', 'office')", name="cancelled_by"),
    CheckConstraint("outcome IN ('served', 'missed', 'excused')", name="outcome"),
    Index("ix_appointments_to_erase", "tenant", "ends_at", postgresql_where=text("erased_at IS NULL")),
    Index("ix_appointments_day", "tenant", "office_id", "starts_at"),
)

# A time that is kept free until a moment: for whoever fills in the form, for somebody it was offered to, or for nobody,
# after a cancellation. When the moment has passed it is free, whether or not anything runs.
holds = Table(
    "holds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("concern_ids", ARRAY(Text), nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("held_until", Moment, nullable=False),
    Column("extended", Integer, nullable=False),
    Column("holder", LargeBinary),  # keyed hash of what names the browser
    Column("appointment_id", Uuid, ForeignKey("appointments.id", ondelete="CASCADE")),
    Column("answer", Text),
    UniqueConstraint("tenant", "holder"),
    CheckConstraint("purpose IN ('form', 'offer', 'returned')", name="purpose"),
    CheckConstraint("answer IN ('accepted', 'declined')", name="answer"),
    CheckConstraint("(purpose = 'form') = (holder IS NOT NULL)", name="holder"),
    Index("ix_holds_held_until", "tenant", "held_until"),
    Index("ix_holds_appointment_id", "appointment_id"),
)

# What an appointment or a hold takes: a desk for a time. The constraint is the whole guarantee against double booking.
# `int4range` of one number, because plain `=` in a GiST index needs an extension.
occupancies = Table(
    "occupancies",
    metadata,
    Column("appointment_id", Uuid, ForeignKey("appointments.id", ondelete="CASCADE"), unique=True),
    Column("tenant", Text, nullable=False),
    Column("desk_id", Integer, ForeignKey("desks.id"), nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("during", TSTZRANGE, Computed("tstzrange(starts_at, ends_at)", persisted=True)),
    Column("hold_id", Uuid, ForeignKey("holds.id", ondelete="CASCADE"), unique=True),
    Column("held_until", Moment),
    CheckConstraint("num_nonnulls(appointment_id, hold_id) = 1", name="one_owner"),
    CheckConstraint("hold_id IS NULL OR held_until IS NOT NULL", name="holds_end"),
    ExcludeConstraint(
        (text("int4range(desk_id, desk_id, '[]')"), "&&"), ("during", "&&"), using="gist", name="no_desk_twice"
    ),
    # For reading, from the index alone: under row-level security the GiST index is not used, as range operators are
    # not leakproof.
    Index("ix_occupancies_busy", "tenant", "desk_id", "starts_at", postgresql_include=["ends_at", "held_until"]),
)

# Who would come earlier, in the order in which they asked.
waitlist = Table(
    "waitlist",
    metadata,
    Column("appointment_id", Uuid, ForeignKey("appointments.id", ondelete="CASCADE"), primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("joined_at", Moment, nullable=False),
    # The day of the last offer, in the office's zone. Holds tell it too, but of a row that was changed meanwhile,
    # PostgreSQL looks again at the row alone: without this, two at once would offer to the same person.
    Column("offered_on", Date),
    Index("ix_waitlist_joined_at", "tenant", "office_id", "joined_at"),
)

# The active appointments of a person for a concern, counted by constraint: each takes one of the numbers up to the
# limit. The person is a keyed hash of what was given.
person_claims = Table(
    "person_claims",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("concern_id", Text, primary_key=True),
    Column("person", LargeBinary, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("appointment_id", Uuid, ForeignKey("appointments.id", ondelete="CASCADE"), nullable=False),
    Column("active_until", Moment, nullable=False),
    Index("ix_person_claims_appointment_id", "appointment_id"),
)
