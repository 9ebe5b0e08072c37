"""Offices, what they can be visited for, and which times are free."""

from datetime import timedelta

from fastapi import APIRouter

from services.booking import domain, queries, rows
from services.booking.web.needs import CurrentSearches, CurrentService
from services.booking.web.searching import Also, CurrentSearch, once
from shared import api, clock
from shared.service import CurrentTenant

router = APIRouter(prefix="/offices")


@router.get("")
async def list_offices(service: CurrentService, tenant: CurrentTenant) -> list[api.Office]:
    """Return the tenant's offices."""
    async with service.database.transaction(tenant) as session:
        found = await queries.list_offices(session)
    return [api.Office(id=r.id, name=r.name, address=r.address, phone=r.phone, zone=r.zone) for r in found]


@router.get("/{office}/concerns")
async def list_concerns(office: api.Slug, service: CurrentService, tenant: CurrentTenant) -> list[api.Concern]:
    """Return what the office can be visited for."""
    async with service.database.transaction(tenant) as session:
        found = await queries.list_concerns(session, office)
    return [rows.concern(row, row["video_url"], row["together_with"]) for row in found]


@router.get("/{office}/slots")
async def list_slots(
    search: CurrentSearch, service: CurrentService, searches: CurrentSearches, tenant: CurrentTenant
) -> list[api.Slot]:
    """Return the free times from the first to the last day, both included."""
    found = await search.run(service.database, tenant)
    office = {**found.place, "concern_id": search.concern}
    searches.count(tenant, office, found.now, found.free, from_earliest=found.from_earliest)
    return found.documents()


@router.get("/{office}/slots/explain")
async def explain_slot(
    office: api.Slug,
    concern: api.Slug,
    at: api.Start,
    service: CurrentService,
    tenant: CurrentTenant,
    also: Also = [],  # noqa: B006  FastAPI copies it
) -> api.SlotExplanation:
    """Return whether a time can be booked, or the rule that is in the way."""
    now = clock.now()
    async with service.database.transaction(tenant) as session:
        rules, _ = await queries.load_rules(session, office, once(concern, also))
        busy = await queries.list_busy(session, rules.desk_ids, at, at + timedelta(minutes=rules.minutes), now)
    found = domain.explain(rules, at, now, busy)
    local = at.astimezone(rules.zone)
    return api.SlotExplanation(at=local, bookable=found.rule == "free", rule=found.rule, detail=found.detail)
