"""Booking's read-only statements."""

import sys
from array import array
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import ColumnElement, bindparam, select, text
from sqlalchemy.engine import Row

from services.booking.domain import Busy, Desk, NotTogether, Plan, Rules, UnknownConcern, UnknownOffice
from services.booking.models import appointments, concerns, offices, plans
from shared import api, clock
from shared.db import Session

MOST_PLANS = 1000
_plans: dict[str, Plan] = {}

# One round trip for all that decides about times: office, concerns in the order asked for, the plan in force, desks.
RULES = text("""
    SELECT o.id AS office_id, o.name AS office_name, o.address, o.phone, o.zone, o.land, o.video_url,
           (SELECT jsonb_agg(to_jsonb(c) ORDER BY array_position(CAST(:concerns AS text[]), c.id))
              FROM concerns c WHERE c.id = ANY(CAST(:concerns AS text[]))) AS concerns,
           p.document, p.sha256, n.document AS next_document, n.sha256 AS next_sha256, n.in_force_from AS changes_at,
           (SELECT jsonb_object_agg(team_id, found) FROM
             (SELECT team_id, jsonb_agg(jsonb_build_array(id, name, seeded) ORDER BY id) AS found
                FROM desks WHERE office_id = o.id GROUP BY team_id) t
           ) AS desks
    FROM offices o
    LEFT JOIN LATERAL (
        SELECT document, sha256 FROM plans WHERE plans.office_id = o.id AND withdrawn_at IS NULL
          AND (in_force_from IS NULL OR in_force_from <= CAST(:now AS timestamptz)) ORDER BY version DESC LIMIT 1
    ) p ON true
    LEFT JOIN LATERAL (
        SELECT document, sha256, in_force_from FROM plans WHERE plans.office_id = o.id AND withdrawn_at IS NULL
          AND in_force_from > CAST(:now AS timestamptz) ORDER BY in_force_from LIMIT 1
    ) n ON true
    WHERE o.id = :office
""")

# An appointment is shorter than a day, so that what can overlap is found by its start alone, by the index. A row per
# desk with begins and ends as PostgreSQL keeps them: thousands of values would cost more to convert than to find.
_BUSY = text("""
    SELECT desk_id, string_agg(timestamptz_send(starts_at), '' ORDER BY starts_at) AS starts,
           string_agg(timestamptz_send(ends_at), '' ORDER BY starts_at) AS ends
    FROM occupancies
    WHERE tenant = :tenant AND desk_id = ANY(CAST(:desks AS int[]))
      AND starts_at < :end AND starts_at > :day_before AND (held_until IS NULL OR held_until > :now)
    GROUP BY desk_id
""")

_APPOINTMENTS = select(
    appointments,
    offices.c.name.label("office_name"),
    offices.c.address,
    offices.c.phone,
    offices.c.zone,
    offices.c.video_url,
    # As they are at this office: what its plan in force says otherwise replaces what the tenant says.
    text(
        "(SELECT jsonb_agg(to_jsonb(c) || coalesce(p.rules -> c.id, '{}') "
        "ORDER BY array_position(concern_id || also_ids, c.id)) FROM concerns c "
        "LEFT JOIN (SELECT document -> 'concerns' AS rules FROM plans WHERE plans.office_id = appointments.office_id "
        "AND withdrawn_at IS NULL AND (in_force_from IS NULL OR in_force_from <= CAST(:now AS timestamptz)) "
        "ORDER BY version DESC LIMIT 1) p ON true WHERE c.id = ANY(concern_id || also_ids)) AS concerns"
    ),
    text("EXISTS (SELECT FROM waitlist w WHERE w.appointment_id = appointments.id) AS waiting"),
).join(offices, offices.c.id == appointments.c.office_id)
_BY_NUMBER = _APPOINTMENTS.where(appointments.c.number == bindparam("number"))
_BY_KEY = _APPOINTMENTS.where(appointments.c.idempotency_key == bindparam("key"))
_BY_ID = _APPOINTMENTS.where(appointments.c.id == bindparam("id"))
# Locked by a statement of its own: what had to wait would see the row as it is now, but the waitlist as it was before.
_LOCK = select(appointments.c.id).with_for_update()
_LOCK_NUMBER = _LOCK.where(appointments.c.number == bindparam("number"))
_LOCK_ID = _LOCK.where(appointments.c.id == bindparam("id"))


async def list_offices(session: Session) -> Sequence[Row[Any]]:
    """Return the tenant's offices in their order."""
    return (await session.execute(select(offices).order_by(offices.c.position))).all()


