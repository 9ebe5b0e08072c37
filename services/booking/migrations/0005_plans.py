"""Who published a plan and when it comes into force, and which desks a plan has added."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("desks", sa.Column("seeded", sa.Boolean, nullable=False, server_default=sa.text("true")))
    for column in (
        sa.Column("in_force_from", moment),
        sa.Column("published_by", sa.Text),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("returned_to", sa.Integer),
        sa.Column("withdrawn_at", moment),
    ):
        op.add_column("plans", column)
    op.create_index(
        "ix_plans_in_force_from",
        "plans",
        ["tenant", "office_id", "in_force_from"],
        postgresql_where=sa.text("in_force_from IS NOT NULL"),
    )
