"""Facts about appointments."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "appointment_facts",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("appointment_id", sa.Uuid, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("office_name", sa.Text, nullable=False),
        sa.Column("concern_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("happened_at", moment, nullable=False),
        sa.CheckConstraint("fact IN ('booked', 'cancelled')", name="ck_appointment_facts_fact"),
    )
    op.create_index("ix_appointment_facts_happened_at", "appointment_facts", ["tenant", "fact", "happened_at"])
    op.execute("ALTER TABLE appointment_facts ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON appointment_facts USING (tenant = nullif(current_setting('app.tenant', true), ''))"
    )
