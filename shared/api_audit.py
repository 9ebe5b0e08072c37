"""The document in which a service tells who of the staff did what."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.api import Document

# As a parameter; in the first and the last year a moment has no counterpart in every zone.
Before = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC))]


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
