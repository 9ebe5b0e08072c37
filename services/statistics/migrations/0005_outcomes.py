"""Facts about what became of appointments: served, missed, excused, cancelled in time, late, or by the office."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "appointment_outcomes",
        sa.Column("appointment_id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("office_name", sa.Text, nullable=False),
        sa.Column("concern_id", sa.Text, nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.CheckConstraint(
            "outcome IN ('served', 'missed', 'excused', 'cancelled', 'cancelled_late', 'cancelled_by_office')",
            name="ck_appointment_outcomes_outcome",
        ),
    )
    op.create_index("ix_appointment_outcomes_starts_at", "appointment_outcomes", ["tenant", "starts_at"])
    op.execute("ALTER TABLE appointment_outcomes ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON appointment_outcomes USING (tenant = nullif(current_setting('app.tenant', true), ''))"
    )
