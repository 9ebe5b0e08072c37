"""What is known of each application, so that a mail tells what holds when it is sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "application_states",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", JSONB, nullable=False),
    )
    op.create_index("ix_application_states_as_of", "application_states", ["tenant", "as_of"])
    op.execute("ALTER TABLE application_states ENABLE ROW LEVEL SECURITY")
    policy = "tenant = nullif(current_setting('app.tenant', true), '')"
    op.execute(f"CREATE POLICY tenant ON application_states USING ({policy})")
