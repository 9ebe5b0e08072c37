"""Who of the staff did what: for managers at their offices, for admins everywhere."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.applications.models import audit_entries
from services.applications.web.needs import CurrentService
from shared import audit
from shared.api_audit import AuditEntry, Before
from shared.identity import StaffOnly
from shared.service import CurrentStaff

router = APIRouter(prefix="/staff/audit")
Word = Annotated[str, Query(max_length=100, pattern=r"^[a-z0-9-]*$")]


@router.get("")
async def list_entries(
    service: CurrentService,
    member: CurrentStaff,
    before: Before | None = None,
    before_id: UUID | None = None,
    office: Word = "",
    action: Word = "",
) -> list[AuditEntry]:
    """Return the newest entries, or those before one. Raises `StaffOnly` for whose role does not include it."""
    if not member.may("audit"):
        raise StaffOnly("Only managers, of their offices, and admins may see who did what.")
    offices = None if "admin" in member.roles else member.offices
    start = (before, before_id or UUID(int=0)) if before else None
    async with service.database.transaction(member.tenant) as session:
        found = await audit.read(session, audit_entries, audit.Part(offices, office, action, start))
    return [AuditEntry.model_validate(dict(row._mapping), extra="ignore") for row in found]
