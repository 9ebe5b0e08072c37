"""The document in which a service tells who of the staff did what."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.api import Document


class AuditEntry(Document):
    """One action of a member of staff."""

    id: UUID
    at: AwareDatetime
    subject: str = Field(description="The account's id; a word when nobody pressed.")
    action: str
    office_id: str = Field(description="Empty: the whole tenant.")
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
