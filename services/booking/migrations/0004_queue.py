"""The queue at an office: tickets, their numbers, desks that are open; what became of an appointment."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("appointments", sa.Column("cancelled_by", sa.Text))
    op.add_column("appointments", sa.Column("outcome", sa.Text))
    op.create_check_constraint("ck_appointments_cancelled_by", "appointments", "cancelled_by IN ('citizen', 'office')")
    op.create_check_constraint("ck_appointments_outcome", "appointments", "outcome IN ('served', 'missed', 'excused')")
    op.create_table(
        "tickets",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("team_id", sa.Text, nullable=False),
        sa.Column("concern_id", sa.Text, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("urgency", sa.Text, nullable=False, server_default=""),
        sa.Column("arrived_at", moment, nullable=False),
        sa.Column("due_at", moment),
        sa.Column("desk_id", sa.Integer, sa.ForeignKey("desks.id", name="fk_tickets_desk_id")),
        sa.Column("called_at", moment),
        sa.Column("calls", sa.Integer, nullable=False, server_default="0"),
        sa.Column("started_at", moment),
        sa.Column("ended_at", moment),
        sa.Column("gap", sa.Interval),
        sa.Column("passed_on", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column(
            "appointment_id",
            sa.Uuid,
            sa.ForeignKey("appointments.id", name="fk_tickets_appointment_id", ondelete="SET NULL"),
        ),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("request_hash", sa.LargeBinary),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["tenant", "office_id"], ["offices.tenant", "offices.id"], name="fk_tickets_office"),
        sa.ForeignKeyConstraint(
            ["tenant", "concern_id"], ["concerns.tenant", "concerns.id"], name="fk_tickets_concern"
        ),
        sa.UniqueConstraint("tenant", "office_id", "day", "label", name="uq_tickets_label"),
        sa.UniqueConstraint("tenant", "office_id", "idempotency_key", name="uq_tickets_idempotency_key"),
        sa.CheckConstraint("kind IN ('appointment', 'walk-in')", name="ck_tickets_kind"),
        sa.CheckConstraint(
            "state IN ('waiting', 'called', 'serving', 'served', 'no-show', 'left')", name="ck_tickets_state"
        ),
    )
    called = sa.text("state IN ('called', 'serving')")
    op.create_index("uq_tickets_desk_id", "tickets", ["desk_id"], unique=True, postgresql_where=called)
    here = sa.text("state IN ('waiting', 'called', 'serving')")
    op.create_index("uq_tickets_appointment_id", "tickets", ["appointment_id"], unique=True, postgresql_where=here)
    op.create_index("ix_tickets_appointment_id", "tickets", ["appointment_id"])
    op.create_index("ix_tickets_open", "tickets", ["tenant", "office_id"], postgresql_where=here)
    for name, column in (("ix_tickets_to_erase", "label"), ("ix_tickets_to_unlink", "appointment_id")):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "tickets", ["tenant", "day"], postgresql_where=there)
    op.create_table(
        "ticket_counters",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("office_id", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("letter", sa.Text, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "open_desks",
        sa.Column(
            "desk_id",
            sa.Integer,
            sa.ForeignKey("desks.id", name="fk_open_desks_desk_id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
    )
    for table in ("tickets", "ticket_counters", "open_desks"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING (tenant = nullif(current_setting('app.tenant', true), ''))")
