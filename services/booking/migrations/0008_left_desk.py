"""Which desk somebody left without being done, and when: that desk was free from then on."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    desk = sa.ForeignKey("desks.id", name="fk_tickets_left_desk_id_desks")
    op.add_column("tickets", sa.Column("left_desk_id", sa.Integer, desk))
    op.add_column("tickets", sa.Column("left_desk_at", sa.DateTime(timezone=True)))
