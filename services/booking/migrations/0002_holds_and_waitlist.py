"""Holds, offers and the waitlist, limits by person, combined concerns, kinds of appointments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0002"
down_revision = "0001"

moment = sa.DateTime(timezone=True)
texts = ARRAY(sa.Text)
TABLES = ("holds", "waitlist", "person_claims")


def upgrade() -> None:
    op.add_column("offices", sa.Column("video_url", sa.Text, nullable=False, server_default=""))
    op.add_column("concerns", sa.Column("kinds", texts, nullable=False, server_default=sa.text("'{office}'")))
    op.add_column("concerns", sa.Column("per_person", sa.Integer))
    op.add_column("concerns", sa.Column("confirm_minutes", sa.Integer))
    _appointments()
    _holds()
    _occupancies()
    op.create_table(
        "waitlist",
        _of_appointment(primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("joined_at", moment, nullable=False),
        sa.Column("offered_on", sa.Date),
        _reference("waitlist"),
    )
    op.create_index("ix_waitlist_joined_at", "waitlist", ["tenant", "office_id", "joined_at"])
    op.create_table(
        "person_claims",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("concern_id", sa.Text, primary_key=True),
        sa.Column("person", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        _of_appointment(nullable=False),
        sa.Column("active_until", moment, nullable=False),
        _reference("person_claims"),
    )
    op.create_index("ix_person_claims_appointment_id", "person_claims", ["appointment_id"])
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING (tenant = nullif(current_setting('app.tenant', true), ''))")


def _appointments() -> None:
    for column in (
        sa.Column("also_ids", texts, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("kind", sa.Text, nullable=False, server_default="office"),
        sa.Column("call_number", sa.Text),
        sa.Column("confirm_until", moment),
        sa.Column("interpreter", sa.Text),
        sa.Column("needs", texts, nullable=False, server_default=sa.text("'{}'")),
    ):
        op.add_column("appointments", column)
    # Wider than before, so that no row has to be read for it.
    op.drop_constraint("ck_appointments_state", "appointments")
    op.execute(
        "ALTER TABLE appointments ADD CONSTRAINT ck_appointments_state "
        "CHECK (state IN ('unconfirmed', 'booked', 'cancelled')) NOT VALID"
    )
    op.execute("ALTER TABLE appointments VALIDATE CONSTRAINT ck_appointments_state")
    op.create_check_constraint("ck_appointments_kind", "appointments", "kind IN ('office', 'phone', 'video')")


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("concern_ids", texts, nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("held_until", moment, nullable=False),
        sa.Column("extended", sa.Integer, nullable=False),
        sa.Column("holder", sa.LargeBinary),
        _of_appointment(),
        sa.Column("answer", sa.Text),
        _reference("holds"),
        sa.UniqueConstraint("tenant", "holder", name="uq_holds_tenant"),
        sa.CheckConstraint("purpose IN ('form', 'offer', 'returned')", name="ck_holds_purpose"),
        sa.CheckConstraint("answer IN ('accepted', 'declined')", name="ck_holds_answer"),
        sa.CheckConstraint("(purpose = 'form') = (holder IS NOT NULL)", name="ck_holds_holder"),
    )
    op.create_index("ix_holds_held_until", "holds", ["tenant", "held_until"])
    op.create_index("ix_holds_appointment_id", "holds", ["appointment_id"])


def _occupancies() -> None:
    """What is taken may belong to a hold. No primary key any more: each row has one of two owners, both unique."""
    op.add_column("occupancies", sa.Column("hold_id", sa.Uuid))
    op.add_column("occupancies", sa.Column("held_until", moment))
    op.create_foreign_key("fk_occupancies_hold_id", "occupancies", "holds", ["hold_id"], ["id"], ondelete="CASCADE")
    op.create_unique_constraint("uq_occupancies_hold_id", "occupancies", ["hold_id"])
    op.create_unique_constraint("uq_occupancies_appointment_id", "occupancies", ["appointment_id"])
    op.execute("ALTER TABLE occupancies DROP CONSTRAINT occupancies_pkey, ALTER appointment_id DROP NOT NULL")
    op.create_check_constraint("ck_occupancies_one_owner", "occupancies", "num_nonnulls(appointment_id, hold_id) = 1")
    op.create_check_constraint("ck_occupancies_holds_end", "occupancies", "hold_id IS NULL OR held_until IS NOT NULL")
    op.drop_index("ix_occupancies_desk", "occupancies")
    op.create_index(
        "ix_occupancies_busy",
        "occupancies",
        ["tenant", "desk_id", "starts_at"],
        postgresql_include=["ends_at", "held_until"],
    )
    # An index is read without its table only where a vacuum has been: after 1,000 new rows, not after a fifth of all.
    op.execute(
        "ALTER TABLE occupancies SET "
        "(autovacuum_vacuum_insert_threshold = 1000, autovacuum_vacuum_insert_scale_factor = 0.01)"
    )


def _of_appointment(**options: bool) -> "sa.Column[sa.Uuid]":
    return sa.Column("appointment_id", sa.Uuid, **options)


def _reference(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["appointment_id"], ["appointments.id"], ondelete="CASCADE", name=f"fk_{table}_appointment_id"
    )
