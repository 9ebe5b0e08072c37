"""Applications, their history and checklists, and who asked for them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.applications.models.base import Moment, metadata
from shared import audit

# What is named here is not asked elsewhere again: office and benefit are as they were when the application was made.
applications = Table(
    "applications",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_version", Integer, nullable=False),  # of what staff decide upon: asking is no change
    Column("benefit_id", Text, nullable=False),
    Column("benefit_name", JSONB, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("office", JSONB, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("state_since", Moment, nullable=False),
    Column("due_at", Moment),
    Column("received_at", Moment, nullable=False),
    Column("name", Text),
    Column("birth_date", Date),
    Column("email", Text),
    Column("phone", Text),
    Column("language", Text, nullable=False),
    Column("idempotency_key", Text),
    Column("request_hash", LargeBinary),
    Column("online_access", Boolean, nullable=False),
    Column("access_version", Integer, nullable=False),
    Column("data_key", LargeBinary),  # wrapped; none: erased, and with it every document
    Column("inquired_at", Moment),
    Column("handed_over_at", Moment),
    Column("ended_at", Moment),
    Column("erased_at", Moment),
    Column("external_reference", Text),  # of the office's own system; erased with the person
    Column("external_hash", LargeBinary),  # keyed; stays, so that no import brings back whoever was erased
    UniqueConstraint("tenant", "external_reference", name="uq_applications_external_reference"),
    UniqueConstraint("tenant", "external_hash", name="uq_applications_external_hash"),
    UniqueConstraint("tenant", "reference", name="uq_applications_reference"),
    UniqueConstraint("tenant", "idempotency_key", name="uq_applications_idempotency_key"),
    CheckConstraint(
        "state IN ('received', 'documents-missing', 'in-review', 'decided', 'withdrawn')", name="state"
    ),
    CheckConstraint("channel IN ('online', 'counter', 'post', 'import')", name="channel"),
    CheckConstraint("(ended_at IS NOT NULL) = (state IN ('decided', 'withdrawn'))", name="ended_at"),
    Index("ix_applications_list", "tenant", "office_id", "received_at", "id"),
    Index(
        "ix_applications_to_erase", "tenant", "ended_at",
        postgresql_where=text("erased_at IS NULL AND ended_at IS NOT NULL"),
    ),
    Index("ix_applications_birth_date", "tenant", "birth_date"),
)  # fmt: skip

steps = Table(
    "steps",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("application_id", Uuid, ForeignKey("applications.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("backward", Boolean, nullable=False),
    Column("explanation", Text, nullable=False),
    Column("by", Text, nullable=False),
    CheckConstraint("by IN ('citizen', 'office', 'papers')", name="by"),
    Index("ix_steps_application_id", "application_id", "at"),
)

items = Table(
    "items",
    metadata,
    Column("application_id", Uuid, ForeignKey("applications.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", JSONB, nullable=False),
    Column("needed", Boolean, nullable=False),  # from the start, or asked for since
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("channel", Text),  # by which it came in last
    Column("received_at", Moment),
    Column("looked_at", Moment),
    CheckConstraint("state IN ('open', 'received', 'accepted', 'rejected')", name="state"),
    Index("ix_items_unseen", "application_id", postgresql_where=text("state = 'received'")),
)

# Wrong codes and birth dates: `key` is a keyed hash of a client or of a reference, which need not exist.
access_failures = Table(
    "access_failures",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_at", Moment, nullable=False),
    Index("ix_access_failures_failed_at", "tenant", "failed_at"),
)

# What somebody at the office has to do, because no mail can tell the person.
staff_tasks = Table(
    "staff_tasks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("application_id", Uuid, ForeignKey("applications.id", ondelete="CASCADE"), nullable=False),
    Column("office_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("item_id", Text),
    Column("document_id", Uuid),
    Column("reason", Text),
    Column("created_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("done_by", Text),
    CheckConstraint("kind IN ('tell-rejected')", name="kind"),
    Index("ix_staff_tasks_open", "tenant", "office_id", "created_at", postgresql_where=text("done_at IS NULL")),
    Index("ix_staff_tasks_application_id", "application_id"),
)

inquiries = Table(
    "inquiries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("application_id", Uuid, ForeignKey("applications.id", ondelete="CASCADE"), nullable=False),
    Column("inquired_at", Moment, nullable=False),
    Column("mail", Text, nullable=False),
    CheckConstraint("mail IN ('will-be-sent', 'no-address')", name="mail"),
    Index("ix_inquiries_application_id", "application_id"),
)

audit_entries = audit.table(metadata)
