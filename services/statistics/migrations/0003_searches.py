"""Facts about searches; appointments are also found by their time, and all facts of one together."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "search_facts",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("window_id", sa.Uuid, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("office_name", sa.Text, nullable=False),
        sa.Column("concern_id", sa.Text, nullable=False),
        sa.Column("counted_from", moment, nullable=False),
        sa.Column("counted_to", moment, nullable=False),
        sa.Column("searches", sa.Integer, nullable=False),
        sa.Column("with_result", sa.Integer, nullable=False),
        sa.Column("days_to_next", JSONB, nullable=False),
        sa.UniqueConstraint("window_id", name="uq_search_facts_window_id"),
    )
    op.create_index("ix_search_facts_counted_from", "search_facts", ["tenant", "counted_from"])
    op.execute("ALTER TABLE search_facts ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY tenant ON search_facts USING (tenant = nullif(current_setting('app.tenant', true), ''))")
    op.create_index("ix_appointment_facts_starts_at", "appointment_facts", ["tenant", "starts_at"])
    op.create_index("ix_appointment_facts_appointment_id", "appointment_facts", ["tenant", "appointment_id"])
