"""Closing a day: a new plan, and everybody who had an appointment is told by mail or listed to be called.

One transaction, while nobody else books at the office: either all of it has happened or nothing.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.engine import Row

from services.booking import desks, domain, ending, lists, planning, plans, queries
from services.booking.access import Access
from services.booking.models import audit_entries
from services.booking.planning import Planned
from services.booking.staff import check_may
from shared import api_plans, api_staff, audit, clock
from shared.db import Session
from shared.identity import Identity


async def preview(
    session: Session, office_id: str, wanted: api_staff.ClosedDay, staff: Identity
) -> api_staff.ClosingPreview:
    """Return what closing a day would do.

    Raises `OfficeNotYours`, `NotYourTask`, `UnknownOffice`, `UnknownTeam`, `DayOver`.
    """
    check_may(staff, "plan", office_id)
    place, planned = await queries.load_office(session, office_id), await planning.load(session, office_id)
    plan = _plan_on(planned, wanted.day)
    affected = await _affected(session, planned, wanted, plan)
    audit.add(session, audit_entries, staff, "preview-closure", office=office_id, target=wanted.day.isoformat())
    return api_staff.ClosingPreview(
        office=place.document,
        day=wanted.day,
        team=wanted.team,
        closed=domain.is_closed(plan, wanted.day, wanted.team),
        affected=lists.documents(affected),
    )


async def close(
    session: Session, office_id: str, wanted: api_staff.Closing, staff: Identity, access: Access
) -> api_staff.Closed:
    """Close a day and cancel what was booked on it; done already, it cancels what is left.

    Raises what `preview` does, `AffectedChanged` when somebody is affected whom the preview had not listed,
    `TooManyAffected`, and `PlanInvalid` when the plan in force could not be published as it is.
    """
    check_may(staff, "plan", office_id)
    await session.lock(desks.plan_lock(session.tenant, office_id))
    planned = await planning.load(session, office_id)
    affected = await _affected(session, planned, wanted, _plan_on(planned, wanted.day))
    if len(affected) > api_staff.MOST_AFFECTED:
        detail = f"More than {api_staff.MOST_AFFECTED} appointments are on that day. Please close one team at a time."
        raise domain.TooManyAffected(detail)
    if unseen := [row.number for row in affected if row.number not in wanted.numbers]:
        raise domain.AffectedChanged("Meanwhile somebody has booked. Please look at the list again.", unseen=unseen)
    ids = [row.id for row in affected]
    # First the plan: what is offered to others as they are cancelled must be offered by the new one. What was held or
    # offered on the day ends with it.
    version = await _publish(session, planned, wanted, staff, access)
    await ending.cancel(session, ids, staff, access, "close-day")
    cancelled = await lists.list_by_id(session, ids)
    to_phone = [row for row in cancelled if row.to_phone]
    told = [row for row in cancelled if not row.to_phone]
    audit.add(
        session, audit_entries, staff, "close-day", office=office_id, target=wanted.day.isoformat(),
        before={"plan": planned.in_force.version},
        after={"plan": version, "team": wanted.team, "reason": wanted.reason, "told": len(told),
               "to_phone": len(to_phone)},
    )  # fmt: skip
    return api_staff.Closed(plan=version, told=lists.documents(told), to_phone=lists.documents(to_phone))


def _plan_on(planned: Planned, day: date) -> domain.Plan:
    """Return the plan that decides about a day; raise `DayOver`."""
    if day < planned.now.astimezone(planned.zone).date():
        raise domain.DayOver("This day is past. Please choose today or a later day.")
    _, end = lists.day_bounds(day, planned.zone)
    waits = planned.scheduled
    return planning.read(waits) if waits and waits.in_force_from < end else planned.plan


async def _publish(
    session: Session, planned: Planned, wanted: api_staff.Closing, staff: Identity, access: Access
) -> int:
    """Publish the plan in force with the closure, and the one that waits too; return the version in force."""
    waits = planned.scheduled
    now, later = (_closed(plan, wanted) for plan in (planned.plan, planning.read(waits) if waits else planned.plan))
    if now == planned.plan and (not waits or later == planning.read(waits)):
        return int(planned.in_force.version)
    office_id, keep = planned.office_id, {"stranded": "keep"}  # whoever is affected is cancelled here
    first = api_plans.PlanPublication.model_validate(
        keep
        | {"document": now.document(), "expect": planned.in_force.version, "replace": waits and waits.version}
        | {"note": next(iter(wanted.reason.values()))}
    )
    version = (await plans.publish_plan(session, office_id, first, staff, access)).version.version
    if waits:
        then = {"document": later.document(), "expect": version, "in_force_from": waits.in_force_from}
        again = api_plans.PlanPublication.model_validate(keep | then | {"note": waits.note})
        await plans.publish_plan(session, office_id, again, staff, access)
    return version


def _closed(plan: domain.Plan, wanted: api_staff.Closing) -> domain.Plan:
    if wanted.team is not None and wanted.team not in plan.teams:
        return plan  # which has no such team, or none yet
    return domain.close(plan, wanted.day, wanted.team, wanted.reason)


async def _affected(
    session: Session, planned: Planned, wanted: api_staff.ClosedDay, plan: domain.Plan
) -> Sequence[Row[Any]]:
    """Return the appointments, still to come, that have nobody to go to when a day of a plan is closed."""
    now = clock.now()
    left = planned.coverage(domain.close(plan, wanted.day, wanted.team, {}))
    entries = await lists.list_day(session, planned.office_id, lists.day_bounds(wanted.day, planned.zone), now)
    return [
        row
        for row in entries
        if row.state != "cancelled"
        and row.starts_at > now
        and (wanted.team in (None, row.team_id) or _goes_nowhere(row, left))
    ]


def _goes_nowhere(row: Row[Any], left: domain.Coverage) -> bool:
    """Tell whether an appointment without a desk, which goes to whoever is there then, finds nobody."""
    return (
        row.team_id is None and left.gap([row.concern_id, *row.also_ids], row.starts_at, row.ends_at, None) is not None
    )


async def list_teams(session: Session, office_id: str, staff: Identity) -> list[api_staff.Team]:
    """Return the office's teams: those of the plan in force, and of the one that waits.

    Raises `OfficeNotYours`, `NotYourTask`, `UnknownOffice`.
    """
    check_may(staff, "plan", office_id)
    planned = await planning.load(session, office_id)
    names: dict[str, dict[str, str]] = {}
    for row in (planned.scheduled, planned.in_force):
        if row is not None:
            names |= planned.team_names(planning.read(row))
    return [api_staff.Team(id=id_, name=name) for id_, name in sorted(names.items())]
