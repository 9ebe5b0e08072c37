"""Erasing people: who they are, what was written to them, and the key of their documents. What is left names nobody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from services.applications.models import (
    applications,
    documents,
    due_documents,
    inquiries,
    staff_tasks,
    steps,
    uploads,
)
from shared.db import Session

# The wrapped key goes with the person: whatever of their documents is anywhere can never be read again. The request's
# key stays without its hash, and so does the hash of the own system's reference: neither a request nor an import that
# comes once more makes the application again.
NOBODY: dict[str, Any] = {
    "name": None, "birth_date": None, "email": None, "phone": None, "data_key": None, "request_hash": None,
    "external_reference": None, "online_access": False,
}  # fmt: skip


async def erase(session: Session, ids: Sequence[UUID], now: datetime) -> None:
    """Erase the people of these applications. The copies in the store are deleted by a job; nobody can read them."""
    own = documents.c.application_id.in_(ids)
    pending = select(documents.c.id).where(own, documents.c.state == "pending")
    for statement in (
        update(applications).where(applications.c.id.in_(ids)).values(**NOBODY, erased_at=now),
        delete(due_documents).where(due_documents.c.document_id.in_(pending)),
        update(documents)
        .where(own, documents.c.state == "pending")
        .values(state="refused", reason="damaged", checked_at=now),
        update(documents).where(own).values(file_name=None),
        update(steps).where(steps.c.application_id.in_(ids)).values(explanation=""),
        *(delete(table).where(table.c.application_id.in_(ids)) for table in (staff_tasks, inquiries, uploads)),
    ):
        await session.execute(statement)
