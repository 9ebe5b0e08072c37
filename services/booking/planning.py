"""What plans of an office there are, and for which appointments nobody would be there by one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.engine import Row

from services.booking import domain, queries
from services.booking.models import appointments, concerns, desks, occupancies, offices, plans
from shared import api_plans, clock
from shared.db import Session


@dataclass(frozen=True)
class Planned:
    """An office with the plan in force, the one that waits to come into force, if any, and all it has."""

    office_id: str
    zone: ZoneInfo
    land: str
    in_force: Row[Any]
    scheduled: Row[Any] | None
    newest: int  # the highest version that was ever given
    desks: Mapping[str, Sequence[domain.Desk]]
    concerns: Mapping[str, Mapping[str, Any]]
    now: datetime

    @property
    def plan(self) -> domain.Plan:
        """The plan in force."""
        return read(self.in_force)

    def coverage(self, plan: domain.Plan) -> domain.Coverage:
        """Return what a plan of this office offers."""
        return domain.Coverage(plan, self.desks, self.zone, queries.holidays_of(self.land))

    def team_names(self, plan: domain.Plan) -> dict[str, dict[str, str]]:
        """Return what a plan's teams are called, by language."""
        return domain.team_names(plan, domain.desk_names(plan, self.desks))

    def document(self, row: Row[Any]) -> api_plans.PlanVersion:
        """Return the document of a version."""
        return api_plans.PlanVersion(
            version=row.version,
            sha256=row.sha256,
            state=self._state(row),
            published_at=row.published_at.astimezone(self.zone),
            published_by=row.published_by,
            in_force_from=(row.in_force_from or row.published_at).astimezone(self.zone),
            note=row.note,
            returned_to=row.returned_to,
        )

    def _state(self, row: Row[Any]) -> Any:  # noqa: ANN401  one of the document's words
        if row.withdrawn_at:
            return "withdrawn"
        if row.version == self.in_force.version:
            return "in-force"
        return "scheduled" if self.scheduled and row.version == self.scheduled.version else "former"


@dataclass(frozen=True)
class Stranded:
    """An appointment for which nobody would be there by a plan; `version`: of the plan, when it has one."""

    row: Row[Any]
    gap: domain.Gap
    version: int | None = None


def read(row: Row[Any]) -> domain.Plan:
    """Return the plan of a version."""
    return queries.read_plan(row.sha256, row.document)


async def load(session: Session, office_id: str) -> Planned:
    """Return an office with its plans; raise `UnknownOffice`."""
    now = clock.now()
    office = (await session.execute(select(offices).where(offices.c.id == office_id))).one_or_none()
    of_office = select(plans).where(plans.c.office_id == office_id).order_by(plans.c.version.desc()).limit(1)
    in_force = (await session.execute(of_office.where(queries.is_in_force(now)))).one_or_none()
    if office is None or in_force is None:
        raise domain.UnknownOffice("There is no such office. The list of offices names all.")
    waits = plans.c.withdrawn_at.is_(None), plans.c.in_force_from > now
    desk_rows = await session.execute(select(desks).where(desks.c.office_id == office_id).order_by(desks.c.id))
    by_team: dict[str, list[domain.Desk]] = {}
    for row in desk_rows:
        by_team.setdefault(row.team_id, []).append(domain.Desk(row.id, row.name, row.seeded))
    return Planned(
        office_id=office_id,
        zone=ZoneInfo(office.zone),
        land=office.land,
        in_force=in_force,
        scheduled=(await session.execute(of_office.where(*waits))).one_or_none(),
        newest=(await session.execute(of_office)).one().version,
        desks=by_team,
        concerns={
            row.id: dict(row._mapping) for row in await session.execute(select(concerns).order_by(concerns.c.position))
        },
        now=now,
    )


async def find_version(session: Session, office_id: str, version: int) -> Row[Any]:
    """Return a version of an office's plan; raise `UnknownPlan`."""
    wanted = select(plans).where(plans.c.office_id == office_id, plans.c.version == version)
    if (found := (await session.execute(wanted)).one_or_none()) is None:
        raise domain.UnknownPlan("This office has no such version of its plan. The list of versions names all.")
    return found


async def list_versions(session: Session, office_id: str) -> Sequence[Row[Any]]:
    """Return the newest versions, the newest first."""
    newest = select(plans).where(plans.c.office_id == office_id).order_by(plans.c.version.desc())
    return (await session.execute(newest.limit(api_plans.MOST_VERSIONS))).all()


async def list_stranded_by(
    session: Session, planned: Planned, plan: domain.Plan, start: datetime | None = None
) -> list[Stranded]:
    """Return whom a plan would strand, in force from `start` or at once, and the present one does not."""
    will, is_ = planned.coverage(plan), planned.coverage(planned.plan)
    found = await _list_to_come(session, planned, max(start or planned.now, planned.now))
    return [Stranded(row, gap) for row in found if (gap := _gap(will, row)) is not None and _gap(is_, row) is None]


async def list_stranded(session: Session, planned: Planned) -> list[Stranded]:
    """Return for whom nobody is there, by the plan in force or, from its moment on, by the one that waits."""
    found, is_ = await _list_to_come(session, planned, planned.now), planned.coverage(planned.plan)
    stranded = {row.id: Stranded(row, gap, planned.in_force.version) for row in found if (gap := _gap(is_, row))}
    if waits := planned.scheduled:
        will = planned.coverage(read(waits))
        for row in found:
            if row.starts_at >= waits.in_force_from:
                stranded.pop(row.id, None)  # that plan decides about it
                if gap := _gap(will, row):
                    stranded[row.id] = Stranded(row, gap, waits.version)
    return sorted(stranded.values(), key=lambda one: (one.row.starts_at, one.row.number))


def document(found: Stranded, zone: ZoneInfo) -> api_plans.StrandedAppointment:
    """Return what staff are told of a stranded appointment."""
    row = found.row
    return api_plans.StrandedAppointment(
        number=row.number,
        start=row.starts_at.astimezone(zone),
        end=row.ends_at.astimezone(zone),
        concern=row.concern_name,
        name=row.name,
        has_email=bool(row.email),
        desk=row.desk,
        reason=found.gap,
        version=found.version,
    )


def _gap(coverage: domain.Coverage, row: Row[Any]) -> domain.Gap | None:
    return coverage.gap([row.concern_id, *row.also_ids], row.starts_at, row.ends_at, row.desk_id)


async def _list_to_come(session: Session, planned: Planned, start: datetime) -> Sequence[Row[Any]]:
    waits = and_(appointments.c.state == "unconfirmed", appointments.c.confirm_until > planned.now)
    query = (
        select(
            *(appointments.c[name] for name in ("id", "number", "concern_id", "also_ids", "starts_at", "ends_at")),
            appointments.c.name,
            appointments.c.email,
            concerns.c.name.label("concern_name"),
            occupancies.c.desk_id,
            desks.c.name.label("desk"),
        )
        .join(concerns, concerns.c.id == appointments.c.concern_id)
        .outerjoin(occupancies, occupancies.c.appointment_id == appointments.c.id)
        .outerjoin(desks, desks.c.id == occupancies.c.desk_id)
        .where(
            appointments.c.office_id == planned.office_id,
            appointments.c.starts_at >= start,
            or_(appointments.c.state == "booked", waits),
        )
        .order_by(appointments.c.starts_at, appointments.c.number)
    )
    return (await session.execute(query)).all()
