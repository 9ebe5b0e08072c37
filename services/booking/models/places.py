"""Where people come and for what: offices, concerns, desks, plans; switches; who of the staff did what."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.booking.models.base import Moment, metadata
from shared import audit

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
    Column("video_url", Text, nullable=False, server_default=""),  # empty: no appointments by video
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
    Column("kinds", ARRAY(Text), nullable=False, server_default=text("'{office}'")),
    Column("per_person", Integer),  # so many active appointments at once; none: any number
    Column("confirm_minutes", Integer),  # so long a booking waits for the button in the mail; none: it needs none
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
    # A plan that names no desks means these. Those that plans have added are never deleted: appointments keep them.
    Column("seeded", Boolean, nullable=False, server_default=text("true")),
    ForeignKeyConstraint(["tenant", "office_id"], ["offices.tenant", "offices.id"]),
    UniqueConstraint("tenant", "office_id", "team_id", "name"),
)

# An opening plan is published as a whole and never changed. In force is the newest version that has begun and was not
# withdrawn; there is at most one that has not begun.
plans = Table(
    "plans",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("office_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", JSONB, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("in_force_from", Moment),  # empty: from its publication on, whatever a replica's clock says
    Column("published_by", Text),  # the account's id; empty: made from the tenant's file
    Column("note", Text, nullable=False, server_default=""),
    Column("returned_to", Integer),  # the version of which this is a copy
    Column("withdrawn_at", Moment),
    ForeignKeyConstraint(["tenant", "office_id"], ["offices.tenant", "offices.id"]),
    Index(
        "ix_plans_in_force_from",
        "tenant",
        "office_id",
        "in_force_from",
        postgresql_where=text("in_force_from IS NOT NULL"),
    ),
)

# What the gateway has said of switches; office '' is the whole tenant, `is_on` NULL: nothing is set there any more.
switches = Table(
    "switches",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("office_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("is_on", Boolean),
    Column("version", Integer, nullable=False),
)

audit_entries = audit.table(metadata)
