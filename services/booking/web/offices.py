"""Offices, what they can be visited for, and which times are free."""

from datetime import date, timedelta

from fastapi import APIRouter

from services.booking import domain, queries, rows, switches
from services.booking.searches import Searches
from services.booking.web.needs import CurrentSearches, CurrentService
from services.booking.web.searching import Also, CurrentSearch, Search, State, once
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
    state = await search.read(service.database, tenant)
    free = state.list_free()
    first_free = free[0].starts_at.astimezone(state.rules.zone).date() if free else None
    _count(searches, tenant, search, state, first_free)
    return state.documents(free)


@router.get("/{office}/days")
async def list_days(
    search: CurrentSearch,
    service: CurrentService,
    searches: CurrentSearches,
    tenant: CurrentTenant,
    day: date | None = None,
) -> api.FreeDays:
    """Return the days with free times, and the times of one: of `day`, or of the first when there is none on it."""
    state = await search.read(service.database, tenant)
    found = state.free_days(day)
    _count(searches, tenant, search, state, next(iter(found.days), None))
    return found


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
        rules, place = await queries.load_rules(session, office, once(concern, also))
        busy = await queries.list_busy(session, rules.desk_ids, at, at + timedelta(minutes=rules.minutes), now)
        try:
            await switches.check_online_booking(session, office, place["phone"])
            found = domain.explain(rules, at, now, busy)
        except domain.OnlineBookingOff as off:
            found = domain.Explanation("online-booking-off", off.detail)
    local = at.astimezone(rules.zone)
    return api.SlotExplanation(at=local, bookable=found.rule == "free", rule=found.rule, detail=found.detail)


def _count(searches: Searches, tenant: str, search: Search, state: State, first_free: date | None) -> None:
    office = {**state.place, "concern_id": search.concern}
    searches.count(tenant, office, state.now, first_free, from_earliest=state.from_earliest)
