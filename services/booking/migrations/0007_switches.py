"""What the gateway has switched on and off."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "switches",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("office_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("is_on", sa.Boolean),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.execute("ALTER TABLE switches ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY tenant ON switches USING (tenant = nullif(current_setting('app.tenant', true), ''))")
