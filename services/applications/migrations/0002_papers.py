"""Files that were handed in, and those on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

moment = sa.DateTime(timezone=True)
TABLES = ("documents", "uploads", "upload_parts")


def upgrade() -> None:
    _documents()
    _uploads()
    _upload_parts()
    _due_documents()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING (tenant = nullif(current_setting('app.tenant', true), ''))")


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("upload_id", sa.Uuid),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("file_name", sa.Text),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("checked_at", moment),
        sa.Column("kind", sa.Text),
        sa.Column("pages", sa.Integer),
        sa.Column("locked", sa.Boolean, server_default=sa.text("true"), nullable=False),
        sa.Column("original_key", sa.Text),
        sa.Column("pdf_key", sa.Text),
        sa.Column("deleted_at", moment),
        sa.CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="ck_documents_reason"),
        sa.CheckConstraint("channel IN ('online', 'counter', 'post', 'import')", name="ck_documents_channel"),
        sa.CheckConstraint("state IN ('pending', 'accepted', 'refused')", name="ck_documents_state"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name="fk_documents_application_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("application_id", "idempotency_key", name="uq_documents_idempotency_key"),
    )
    op.create_index("ix_documents_application_id", "documents", ["application_id", "item_id", "sequence"])
    op.create_index("ix_documents_state", "documents", ["tenant", "state"])


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.CheckConstraint("received BETWEEN 0 AND length", name="ck_uploads_received"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name="fk_uploads_application_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.UniqueConstraint("application_id", "idempotency_key", name="uq_uploads_idempotency_key"),
    )
    op.create_index("ix_uploads_expires_at", "uploads", ["tenant", "expires_at"])


def _upload_parts() -> None:
    op.create_table(
        "upload_parts",
        sa.Column("upload_id", sa.Uuid, nullable=False),
        sa.Column("start", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name="fk_upload_parts_upload_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("upload_id", "start", name="pk_upload_parts"),
    )


def _due_documents() -> None:
    op.create_table(
        "due_documents",
        sa.Column("document_id", sa.Uuid, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("claimed_until", moment),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_due_documents_document_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", name="pk_due_documents"),
    )
    op.create_index("ix_due_documents_due_at", "due_documents", ["due_at"])
