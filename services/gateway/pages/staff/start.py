"""The first page after signing in: the member's offices, and what can be done there."""

from fastapi import APIRouter, Request, Response

from services.gateway.doors import CurrentTenant, OffersOfTenants
from services.gateway.members import CurrentMember
from services.gateway.render import CurrentLanguage, page

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff")


@router.get("")
async def start(
    request: Request,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    member: CurrentMember,
    offers: OffersOfTenants,
) -> Response:
    """Show where the member works."""
    known = await offers.get(tenant.id)
    offices = [office for office in known.offices if office["id"] in member.identity.offices]
    return page(request, language, "staff/start.html", tenant, member=member, offices=offices)
