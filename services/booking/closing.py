"""Closing a day: a new plan, and everybody who had an appointment is told by mail or listed to be called.

One transaction, while nobody else books at the office: either all of it has happened or nothing.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import case, delete, insert, select, update
from sqlalchemy.engine import Row

from services.booking import desks, domain, lists, queries, seed, waitlist
from services.booking.access import Access
from services.booking.models import (
    appointments,
    audit_entries,
    holds,
    occupancies,
    person_claims,
    plans,
)
from services.booking.models import desks as desk_table
from services.booking.models import waitlist as waiting
from services.booking.rows import event_values
from services.booking.staff import check_may
from shared import api_staff, audit, clock, outbox
from shared.contracts.booking import AppointmentCancelled
from shared.db import Session
from shared.identity import Identity


async def preview(
    session: Session, office_id: str, wanted: api_staff.ClosedDay, staff: Identity
) -> api_staff.ClosingPreview:
    """Return what closing a day would do.

    Raises `OfficeNotYours`, `NotYourTask`, `UnknownOffice`, `UnknownTeam`, `DayOver`.
    """
    check_may(staff, "plan", office_id)
    place = await queries.load_office(session, office_id)
    _check_day(place, wanted.day)
    affected = await _affected(session, place, wanted, domain.close(place.plan, wanted.day, wanted.team, {}))
    audit.add(session, audit_entries, staff, "preview-closure", office=office_id, target=wanted.day.isoformat())
    return api_staff.ClosingPreview(
        office=place.document,
        day=wanted.day,
        team=wanted.team,
        closed=domain.is_closed(place.plan, wanted.day, wanted.team),
        affected=lists.documents(affected),
    )


async def close(
    session: Session, office_id: str, wanted: api_staff.Closing, staff: Identity, access: Access
) -> api_staff.Closed:
    """Close a day and cancel what was booked on it; done already, it cancels what is left.

    Raises what `preview` does, `AffectedChanged` when somebody is affected whom the preview had not listed, and
    `TooManyAffected`.
    """
    check_may(staff, "plan", office_id)
    await session.lock(desks.plan_lock(session.tenant, office_id))
    place = await queries.load_office(session, office_id)
    _check_day(place, wanted.day)
    plan = domain.close(place.plan, wanted.day, wanted.team, wanted.reason)
    version = place.version if plan == place.plan else await _publish(session, office_id, place.version + 1, plan)
    affected = await _affected(session, place, wanted, plan)
    if len(affected) > api_staff.MOST_AFFECTED:
        detail = f"More than {api_staff.MOST_AFFECTED} appointments are on that day. Please close one team at a time."
        raise domain.TooManyAffected(detail)
    if unseen := [row.number for row in affected if row.number not in wanted.numbers]:
        raise domain.AffectedChanged("Meanwhile somebody has booked. Please look at the list again.", unseen=unseen)
    await _end_holds(session, office_id, place, wanted)
    ids = [row.id for row in affected]
    await _cancel(session, ids, staff, access)
    cancelled = await lists.list_by_id(session, ids)
    to_phone = [row for row in cancelled if row.to_phone]
    told = [row for row in cancelled if not row.to_phone]
    audit.add(
        session, audit_entries, staff, "close-day", office=office_id, target=wanted.day.isoformat(),
        before={"plan": place.version},
        after={"plan": version, "team": wanted.team, "reason": wanted.reason, "told": len(told),
               "to_phone": len(to_phone)},
    )  # fmt: skip
    return api_staff.Closed(plan=version, told=lists.documents(told), to_phone=lists.documents(to_phone))


def _check_day(place: queries.Place, day: date) -> None:
    if day < clock.now().astimezone(place.zone).date():
        raise domain.DayOver("This day is past. Please choose today or a later day.")


async def _publish(session: Session, office_id: str, version: int, plan: domain.Plan) -> int:
    document = plan.model_dump(mode="json", by_alias=True)
    row = {"tenant": session.tenant, "office_id": office_id, "version": version, "document": document}
    row |= {"sha256": seed.plan_hash(document), "published_at": clock.now()}
    await session.execute(insert(plans), row)
    return version


async def _affected(
    session: Session, place: queries.Place, wanted: api_staff.ClosedDay, plan: domain.Plan
) -> Sequence[Row[Any]]:
    """Return the appointments, still to come, that have nobody to go to in a plan."""
    now = clock.now()
    entries = await lists.list_day(session, place.document.id, lists.day_bounds(wanted.day, place.zone), now)
    return [
        row
        for row in entries
        if row.state != "cancelled"
        and row.starts_at > now
        and domain.has_nobody(plan, wanted.day, wanted.team, row.team_id, [row.concern_id, *row.also_ids])
    ]


async def _end_holds(session: Session, office_id: str, place: queries.Place, wanted: api_staff.ClosedDay) -> None:
    """End what is kept on the day for whoever fills in a form, or was offered it: it could be booked otherwise."""
    begin, end = lists.day_bounds(wanted.day, place.zone)
    closed = select(desk_table.c.id).where(desk_table.c.office_id == office_id)
    if wanted.team:
        closed = closed.where(desk_table.c.team_id == wanted.team)
    kept = delete(occupancies).where(
        occupancies.c.hold_id.is_not(None),
        occupancies.c.desk_id.in_(closed),
        occupancies.c.starts_at >= begin,
        occupancies.c.starts_at < end,
    )
    ended = (await session.execute(kept.returning(occupancies.c.hold_id))).scalars().all()
    now = clock.now()
    await session.execute(update(holds).where(holds.c.id.in_(ended), holds.c.held_until > now).values(held_until=now))


async def _cancel(session: Session, ids: Sequence[UUID], staff: Identity, access: Access) -> None:
    now = clock.now()
    found = await queries.find_by_ids(session, ids, lock=True)
    for table in (occupancies, person_claims, waiting):
        await session.execute(delete(table).where(table.c.appointment_id.in_(ids)))
    no_address = appointments.c.email.is_(None)
    values = {"state": "cancelled", "cancelled_at": now, "version": appointments.c.version + 1}
    values |= {"to_phone": no_address, "mail": case((no_address, "none"), else_="waiting")}
    await session.execute(update(appointments).where(appointments.c.id.in_(ids)).values(values))
    offered = select(holds.c.appointment_id).where(
        holds.c.appointment_id.in_(ids), holds.c.purpose == "offer", holds.c.held_until > now
    )
    offered_to = set((await session.execute(offered)).scalars())
    for row in found:
        cancelled = {**row, "state": "cancelled", "version": row["version"] + 1}
        event = AppointmentCancelled(
            **event_values(cancelled),
            cancelled_at=now,
            cancelled_by="office",
            reason="closure",
            recipient=access.seal_recipient(cancelled),
        )
        outbox.add(session, event)
        office, number = row["office_id"], row["number"]
        audit.add(session, audit_entries, staff, "cancel", office=office, target=number, after={"reason": "closure"})
        if row["id"] in offered_to:
            await waitlist.withdraw_offers(session, cancelled, access)


async def list_teams(session: Session, office_id: str, staff: Identity) -> list[api_staff.Team]:
    """Return the office's teams; a team is called as its desks are, without their numbers.

    Raises `OfficeNotYours`, `NotYourTask`.
    """
    check_may(staff, "plan", office_id)
    query = select(desk_table.c.team_id, desk_table.c.name).where(desk_table.c.office_id == office_id)
    found = (await session.execute(query.order_by(desk_table.c.id.desc()))).all()
    names = {row.team_id: row.name.rpartition(" ")[0] or row.name for row in found}
    return [api_staff.Team(id=id_, name=name) for id_, name in sorted(names.items())]
