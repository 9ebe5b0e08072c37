"""Messages, what is due, and announced keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Uuid, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("box", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("traceparent", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("ended_at", moment),
        sa.UniqueConstraint("event_id", name="uq_messages_event_id"),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="ck_messages_state"),
    )
    op.create_index("ix_messages_ended_at", "messages", ["tenant", "ended_at"])
    op.execute("ALTER TABLE messages ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY tenant ON messages USING (tenant = nullif(current_setting('app.tenant', true), ''))")
    op.create_table(
        "due_messages",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column(
            "message_id",
            sa.Uuid,
            sa.ForeignKey("messages.id", ondelete="CASCADE", name="fk_due_messages_message_id"),
            nullable=False,
        ),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("about", sa.Uuid, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("claimed_until", moment),
        sa.UniqueConstraint("message_id", name="uq_due_messages_message_id"),
    )
    op.create_index("ix_due_messages_due_at", "due_messages", ["due_at"])
    op.create_index("ix_due_messages_about", "due_messages", ["about", "id"])
    op.create_table(
        "announced_keys",
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("announced_at", moment, nullable=False),
    )
