"""Switches: what is on or off now, each change of it, and what is scheduled."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "switch_settings",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("office_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("is_on", sa.Boolean),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("from_at", moment, nullable=False),
    )
    op.create_table(
        "switch_changes",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("is_on", sa.Boolean),
        sa.Column("was_on", sa.Boolean),
        sa.Column("at", moment, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", moment, nullable=False),
        sa.Column("withdrawn_by", sa.Text),
        sa.CheckConstraint("state IN ('scheduled', 'done', 'withdrawn')", name="ck_switch_changes_state"),
    )
    op.create_index("ix_switch_changes_place", "switch_changes", ["tenant", "office_id", "name", "at"])
    op.create_table(
        "due_switch_changes",
        sa.Column(
            "change_id",
            sa.Uuid,
            sa.ForeignKey("switch_changes.id", ondelete="CASCADE", name="fk_due_switch_changes_change_id"),
            primary_key=True,
        ),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("due_at", moment, nullable=False),
    )
    op.create_index("ix_due_switch_changes_due_at", "due_switch_changes", ["due_at"])
    op.execute("ALTER TABLE switch_changes ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON switch_changes USING (tenant = nullif(current_setting('app.tenant', true), ''))"
    )
