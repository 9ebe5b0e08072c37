"""The queue at an office: tickets, and the desks that are open."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Interval,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)

from services.booking.models.base import Moment, metadata

# Everybody who is at an office today, with or without an appointment. After the day only times are left.
tickets = Table(
    "tickets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("day", Date, nullable=False),  # in the office's zone
    Column("label", Text),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("team_id", Text, nullable=False),
    Column("concern_id", Text, nullable=False),
    Column("language", Text),
    Column("urgency", Text, nullable=False, server_default=""),
    Column("arrived_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("desk_id", Integer, ForeignKey("desks.id")),
    Column("called_at", Moment),
    Column("calls", Integer, nullable=False, server_default="0"),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    # From the end of the desk's conversation before, where anybody was waiting then; for estimating waits.
    Column("gap", Interval),
    # The desk that passed it on or put it back, and when: from then on that desk was free.
    Column("left_desk_id", Integer, ForeignKey("desks.id")),
    Column("left_desk_at", Moment),
    Column("passed_on", Boolean, nullable=False, server_default=false()),
    Column("appointment_id", Uuid, ForeignKey("appointments.id", ondelete="SET NULL")),
    Column("idempotency_key", Text),
    Column("request_hash", LargeBinary),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["tenant", "office_id"], ["offices.tenant", "offices.id"]),
    ForeignKeyConstraint(["tenant", "concern_id"], ["concerns.tenant", "concerns.id"]),
    UniqueConstraint("tenant", "office_id", "day", "label", name="uq_tickets_label"),
    UniqueConstraint("tenant", "office_id", "idempotency_key", name="uq_tickets_idempotency_key"),
    CheckConstraint("kind IN ('appointment', 'walk-in')", name="kind"),
    CheckConstraint("state IN ('waiting', 'called', 'serving', 'served', 'no-show', 'left')", name="state"),
    # A desk has one person at a time, and a person with an appointment is here once.
    Index("uq_tickets_desk_id", "desk_id", unique=True, postgresql_where=text("state IN ('called', 'serving')")),
    Index(
        "uq_tickets_appointment_id",
        "appointment_id",
        unique=True,
        postgresql_where=text("state IN ('waiting', 'called', 'serving')"),
    ),
    Index("ix_tickets_appointment_id", "appointment_id"),
    Index("ix_tickets_open", "tenant", "office_id", postgresql_where=text("state IN ('waiting', 'called', 'serving')")),
    Index("ix_tickets_to_erase", "tenant", "day", postgresql_where=text("label IS NOT NULL")),
    Index("ix_tickets_to_unlink", "tenant", "day", postgresql_where=text("appointment_id IS NOT NULL")),
)

# The last number of a letter that was given out at an office on a day.
ticket_counters = Table(
    "ticket_counters",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("office_id", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("letter", Text, primary_key=True),
    Column("last", Integer, nullable=False),
)

# Desks at which somebody works just now; who, is not kept. A row goes when the desk is closed or nothing is heard of
# it for a while.
open_desks = Table(
    "open_desks",
    metadata,
    Column("desk_id", Integer, ForeignKey("desks.id"), primary_key=True, autoincrement=False),
    Column("tenant", Text, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)
