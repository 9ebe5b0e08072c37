"""Facts about visits: when somebody came, was called, was served."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "ticket_facts",
        sa.Column("ticket_id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("office_name", sa.Text, nullable=False),
        sa.Column("concern_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("passed_on", sa.Boolean, nullable=False),
        sa.Column("arrived_at", moment, nullable=False),
        sa.Column("due_at", moment),
        sa.Column("called_at", moment),
        sa.Column("started_at", moment),
        sa.Column("ended_at", moment, nullable=False),
    )
    op.create_index("ix_ticket_facts_ended_at", "ticket_facts", ["tenant", "ended_at"])
    op.execute("ALTER TABLE ticket_facts ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY tenant ON ticket_facts USING (tenant = nullif(current_setting('app.tenant', true), ''))")
