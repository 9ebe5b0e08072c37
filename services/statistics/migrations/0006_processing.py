"""Facts about applications: how long each state lasted."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "processing_facts",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("benefit_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=False),
    )
    op.create_index("ix_processing_facts_ended_at", "processing_facts", ["tenant", "ended_at"])
    op.execute("ALTER TABLE processing_facts ENABLE ROW LEVEL SECURITY")
    policy = "tenant = nullif(current_setting('app.tenant', true), '')"
    op.execute(f"CREATE POLICY tenant ON processing_facts USING ({policy})")
