"""The waiting room."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rushes",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("opened_at", moment, nullable=False),
    )
    op.create_table(
        "rush_places",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("opened_at", moment, primary_key=True),
        sa.Column("quick", sa.Boolean, primary_key=True),
        sa.Column("second", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("people", sa.Integer, nullable=False),
    )
