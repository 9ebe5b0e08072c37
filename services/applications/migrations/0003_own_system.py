"""The own system's reference of an application, a hash of it that outlives the person, and what was handed over."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("applications", sa.Column("external_reference", sa.Text))
    op.add_column("applications", sa.Column("external_hash", sa.LargeBinary))
    op.create_unique_constraint("uq_applications_external_reference", "applications", ["tenant", "external_reference"])
    op.create_unique_constraint("uq_applications_external_hash", "applications", ["tenant", "external_hash"])
    op.add_column("documents", sa.Column("handed_over_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_documents_kept",
        "documents",
        ["tenant", "application_id"],
        postgresql_where=sa.text("deleted_at IS NULL AND (original_key IS NOT NULL OR pdf_key IS NOT NULL)"),
    )