async def list_concerns(session: Session, office_id: str) -> list[Mapping[str, Any]]:
    """Return the concerns that some team of the office handles, each with those it goes `together_with`.

    Raises `UnknownOffice`.
    """
    in_force = select(plans.c.document, plans.c.sha256, offices.c.video_url).join_from(
        plans, offices, (offices.c.tenant == plans.c.tenant) & (offices.c.id == plans.c.office_id)
    )
    in_force = in_force.where(plans.c.office_id == office_id, is_in_force(clock.now()))
    found = (await session.execute(in_force.order_by(plans.c.version.desc()).limit(1))).one_or_none()
    if found is None:
        raise UnknownOffice("There is no such office. The list of offices names all.")
    plan = read_plan(found.sha256, found.document)
    teams = [set(team.concerns) for team in plan.teams.values()]
    rows = (await session.execute(select(concerns).order_by(concerns.c.position))).all()
    return [
        {
            **plan.concern(dict(row._mapping)),
            "video_url": found.video_url,
            "together_with": [one.id for one in rows if one.id != row.id and any({one.id, row.id} <= t for t in teams)],
        }
        for row in rows
        if any(row.id in team for team in teams)
    ]


def is_in_force(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a plan is in force now, or was: the newest for which it holds decides.

    What was published for at once holds whatever the clock of a replica says.
    """
    begun = plans.c.in_force_from.is_(None) | (plans.c.in_force_from <= now)
    return plans.c.withdrawn_at.is_(None) & begun


def kinds_of(kinds: Sequence[str], video_url: str) -> list[str]:
    """Return how a concern can be dealt with at an office: by video only where the office has set a link."""
    return [kind for kind in kinds if kind != "video" or video_url]


async def load_rules(session: Session, office_id: str, concern_ids: Sequence[str]) -> tuple[Rules, Mapping[str, Any]]:
    """Return what decides about times, and the row it came from: read once while the plan is locked.

    A plan that was published for a later moment takes no lock then: what was read holds until that moment.
    Raises `UnknownOffice`, `UnknownConcern`, `NotTogether`.
    """
    now = clock.now()
    key = "rules", session.tenant, office_id, *concern_ids
    known: tuple[Rules, Mapping[str, Any]] | None = session.memo.get(key)
    if known is None or (known[0].changes_at and known[0].changes_at <= now):
        known = session.memo[key] = await _read_rules(session, office_id, concern_ids, now)
    return known


async def _read_rules(
    session: Session, office_id: str, concern_ids: Sequence[str], now: datetime
) -> tuple[Rules, Mapping[str, Any]]:
    wanted = {"office": office_id, "concerns": list(concern_ids), "now": now}
    row = _mapping((await session.execute(RULES, wanted)).one_or_none())
    if row is None or row["document"] is None:
        raise UnknownOffice("There is no such office. The list of offices names all.")
    plan = read_plan(row["sha256"], row["document"])
    found = [plan.concern(concern) for concern in row["concerns"] or []]
    row = {**row, "concerns": found}
    handled = {concern for team in plan.teams.values() for concern in team.concerns}
    if len(found) < len(concern_ids) or not handled.issuperset(concern_ids):
        raise UnknownConcern("This office does not handle such a concern. Its list of concerns names all.")
    desks = desks_by_team(row["desks"])
    rules = Rules(
        zone=ZoneInfo(row["zone"]),
        holidays=holidays_of(row["land"]),
        plan=plan,
        desks=plan.desk_ids(desks),
        concern_ids=concern_ids,
        minutes=sum(concern["minutes"] for concern in found),
        lead_days=max(concern["lead_days"] for concern in found),
        horizon_days=min(concern["horizon_days"] for concern in found),
    )
    if row["changes_at"]:
        coming = read_plan(row["next_sha256"], row["next_document"])
        then = replace(rules, plan=coming, desks=coming.desk_ids(desks), kept_desks_too=True)
        rules = replace(rules, coming=then, changes_at=row["changes_at"])
    if not any(True for _ in rules.teams):
        raise NotTogether("No team of this office deals with all of this. Please make an appointment for each.")
    return rules, row


@dataclass(frozen=True)
class Place:
    """An office with the plan that is in force."""

    document: api.Office
    zone: ZoneInfo
    holidays: Container[date]
    version: int
    plan: Plan


async def load_office(session: Session, office_id: str) -> Place:
    """Return an office and its plan; raise `UnknownOffice`."""
    in_force = select(offices, plans.c.version, plans.c.document, plans.c.sha256).join_from(
        plans, offices, (offices.c.tenant == plans.c.tenant) & (offices.c.id == plans.c.office_id)
    )
    in_force = in_force.where(plans.c.office_id == office_id, is_in_force(clock.now()))
    row = (await session.execute(in_force.order_by(plans.c.version.desc()).limit(1))).one_or_none()
    if row is None:
        raise UnknownOffice("There is no such office. The list of offices names all.")
    document = api.Office(id=row.id, name=row.name, address=row.address, phone=row.phone, zone=row.zone)
    return Place(document, ZoneInfo(row.zone), holidays_of(row.land), row.version, read_plan(row.sha256, row.document))


async def load_coming_plan(session: Session, office_id: str, now: datetime) -> tuple[Plan, datetime] | None:
    """Return the plan that waits at an office, if one does, and when it comes into force."""
    waits = select(plans.c.sha256, plans.c.document, plans.c.in_force_from).where(
        plans.c.office_id == office_id, plans.c.withdrawn_at.is_(None), plans.c.in_force_from > now
    )
    row = (await session.execute(waits.order_by(plans.c.in_force_from).limit(1))).one_or_none()
    return None if row is None else (read_plan(row.sha256, row.document), row.in_force_from)


async def list_busy(
    session: Session, desk_ids: Sequence[int], start: datetime, end: datetime, now: datetime
) -> list[Busy]:
    """Return when these desks are taken within the period (UTC), and what ends shortly before it.

    A hold that has ended by `now` takes nothing.
    """
    period = {"end": end, "day_before": start - timedelta(days=1), "now": now}
    found = await session.execute(_BUSY, {"tenant": session.tenant, "desks": list(desk_ids), **period})
    return [Busy(row.desk_id, _ticks(row.starts), _ticks(row.ends)) for row in found]


async def find_by_number(session: Session, number: str, *, lock: bool = False) -> Mapping[str, Any] | None:
    """Return the appointment with this number, with its office and concern."""
    if lock:
        await session.execute(_LOCK_NUMBER, {"number": number})
    return _mapping((await session.execute(_BY_NUMBER, {"number": number, "now": clock.now()})).one_or_none())


async def find_by_id(session: Session, id_: UUID, *, lock: bool = False) -> Mapping[str, Any]:
    """Return the appointment with this id, which is known to exist."""
    if lock:
        await session.execute(_LOCK_ID, {"id": id_})
    return dict((await session.execute(_BY_ID, {"id": id_, "now": clock.now()})).one()._mapping)


async def find_by_ids(session: Session, ids: Sequence[UUID], *, lock: bool = False) -> list[Mapping[str, Any]]:
    """Return the appointments with these ids, which are known to exist."""
    if lock:
        await session.execute(_LOCK.where(appointments.c.id.in_(ids)).order_by(appointments.c.id))
    wanted = _APPOINTMENTS.where(appointments.c.id.in_(ids)).order_by(appointments.c.starts_at)
    found = await session.execute(wanted, {"now": clock.now()})
    return [dict(row._mapping) for row in found]


async def find_by_key(session: Session, key: str) -> Mapping[str, Any] | None:
    """Return the appointment that was booked with this idempotency key."""
    return _mapping((await session.execute(_BY_KEY, {"key": key, "now": clock.now()})).one_or_none())


def _mapping(row: Row[Any] | None) -> Mapping[str, Any] | None:
    return None if row is None else dict(row._mapping)


def _ticks(sent: bytes) -> Sequence[int]:
    """Read moments as PostgreSQL sends them: each an 8-byte integer."""
    found = array("q", sent)
    if sys.byteorder == "little":
        found.byteswap()
    return found


def desks_by_team(found: Mapping[str, Sequence[Any]] | None) -> dict[str, list[Desk]]:
    """Return the desks of an office as `RULES` reads them."""
    return {team: [Desk(*desk) for desk in desks] for team, desks in (found or {}).items()}


def read_plan(sha256: str, document: object) -> Plan:
    """Read a plan's document once: it never changes under its hash."""
    if sha256 not in _plans:
        if len(_plans) >= MOST_PLANS:
            _plans.clear()
        _plans[sha256] = Plan.model_validate(document)
    return _plans[sha256]


@cache
def holidays_of(land: str) -> Container[date]:
    """Return the public holidays of a Land."""
    return holidays.country_holidays("DE", subdiv=land)
