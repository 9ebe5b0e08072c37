"""Applications, their history and checklists, who asked for them, and who of the staff did what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

moment = sa.DateTime(timezone=True)
TABLES = ("applications", "steps", "items", "access_failures", "staff_tasks", "inquiries", "audit_entries")


def upgrade() -> None:
    _applications()
    _steps()
    _items()
    _access_failures()
    _staff_tasks()
    _inquiries()
    _audit_entries()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING (tenant = nullif(current_setting('app.tenant', true), ''))")


def _applications() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_version", sa.Integer, nullable=False),
        sa.Column("benefit_id", sa.Text, nullable=False),
        sa.Column("benefit_name", JSONB, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("office", JSONB, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("state_since", moment, nullable=False),
        sa.Column("due_at", moment),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("birth_date", sa.Date),
        sa.Column("email", sa.Text),
        sa.Column("phone", sa.Text),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("request_hash", sa.LargeBinary),
        sa.Column("online_access", sa.Boolean, nullable=False),
        sa.Column("access_version", sa.Integer, nullable=False),
        sa.Column("data_key", sa.LargeBinary),
        sa.Column("inquired_at", moment),
        sa.Column("handed_over_at", moment),
        sa.Column("ended_at", moment),
        sa.Column("erased_at", moment),
        sa.CheckConstraint(
            "(ended_at IS NOT NULL) = (state IN ('decided', 'withdrawn'))", name="ck_applications_ended_at"
        ),
        sa.CheckConstraint("channel IN ('online', 'counter', 'post', 'import')", name="ck_applications_channel"),
        sa.CheckConstraint(
            "state IN ('received', 'documents-missing', 'in-review', 'decided', 'withdrawn')",
            name="ck_applications_state",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_applications"),
        sa.UniqueConstraint("tenant", "idempotency_key", name="uq_applications_idempotency_key"),
        sa.UniqueConstraint("tenant", "reference", name="uq_applications_reference"),
    )
    op.create_index("ix_applications_birth_date", "applications", ["tenant", "birth_date"])
    op.create_index("ix_applications_list", "applications", ["tenant", "office_id", "received_at", "id"])
    op.create_index(
        "ix_applications_to_erase",
        "applications",
        ["tenant", "ended_at"],
        postgresql_where=sa.text("erased_at IS NULL AND ended_at IS NOT NULL"),
    )


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("backward", sa.Boolean, nullable=False),
        sa.Column("explanation", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.CheckConstraint("by IN ('citizen', 'office', 'papers')", name="ck_steps_by"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name="fk_steps_application_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_steps"),
    )
    op.create_index("ix_steps_application_id", "steps", ["application_id", "at"])


def _items() -> None:
    op.create_table(
        "items",
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", JSONB, nullable=False),
        sa.Column("needed", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("channel", sa.Text),
        sa.Column("received_at", moment),
        sa.Column("looked_at", moment),
        sa.CheckConstraint("state IN ('open', 'received', 'accepted', 'rejected')", name="ck_items_state"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name="fk_items_application_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", "item_id", name="pk_items"),
    )
    op.create_index("ix_items_unseen", "items", ["application_id"], postgresql_where=sa.text("state = 'received'"))


def _access_failures() -> None:
    op.create_table(
        "access_failures",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "key", name="pk_access_failures"),
    )
    op.create_index("ix_access_failures_failed_at", "access_failures", ["tenant", "failed_at"])


def _staff_tasks() -> None:
    op.create_table(
        "staff_tasks",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("item_id", sa.Text),
        sa.Column("document_id", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("done_at", moment),
        sa.Column("done_by", sa.Text),
        sa.CheckConstraint("kind IN ('tell-rejected')", name="ck_staff_tasks_kind"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name="fk_staff_tasks_application_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staff_tasks"),
    )
    op.create_index("ix_staff_tasks_application_id", "staff_tasks", ["application_id"])
    op.create_index(
        "ix_staff_tasks_open",
        "staff_tasks",
        ["tenant", "office_id", "created_at"],
        postgresql_where=sa.text("done_at IS NULL"),
    )


def _inquiries() -> None:
    op.create_table(
        "inquiries",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("inquired_at", moment, nullable=False),
        sa.Column("mail", sa.Text, nullable=False),
        sa.CheckConstraint("mail IN ('will-be-sent', 'no-address')", name="ck_inquiries_mail"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name="fk_inquiries_application_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_inquiries"),
    )
    op.create_index("ix_inquiries_application_id", "inquiries", ["application_id"])


def _audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("office_id", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("before", JSONB),
        sa.Column("after", JSONB),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_at", "audit_entries", ["tenant", "at"])
