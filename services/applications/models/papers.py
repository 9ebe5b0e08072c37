"""Files that were handed in, and those on their way."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from services.applications.models.base import Moment, metadata

documents = Table(
    "documents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("application_id", Uuid, ForeignKey("applications.id", ondelete="CASCADE"), nullable=False),
    Column("item_id", Text, nullable=False),
    Column("upload_id", Uuid),  # whose parts hold its bytes, until they are in the store
    Column("sequence", Integer, nullable=False),  # of the pages of one paper
    Column("file_name", Text),  # as the person calls it; erased with the person
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),  # of the bytes as they came, in hex
    Column("channel", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("idempotency_key", Text),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("checked_at", Moment),
    Column("kind", Text),  # by content: jpeg, pdf, …
    Column("pages", Integer),
    Column("locked", Boolean, nullable=False, server_default=text("true")),  # staff see the re-rendered copy only
    Column("original_key", Text),  # names in the store; none: not there (any more)
    Column("pdf_key", Text),
    Column("deleted_at", Moment),  # the copies are gone, the receipt stays
    Column("handed_over_at", Moment),
    UniqueConstraint("application_id", "idempotency_key", name="uq_documents_idempotency_key"),
    CheckConstraint("state IN ('pending', 'accepted', 'refused')", name="state"),
    CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="reason"),
    CheckConstraint("channel IN ('online', 'counter', 'post', 'import')", name="channel"),
    Index("ix_documents_application_id", "application_id", "item_id", "sequence"),
    Index("ix_documents_state", "tenant", "state"),
    Index(
        "ix_documents_kept", "tenant", "application_id",
        postgresql_where=text("deleted_at IS NULL AND (original_key IS NOT NULL OR pdf_key IS NOT NULL)"),
    ),
)  # fmt: skip

uploads = Table(
    "uploads",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("application_id", Uuid, ForeignKey("applications.id", ondelete="CASCADE"), nullable=False),
    Column("item_id", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("idempotency_key", Text),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    UniqueConstraint("application_id", "idempotency_key", name="uq_uploads_idempotency_key"),
    CheckConstraint("received BETWEEN 0 AND length", name="received"),
    Index("ix_uploads_expires_at", "tenant", "expires_at"),
)

# Encrypted with the application's data key, at most 256 KiB each; `start`: the offset of its first byte.
upload_parts = Table(
    "upload_parts",
    metadata,
    Column("upload_id", Uuid, ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("tenant", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

WAKES = "due-documents"  # the signal of a transaction that adds to the following table

# What is to be checked when. Narrow and without a policy: work is found across tenants, and done under its tenant.
due_documents = Table(
    "due_documents",
    metadata,
    Column("document_id", Uuid, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("claimed_until", Moment),
    Column("attempts", Integer, nullable=False),
    Index("ix_due_documents_due_at", "due_at"),
)
