"""Booking's tables. All carry the tenant and are under row-level security."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from shared.models import NAMING

metadata = MetaData(naming_convention=NAMING)
Moment = DateTime(timezone=True)

offices = Table(
    "offices",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("address", JSONB, nullable=False),
    Column("phone", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("land", Text, nullable=False),
    Column("position", Integer, nullable=False),
)

concerns = Table(
    "concerns",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", JSONB, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("lead_days", Integer, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("papers", JSONB, nullable=False),
    Column("position", Integer, nullable=False),
    CheckConstraint("minutes > 0 AND lead_days >= 0 AND horizon_days >= lead_days", name="sensible"),
)

# Desk ids are unique across tenants: the exclusion constraint below ignores policies.
desks = Table(
    "desks",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("team_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    ForeignKeyConstraint(["tenant", "office_id"], ["offices.tenant", "offices.id"]),
    UniqueConstraint("tenant", "office_id", "team_id", "name"),
)

# An opening plan is published as a whole and never changed: the newest version is in force.
plans = Table(
    "plans",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("office_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", JSONB, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    ForeignKeyConstraint(["tenant", "office_id"], ["offices.tenant", "offices.id"]),
)

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
    ForeignKeyConstraint(["tenant", "office_id"], ["offices.tenant", "offices.id"]),
    ForeignKeyConstraint(["tenant", "concern_id"], ["concerns.tenant", "concerns.id"]),
    UniqueConstraint("tenant", "idempotency_key"),
    UniqueConstraint("tenant", "number", name="uq_appointments_number"),
    CheckConstraint("state IN ('booked', 'cancelled')", name="state"),
    CheckConstraint("mail IN ('none', 'waiting', 'sent', 'failed')", name="mail"),
    Index("ix_appointments_to_erase", "tenant", "ends_at", postgresql_where=text("erased_at IS NULL")),
)

# What an appointment takes: a desk for a time. The constraint is the whole guarantee against double booking.
# `int4range` of one number, because plain `=` in a GiST index needs an extension.
occupancies = Table(
    "occupancies",
    metadata,
    Column("appointment_id", Uuid, ForeignKey("appointments.id", ondelete="CASCADE"), primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("desk_id", Integer, ForeignKey("desks.id"), nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("during", TSTZRANGE, Computed("tstzrange(starts_at, ends_at)", persisted=True)),
    ExcludeConstraint(
        (text("int4range(desk_id, desk_id, '[]')"), "&&"), ("during", "&&"), using="gist", name="no_desk_twice"
    ),
    # For reading: under row-level security the GiST index is not used, as range operators are not leakproof.
    Index("ix_occupancies_desk", "tenant", "desk_id", "starts_at"),
)
