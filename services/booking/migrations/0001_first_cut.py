"""Offices, concerns, desks, plans, appointments and what they occupy."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE

revision = "0001"
down_revision = None

moment = sa.DateTime(timezone=True)
TABLES = ("offices", "concerns", "desks", "plans", "appointments", "occupancies")


def upgrade() -> None:
    op.create_table(
        "offices",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("address", JSONB, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("land", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_table(
        "concerns",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", JSONB, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("lead_days", sa.Integer, nullable=False),
        sa.Column("horizon_days", sa.Integer, nullable=False),
        sa.Column("papers", JSONB, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.CheckConstraint("minutes > 0 AND lead_days >= 0 AND horizon_days >= lead_days", name="ck_concerns_sensible"),
    )
    op.create_table(
        "desks",
        sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("team_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["tenant", "office_id"], ["offices.tenant", "offices.id"], name="fk_desks_tenant"),
        sa.UniqueConstraint("tenant", "office_id", "team_id", "name", name="uq_desks_tenant"),
    )
    op.create_table(
        "plans",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("office_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("document", JSONB, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("published_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["tenant", "office_id"], ["offices.tenant", "offices.id"], name="fk_plans_tenant"),
    )
    op.create_table(
        "appointments",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("concern_id", sa.Text, nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("birth_date", sa.Date),
        sa.Column("email", sa.Text),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("mail", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("booked_at", moment, nullable=False),
        sa.Column("cancelled_at", moment),
        sa.Column("erased_at", moment),
        sa.ForeignKeyConstraint(
            ["tenant", "office_id"], ["offices.tenant", "offices.id"], name="fk_appointments_office"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "concern_id"], ["concerns.tenant", "concerns.id"], name="fk_appointments_concern"
        ),
        sa.UniqueConstraint("tenant", "idempotency_key", name="uq_appointments_tenant"),
        sa.UniqueConstraint("tenant", "number", name="uq_appointments_number"),
        sa.CheckConstraint("state IN ('booked', 'cancelled')", name="ck_appointments_state"),
        sa.CheckConstraint("mail IN ('none', 'waiting', 'sent', 'failed')", name="ck_appointments_mail"),
    )
    op.create_index(
        "ix_appointments_to_erase", "appointments", ["tenant", "ends_at"], postgresql_where=sa.text("erased_at IS NULL")
    )
    op.create_table(
        "occupancies",
        sa.Column(
            "appointment_id",
            sa.Uuid,
            sa.ForeignKey("appointments.id", ondelete="CASCADE", name="fk_occupancies_appointment_id"),
            primary_key=True,
        ),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("desk_id", sa.Integer, sa.ForeignKey("desks.id", name="fk_occupancies_desk_id"), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("during", TSTZRANGE, sa.Computed("tstzrange(starts_at, ends_at)", persisted=True)),
    )
    op.execute(
        "ALTER TABLE occupancies ADD CONSTRAINT no_desk_twice "
        "EXCLUDE USING gist (int4range(desk_id, desk_id, '[]') WITH &&, during WITH &&)"
    )
    op.create_index("ix_occupancies_desk", "occupancies", ["tenant", "desk_id", "starts_at"])
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING (tenant = nullif(current_setting('app.tenant', true), ''))")
