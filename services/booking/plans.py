"""Looking at, publishing, withdrawing and returning to opening plans: one transaction each, from the rules to the row.

Publishing takes the office's plan lock alone: whoever books at the same time does it by one plan or by the other.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.engine import Row

from services.booking import desks, domain, ending, planning, rows
from services.booking.access import Access
from services.booking.models import audit_entries
from services.booking.models import desks as desk_table
from services.booking.models import plans as table
from services.booking.planning import Planned, Stranded
from services.booking.seed import plan_hash
from services.booking.staff import check_may
from shared import api_plans, audit, clock
from shared.db import Session
from shared.identity import Identity

FURTHEST = timedelta(days=366)


async def list_versions(session: Session, office_id: str, staff: Identity) -> list[api_plans.PlanVersion]:
    """Return the versions, the newest first; raise `NotYourTask`, `OfficeNotYours`, `UnknownOffice`."""
    check_may(staff, "figures", office_id)
    planned = await planning.load(session, office_id)
    return [planned.document(row) for row in await planning.list_versions(session, office_id)]


async def get(session: Session, office_id: str, version: int, staff: Identity) -> api_plans.PlanDocument:
    """Return one version with all that it says; raise what `list_versions` does, and `UnknownPlan`."""
    check_may(staff, "figures", office_id)
    planned = await planning.load(session, office_id)
    row = await planning.find_version(session, office_id, version)
    return api_plans.PlanDocument(
        **planned.document(row).model_dump(),
        document=row.document,
        desks=domain.desk_names(planning.read(row), planned.desks),
        teams=planned.team_names(planning.read(row)),
        concerns=[rows.concern(concern, "") for concern in planned.concerns.values()],
    )


async def list_stranded(session: Session, office_id: str, staff: Identity) -> list[api_plans.StrandedAppointment]:
    """Return for whom nobody is there any more; raise `NotYourTask`, `OfficeNotYours`, `UnknownOffice`."""
    check_may(staff, "desk", office_id)
    planned = await planning.load(session, office_id)
    audit.add(session, audit_entries, staff, "view-stranded", office=office_id)
    return _documents(planned, await planning.list_stranded(session, planned))


async def preview(
    session: Session, office_id: str, wanted: api_plans.PlanLook, staff: Identity
) -> api_plans.PlanPreview:
    """Return what would change; raise what `publish_plan` does but for what comes between, and `UnknownPlan`."""
    check_may(staff, "plan", office_id)
    planned = await planning.load(session, office_id)
    start = _begin(planned, wanted.in_force_from)
    if wanted.version is not None:
        row = await planning.find_version(session, office_id, wanted.version)
        plan, sha256 = planning.read(row), row.sha256
    else:
        plan = _checked(planned, wanted.document)
        sha256 = plan_hash(plan.document())
    audit.add(session, audit_entries, staff, "preview-plan", office=office_id)
    desks_then, former = domain.desk_names(plan, planned.desks), domain.desk_names(planned.plan, planned.desks)
    return api_plans.PlanPreview(
        expect=planned.in_force.version,
        former_sha256=planned.in_force.sha256,
        sha256=sha256,
        changes=[api_plans.PlanChange(**asdict(one)) for one in domain.compare(planned.plan, plan, former, desks_then)],
        teams=planned.team_names(planned.plan) | planned.team_names(plan),
        stranded=_documents(planned, await planning.list_stranded_by(session, planned, plan, start)),
        scheduled=planned.scheduled.version if planned.scheduled else None,
    )


async def publish_plan(
    session: Session, office_id: str, wanted: api_plans.PlanPublication, staff: Identity, access: Access
) -> api_plans.PlanPublished:
    """Publish a plan, at once or for a moment to come.

    Raises `NotYourTask`, `OfficeNotYours`, `UnknownOffice`, `PlanInvalid`, `PlanInThePast`, `PlanChanged`,
    `PlanScheduled`, `PlanStrandsAppointments`.
    """
    planned = await _lock(session, office_id, staff)
    plan = _checked(planned, wanted.document)
    document = plan.document()
    row = {"document": document, "sha256": plan_hash(document)}
    return await _put(session, planned, plan, row, wanted, staff, access)


async def return_to(
    session: Session, office_id: str, version: int, wanted: api_plans.PlanReturn, staff: Identity, access: Access
) -> api_plans.PlanPublished:
    """Publish an earlier version once more, to the last byte; raise what `publish_plan` does, and `UnknownPlan`."""
    planned = await _lock(session, office_id, staff)
    found = await planning.find_version(session, office_id, version)
    row = {"document": found.document, "sha256": found.sha256, "returned_to": version}
    return await _put(session, planned, planning.read(found), row, wanted, staff, access)


async def withdraw(session: Session, office_id: str, version: int, staff: Identity) -> api_plans.PlanVersion:
    """Withdraw a plan before it comes into force; doing so again changes nothing.

    Raises `NotYourTask`, `OfficeNotYours`, `UnknownOffice`, `UnknownPlan`, `PlanBegun`.
    """
    planned = await _lock(session, office_id, staff)
    found = await planning.find_version(session, office_id, version)
    if not found.withdrawn_at:
        if planned.scheduled is None or planned.scheduled.version != version:
            raise domain.PlanBegun("This plan has come into force: return to an earlier one instead.", version=version)
        await _withdraw(session, planned, found, staff)
        found = await planning.find_version(session, office_id, version)
    return planned.document(found)


async def _lock(session: Session, office_id: str, staff: Identity) -> Planned:
    check_may(staff, "plan", office_id)
    await session.lock(desks.plan_lock(session.tenant, office_id))
    return await planning.load(session, office_id)


def _checked(planned: Planned, document: object) -> domain.Plan:
    plan = domain.simplest(domain.parse_plan(document), planned.desks)
    domain.check_plan(plan, planned.concerns, planned.desks)
    return plan


def _begin(planned: Planned, wanted: datetime | None) -> datetime | None:
    if wanted is not None and not planned.now < wanted <= planned.now + FURTHEST:
        raise domain.PlanInThePast("Please choose a moment to come, within a year; or publish the plan at once.")
    return wanted


async def _put(
    session: Session,
    planned: Planned,
    plan: domain.Plan,
    row: dict[str, Any],
    wanted: api_plans.PlanReturn,
    staff: Identity,
    access: Access,
) -> api_plans.PlanPublished:
    start = _begin(planned, wanted.in_force_from)
    if planned.in_force.version != wanted.expect:
        detail = "Somebody else has published a plan meanwhile. Please look at what changes against that one."
        raise domain.PlanChanged(detail, version=planned.in_force.version)
    if planned.scheduled and planned.scheduled.version != wanted.replace:
        detail = "A plan waits to come into force. Please withdraw it, or say that this one is to replace it."
        raise domain.PlanScheduled(detail, version=planned.scheduled.version)
    stranded = await planning.list_stranded_by(session, planned, plan, start)
    _check_strands(planned, stranded, wanted)
    if planned.scheduled:
        await _withdraw(session, planned, planned.scheduled, staff)
    version = planned.newest + 1
    row |= {"tenant": session.tenant, "office_id": planned.office_id, "version": version, "in_force_from": start}
    row |= {"published_at": planned.now, "published_by": staff.subject, "note": wanted.note}
    await session.execute(insert(table), row)
    await _add_desks(session, planned, plan)
    await ending.end_holds(session, planned, plan, start)
    now = clock.now()
    # Whoever has come to a desk meanwhile is served there.
    cancelled = [one for one in stranded if one.row.starts_at > now] if wanted.stranded == "cancel" else []
    await ending.cancel(session, [one.row.id for one in cancelled], staff, access, "publish-plan")
    after = {"version": version, "sha256": row["sha256"], "in_force_from": start.isoformat() if start else None}
    after |= {"stranded": wanted.stranded, "affected": [one.row.number for one in stranded]} if stranded else {}
    audit.add(
        session, audit_entries, staff, "return-plan" if "returned_to" in row else "publish-plan",
        office=planned.office_id, target=str(version), before=_hash(planned.in_force), after=after,
    )  # fmt: skip
    then = await planning.load(session, planned.office_id)
    return api_plans.PlanPublished(
        version=then.document(await planning.find_version(session, planned.office_id, version)),
        kept=_documents(planned, [one for one in stranded if one not in cancelled]),
        cancelled=_documents(planned, cancelled),
    )


def _check_strands(planned: Planned, stranded: Sequence[Stranded], wanted: api_plans.PlanReturn) -> None:
    if not stranded or wanted.stranded == "keep":
        return
    unseen = {one.row.number for one in stranded}.difference(wanted.affected)
    too_many = len(stranded) > api_plans.MOST_CANCELLED
    if wanted.stranded == "cancel" and not unseen and not too_many:
        return
    detail = "People have appointments that this plan does not cover. Please decide whether they keep them."
    if too_many:
        detail = f"This plan does not cover {len(stranded)} appointments, too many to cancel at once: keep them first."
    raise domain.PlanStrandsAppointments(
        detail, appointments=[one.model_dump(mode="json") for one in _documents(planned, stranded)]
    )


async def _add_desks(session: Session, planned: Planned, plan: domain.Plan) -> None:
    """Add the desks that a plan names and that were not there; no desk is ever deleted."""
    key = {"tenant": session.tenant, "office_id": planned.office_id, "seeded": False}
    new = [
        {**key, "team_id": team, "name": name}
        for team, part in plan.teams.items()
        for name in part.desks or ()
        if name not in {desk.name for desk in planned.desks.get(team, ())}
    ]
    if new:
        await session.execute(insert(desk_table), new)


async def _withdraw(session: Session, planned: Planned, row: Row[Any], staff: Identity) -> None:
    own = update(table).where(table.c.office_id == planned.office_id, table.c.version == row.version)
    await session.execute(own.values(withdrawn_at=planned.now))
    audit.add(
        session, audit_entries, staff, "withdraw-plan", office=planned.office_id, target=str(row.version),
        before=_hash(row), after=_hash(planned.in_force),
    )  # fmt: skip


def _hash(row: Row[Any]) -> dict[str, Any]:
    return {"version": row.version, "sha256": row.sha256}


def _documents(planned: Planned, found: Sequence[Stranded]) -> list[api_plans.StrandedAppointment]:
    return [planning.document(one, planned.zone) for one in found]
