"""The reference that the office's own system has for an application, and a hash of it that outlives the person."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("applications", sa.Column("external_reference", sa.Text))
    op.add_column("applications", sa.Column("external_hash", sa.LargeBinary))
    op.create_unique_constraint("uq_applications_external_reference", "applications", ["tenant", "external_reference"])
    op.create_unique_constraint("uq_applications_external_hash", "applications", ["tenant", "external_hash"])
    op.create_index(
        "ix_applications_handed_over",
        "applications",
        ["tenant", "handed_over_at"],
        postgresql_where=sa.text("handed_over_at IS NOT NULL"),
    )
    op.create_index(
        "ix_documents_kept",
        "documents",
        ["tenant", "application_id"],
        postgresql_where=sa.text("deleted_at IS NULL AND (original_key IS NOT NULL OR pdf_key IS NOT NULL)"),
    )
