"""Booking's read-only statements."""

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import ARRAY, BigInteger, ColumnElement, Integer, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.engine import Row

from services.booking.domain import Busy, Plan, Rules, UnknownConcern, UnknownOffice
from services.booking.models import appointments, concerns, occupancies, offices, plans
from shared.db import Session

MOST_PLANS = 1000
_plans: dict[str, Plan] = {}

# One round trip for all that decides about times: office, concern, the plan in force, and its desks.
RULES = text("""
    SELECT o.id AS office_id, o.name AS office_name, o.address, o.phone, o.zone, o.land,
           c.id AS concern_id, c.name AS concern_name, c.minutes, c.lead_days, c.horizon_days, c.papers,
           p.document, p.sha256,
           (SELECT jsonb_object_agg(team_id, ids) FROM
             (SELECT team_id, jsonb_agg(id ORDER BY id) AS ids FROM desks WHERE office_id = o.id GROUP BY team_id) t
           ) AS desks
    FROM offices o
    LEFT JOIN concerns c ON c.id = :concern
    LEFT JOIN LATERAL (
        SELECT document, sha256 FROM plans WHERE plans.office_id = o.id ORDER BY version DESC LIMIT 1
    ) p ON true
    WHERE o.id = :office
""")


def _seconds(moment: ColumnElement[datetime]) -> ColumnElement[int]:
    return cast(func.date_part("epoch", moment), BigInteger)  # `extract` would count in numeric, four times as long


# An appointment is shorter than a day, so that what can overlap is found by its start alone, by the index.
# A row per desk, and numbers in it: thousands of rows with times would cost more to read than to find.
_BUSY = (
    select(
        occupancies.c.desk_id,
        func.array_agg(aggregate_order_by(_seconds(occupancies.c.starts_at), occupancies.c.starts_at)).label("starts"),
        func.array_agg(aggregate_order_by(_seconds(occupancies.c.ends_at), occupancies.c.starts_at)).label("ends"),
    )
    .where(
        occupancies.c.tenant == bindparam("tenant"),
        occupancies.c.desk_id == func.any(bindparam("desks", type_=ARRAY(Integer))),
        occupancies.c.starts_at < bindparam("end"),
        occupancies.c.starts_at > bindparam("day_before"),
        occupancies.c.ends_at > bindparam("start"),
    )
    .group_by(occupancies.c.desk_id)
)

_APPOINTMENTS = (
    select(
        appointments,
        offices.c.name.label("office_name"),
        offices.c.address,
        offices.c.phone,
        offices.c.zone,
        concerns.c.name.label("concern_name"),
        concerns.c.minutes,
        concerns.c.papers,
    )
    .join(offices, offices.c.id == appointments.c.office_id)
    .join(concerns, concerns.c.id == appointments.c.concern_id)
)
_BY_NUMBER = _APPOINTMENTS.where(appointments.c.number == bindparam("number"))
_BY_KEY = _APPOINTMENTS.where(appointments.c.idempotency_key == bindparam("key"))


async def list_offices(session: Session) -> Sequence[Row[Any]]:
    """Return the tenant's offices in their order."""
    return (await session.execute(select(offices).order_by(offices.c.position))).all()


async def list_concerns(session: Session, office_id: str) -> list[Row[Any]]:
    """Return the concerns that some team of the office handles; raise `UnknownOffice`."""
    newest = select(plans.c.document).where(plans.c.office_id == office_id).order_by(plans.c.version.desc()).limit(1)
    document = (await session.execute(newest)).scalar()
    if document is None:
        raise UnknownOffice("There is no such office. The list of offices names all.")
    handled = {concern for team in document["teams"].values() for concern in team["concerns"]}
    rows = (await session.execute(select(concerns).order_by(concerns.c.position))).all()
    return [row for row in rows if row.id in handled]


async def load_rules(session: Session, office_id: str, concern_id: str) -> tuple[Rules, Mapping[str, Any]]:
    """Return what decides about times, and the row it came from; raise `UnknownOffice` or `UnknownConcern`."""
    row = _mapping((await session.execute(RULES, {"office": office_id, "concern": concern_id})).one_or_none())
    if row is None or row["document"] is None:
        raise UnknownOffice("There is no such office. The list of offices names all.")
    plan = _plan(row["sha256"], row["document"])
    if row["minutes"] is None or not any(concern_id in team.concerns for team in plan.teams.values()):
        raise UnknownConcern("This office does not handle such a concern. Its list of concerns names all.")
    rules = Rules(
        zone=ZoneInfo(row["zone"]),
        holidays=_holidays(row["land"]),
        plan=plan,
        desks=row["desks"] or {},
        concern_id=concern_id,
        minutes=row["minutes"],
        lead_days=row["lead_days"],
        horizon_days=row["horizon_days"],
    )
    return rules, row


async def list_busy(session: Session, desk_ids: Sequence[int], start: datetime, end: datetime) -> list[Busy]:
    """Return when these desks are taken within the period (UTC)."""
    period = {"start": start, "end": end, "day_before": start - timedelta(days=1)}
    found = await session.execute(_BUSY, {"tenant": session.tenant, "desks": list(desk_ids), **period})
    return [Busy(row.desk_id, row.starts, row.ends) for row in found]


async def find_by_number(session: Session, number: str, *, lock: bool = False) -> Mapping[str, Any] | None:
    """Return the appointment with this number, with its office and concern."""
    query = _BY_NUMBER.with_for_update(of=appointments) if lock else _BY_NUMBER
    return _mapping((await session.execute(query, {"number": number})).one_or_none())


async def find_by_key(session: Session, key: str) -> Mapping[str, Any] | None:
    """Return the appointment that was booked with this idempotency key."""
    return _mapping((await session.execute(_BY_KEY, {"key": key})).one_or_none())


def _mapping(row: Row[Any] | None) -> Mapping[str, Any] | None:
    return None if row is None else dict(row._mapping)


def _plan(sha256: str, document: object) -> Plan:
    """Read a plan's document once: it never changes under its hash."""
    if sha256 not in _plans:
        if len(_plans) >= MOST_PLANS:
            _plans.clear()
        _plans[sha256] = Plan.model_validate(document)
    return _plans[sha256]


@cache
def _holidays(land: str) -> Container[date]:
    return holidays.country_holidays("DE", subdiv=land)
