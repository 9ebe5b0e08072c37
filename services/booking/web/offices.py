"""Offices, what they can be visited for, and which times are free."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query

from services.booking import domain, queries, rows
from services.booking.web.needs import CurrentSearches, CurrentService
from shared import api, clock
from shared.service import CurrentTenant

router = APIRouter(prefix="/offices")

Also = Annotated[list[api.Slug], Query(max_length=api.MOST_CONCERNS - 1)]


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
    office: api.Slug,
    concern: api.Slug,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
    service: CurrentService,
    searches: CurrentSearches,
    tenant: CurrentTenant,
    also: Also = [],  # noqa: B006  FastAPI copies it
) -> list[api.Slot]:
    """Return the free times from the first to the last day, both included."""
    if last < first:
        raise domain.PeriodTooLong("`to` lies before `from`.")
    if (last - first).days >= domain.LONGEST_PERIOD_DAYS:
        raise domain.PeriodTooLong(f"Please ask for at most {domain.LONGEST_PERIOD_DAYS} days at once.")
    now = clock.now()
    async with service.database.transaction(tenant) as session:
        rules, place = await queries.load_rules(session, office, _once(concern, also))
        earliest, latest = domain.bookable_days(rules, now)
        first, last = max(first, earliest), min(last, latest)
        busy: list[domain.Busy] = []
        if first <= last:
            start, end = _day_start(first, rules.zone), _day_start(last + timedelta(days=1), rules.zone)
            busy = await queries.list_busy(session, rules.desk_ids, start, end, now)
    free = domain.list_free(rules, first, last, now, busy)
    searches.count(tenant, {**place, "concern_id": concern}, now, free, from_earliest=first == earliest)
    return [
        api.Slot(
            start=slot.starts_at.astimezone(rules.zone), end=slot.ends_at.astimezone(rules.zone), free=len(slot.desks)
        )
        for slot in free
    ]


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
        rules, _ = await queries.load_rules(session, office, _once(concern, also))
        busy = await queries.list_busy(session, rules.desk_ids, at, at + timedelta(minutes=rules.minutes), now)
    found = domain.explain(rules, at, now, busy)
    local = at.astimezone(rules.zone)
    return api.SlotExplanation(at=local, bookable=found.rule == "free", rule=found.rule, detail=found.detail)


def _once(concern: str, also: list[str]) -> list[str]:
    return list(dict.fromkeys([concern, *also]))


def _day_start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
