"""Booking's HTTP door, for the gateway."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.booking import appointments, desks, domain, queries
from services.booking.access import Access
from services.booking.appointments import Appointment
from services.booking.searches import Searches
from services.booking.settings import BookingSettings
from shared import api, clock
from shared.db import Session
from shared.service import CurrentTenant, Service, get_service

router = APIRouter()


async def get_searches(request: Request) -> Searches:
    """Return where this process counts searches."""
    found: Searches = request.app.state.searches
    return found


CurrentService = Annotated[Service[BookingSettings], Depends(get_service)]
CurrentSearches = Annotated[Searches, Depends(get_searches)]

Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]
IdempotencyKey = Annotated[
    str, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")
]


@router.get("/offices")
async def list_offices(service: CurrentService, tenant: CurrentTenant) -> list[api.Office]:
    """Return the tenant's offices."""
    async with service.database.transaction(tenant) as session:
        rows = await queries.list_offices(session)
    return [api.Office(id=r.id, name=r.name, address=r.address, phone=r.phone, zone=r.zone) for r in rows]


@router.get("/offices/{office}/concerns")
async def list_concerns(office: api.Slug, service: CurrentService, tenant: CurrentTenant) -> list[api.Concern]:
    """Return what the office can be visited for."""
    async with service.database.transaction(tenant) as session:
        rows = await queries.list_concerns(session, office)
    return [api.Concern(id=r.id, name=r.name, minutes=r.minutes, papers=r.papers) for r in rows]


@router.get("/offices/{office}/slots")
async def list_slots(
    office: api.Slug,
    concern: api.Slug,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
    service: CurrentService,
    searches: CurrentSearches,
    tenant: CurrentTenant,
) -> list[api.Slot]:
    """Return the free times from the first to the last day, both included."""
    if last < first:
        raise domain.PeriodTooLong("`to` lies before `from`.")
    if (last - first).days >= domain.LONGEST_PERIOD_DAYS:
        raise domain.PeriodTooLong(f"Please ask for at most {domain.LONGEST_PERIOD_DAYS} days at once.")
    now = clock.now()
    async with service.database.transaction(tenant) as session:
        rules, place = await queries.load_rules(session, office, concern)
        earliest, latest = domain.bookable_days(rules, now)
        first, last = max(first, earliest), min(last, latest)
        busy: list[domain.Busy] = []
        if first <= last:
            start, end = _day_start(first, rules.zone), _day_start(last + timedelta(days=1), rules.zone)
            busy = await queries.list_busy(session, rules.desk_ids, start, end)
    free = domain.list_free(rules, first, last, now, busy)
    searches.count(tenant, place, now, free, from_earliest=first == earliest)
    return [
        api.Slot(
            start=slot.starts_at.astimezone(rules.zone), end=slot.ends_at.astimezone(rules.zone), free=len(slot.desks)
        )
        for slot in free
    ]


@router.get("/offices/{office}/slots/explain")
async def explain_slot(
    office: api.Slug, concern: api.Slug, at: api.Start, service: CurrentService, tenant: CurrentTenant
) -> api.SlotExplanation:
    """Return whether a time can be booked, or the rule that is in the way."""
    now = clock.now()
    async with service.database.transaction(tenant) as session:
        rules, _ = await queries.load_rules(session, office, concern)
        busy = await queries.list_busy(session, rules.desk_ids, at, at + timedelta(minutes=rules.minutes))
    found = domain.explain(rules, at, now, busy)
    local = at.astimezone(rules.zone)
    return api.SlotExplanation(at=local, bookable=found.rule == "free", rule=found.rule, detail=found.detail)


@router.post("/appointments", status_code=201)
async def book(
    request: api.AppointmentRequest, key: IdempotencyKey, service: CurrentService, tenant: CurrentTenant
) -> api.BookedAppointment:
    """Book an appointment. The same key and request again: the same answer."""
    access = _access(service, tenant)
    sealing_key = await service.sealing_keys.newest()

    async def work(session: Session) -> Appointment:
        return await appointments.book(session, request, key, access, sealing_key)

    booked = await service.database.run(work, tenant, share_lock=desks.plan_lock(tenant, request.office))
    return api.BookedAppointment(**_common(booked, access))


@router.get("/appointments/{number}")
async def get_appointment(
    number: str, given: Credentials, service: CurrentService, tenant: CurrentTenant
) -> api.Appointment:
    """Return an appointment to whoever has its code or link."""
    access = _access(service, tenant)
    async with service.database.transaction(tenant) as session:
        found = await appointments.find(session, number, _bearer(given), access)
    return _appointment(found, access)


@router.patch("/appointments/{number}")
async def move_appointment(
    number: str, change: api.AppointmentMove, given: Credentials, service: CurrentService, tenant: CurrentTenant
) -> api.Appointment:
    """Move an appointment to another free time; to the time it has, nothing changes."""
    access = _access(service, tenant)
    sealing_key = await service.sealing_keys.newest()

    async def work(session: Session) -> Appointment:
        return await appointments.move(session, number, _bearer(given), change.start, access, sealing_key)

    return _appointment(await service.database.run(work, tenant), access)


@router.delete("/appointments/{number}")
async def cancel_appointment(
    number: str, given: Credentials, service: CurrentService, tenant: CurrentTenant
) -> api.Appointment:
    """Cancel an appointment; doing so again changes nothing."""
    access = _access(service, tenant)
    sealing_key = await service.sealing_keys.newest()

    async def work(session: Session) -> Appointment:
        return await appointments.cancel(session, number, _bearer(given), access, sealing_key)

    return _appointment(await service.database.run(work, tenant), access)


def _access(service: Service[BookingSettings], tenant: str) -> Access:
    return Access.of(service.settings, service.tenants.by_id[tenant])


def _bearer(given: HTTPAuthorizationCredentials | None) -> str | None:
    return given.credentials if given else None


def _appointment(row: Appointment, access: Access) -> api.Appointment:
    return api.Appointment(**_common(row, access), state=row["state"], mail=row["mail"], version=row["version"])


def _common(row: Appointment, access: Access) -> dict[str, Any]:
    zone = ZoneInfo(row["zone"])
    return {
        "id": row["id"],
        "number": row["number"],
        "code": access.code(row["id"]),
        "link": access.link(row["id"], row["number"]),
        "office": api.Office(
            id=row["office_id"], name=row["office_name"], address=row["address"], phone=row["phone"], zone=row["zone"]
        ),
        "concern": api.Concern(
            id=row["concern_id"], name=row["concern_name"], minutes=row["minutes"], papers=row["papers"]
        ),
        "start": row["starts_at"].astimezone(zone),
        "end": row["ends_at"].astimezone(zone),
        "name": row["name"],
    }


def _day_start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
