"""What staff do at a desk: overbooked appointments, people to be called when a day is closed, a day's list."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for name in ("overbooked", "to_phone"):
        op.add_column("appointments", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.text("false")))
    op.create_index("ix_appointments_day", "appointments", ["tenant", "office_id", "starts_at"])
