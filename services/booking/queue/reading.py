"""What is read of an office's queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, bindparam, func, select, text
from sqlalchemy.engine import Row

from services.booking import domain, queries
from services.booking.models import appointments, concerns, desks, offices, open_desks, tickets
from shared.db import Session

Ticket = Mapping[str, Any]  # a row of `tickets` with the names of desk, concern, office, and of its appointment

MOST_CLOSED = 20
LONGEST_PAUSE = timedelta(minutes=45)
COMES_BACK = timedelta(minutes=30)  # whoever closed a desk longer ago may not come back

_TICKETS = (
    select(
        tickets,
        desks.c.name.label("desk_name"),
        concerns.c.name.label("concern_name"),
        appointments.c.number.label("appointment_number"),
        appointments.c.name.label("person"),
        offices.c.name.label("office_name"),
        offices.c.address,
        offices.c.phone,
        offices.c.zone,
    )
    .join(offices, (offices.c.tenant == tickets.c.tenant) & (offices.c.id == tickets.c.office_id))
    .join(concerns, (concerns.c.tenant == tickets.c.tenant) & (concerns.c.id == tickets.c.concern_id))
    .outerjoin(desks, desks.c.id == tickets.c.desk_id)
    .outerjoin(appointments, appointments.c.id == tickets.c.appointment_id)
)
_OF_OFFICE = _TICKETS.where(tickets.c.office_id == bindparam("office"))
_OPEN = _OF_OFFICE.where(tickets.c.state.in_(domain.OPEN))
_CLOSED = (
    _OF_OFFICE.where(tickets.c.day == bindparam("day", type_=Date), tickets.c.state.not_in(domain.OPEN))
    .order_by(tickets.c.ended_at.desc())
    .limit(MOST_CLOSED)
)
_BY_ID = _TICKETS.where(tickets.c.id == bindparam("id"))
_BY_KEY = _OF_OFFICE.where(tickets.c.idempotency_key == bindparam("key"))
_BY_APPOINTMENT = _TICKETS.where(
    tickets.c.appointment_id == bindparam("id"),
    tickets.c.day == bindparam("day", type_=Date),
    # Served for the time it had before it was moved to a later one of this day, they come again.
    tickets.c.state.in_(domain.OPEN) | ((tickets.c.state == "served") & (tickets.c.due_at == appointments.c.starts_at)),
)
_BUSY = select(tickets.c.id).where(tickets.c.desk_id == desks.c.id, tickets.c.state.in_(("called", "serving")))
_DESKS = (
    select(
        desks.c.id, desks.c.name, desks.c.team_id, desks.c.seeded, open_desks.c.seen_at, _BUSY.exists().label("busy")
    )
    .outerjoin(open_desks, open_desks.c.desk_id == desks.c.id)
    .where(desks.c.office_id == bindparam("office"))
    .order_by(desks.c.team_id, desks.c.id)
)
# When desks became free: somebody was done there, or was passed on or put back.
_FREED = """
    SELECT desk_id, ended_at AS at FROM tickets WHERE office_id = :office AND day = :day AND ended_at IS NOT NULL
    UNION ALL SELECT left_desk_id, left_desk_at FROM tickets WHERE office_id = :office AND day = :day
"""
# Since when a desk has nobody, where that is a moment or a pause and no lack of people: somebody waited for its team
# then, and somebody, perhaps another, a minute ago. Longer than a pause, the desk was closed.
_IDLE_SINCE = text(f"""
    SELECT last.at FROM (SELECT max(at) AS at FROM ({_FREED}) freed WHERE desk_id = :desk) last
    WHERE last.at > :pause_ago AND (
        SELECT bool_and(EXISTS (
            SELECT FROM tickets w WHERE w.office_id = :office AND w.day = :day AND w.team_id = :team
            AND w.arrived_at <= moment AND COALESCE(w.called_at, w.ended_at, 'infinity') > moment))
        FROM unnest(ARRAY[last.at, CAST(:minute_ago AS timestamptz)]) AS moment)
""")  # noqa: S608  put together of constants
# Desks that are closed now and were not a moment ago: since their last conversation.
_PAUSED = text(f"""
    SELECT d.team_id, max(freed.at) AS since FROM ({_FREED}) freed JOIN desks d ON d.id = freed.desk_id
    WHERE NOT freed.desk_id = ANY(CAST(:open AS int[]))
    GROUP BY d.id, d.team_id HAVING max(freed.at) > :then
""")  # noqa: S608  likewise
_VERSION = select(func.coalesce(func.sum(tickets.c.version), 0)).where(
    tickets.c.office_id == bindparam("office"), tickets.c.day == bindparam("day", type_=Date)
)
_TO_COME = text("""
    SELECT a.number, a.name, a.concern_id, c.name AS concern_name, a.starts_at, a.outcome, o.team_id
    FROM appointments a JOIN concerns c ON c.tenant = a.tenant AND c.id = a.concern_id
    LEFT JOIN LATERAL (
        SELECT d.team_id FROM occupancies s JOIN desks d ON d.id = s.desk_id WHERE s.appointment_id = a.id
    ) o ON true
    WHERE a.office_id = :office AND a.state = 'booked' AND a.kind = 'office'
      AND a.starts_at >= :midnight AND a.starts_at < :next_midnight
      AND NOT EXISTS (
        SELECT FROM tickets t WHERE t.appointment_id = a.id AND t.day = :day AND t.state <> 'left'
        AND (t.ended_at IS NULL OR t.due_at = a.starts_at))
    ORDER BY a.starts_at, a.number
""")
_TEAM_OF = text("SELECT d.team_id FROM occupancies s JOIN desks d ON d.id = s.desk_id WHERE s.appointment_id = :id")


@dataclass(frozen=True)
class Today:
    """An office on the day that it is there."""

    office: queries.Place
    day: date

    @property
    def id(self) -> str:
        """Of the office."""
        return self.office.document.id

    @property
    def teams(self) -> list[str]:
        """Its teams, in the order of the opening plan."""
        return list(self.office.plan.teams)


async def today(session: Session, office_id: str, now: datetime) -> Today:
    """Return an office on its present day; raise `UnknownOffice`."""
    office = await queries.load_office(session, office_id)
    return Today(office, now.astimezone(office.zone).date())


async def list_open(session: Session, office_id: str) -> list[Ticket]:
    """Return who waits, is called or is being served; also whom an earlier day has left so."""
    return _all(await session.execute(_OPEN, {"office": office_id}))


async def list_oldest_open(session: Session) -> dict[str, date]:
    """Return the first day of which somebody waits, is called or is being served still, by office."""
    found = select(tickets.c.office_id, func.min(tickets.c.day).label("first")).where(tickets.c.state.in_(domain.OPEN))
    return {row.office_id: row.first for row in await session.execute(found.group_by(tickets.c.office_id))}


async def list_open_today(session: Session, here: Today) -> list[Ticket]:
    """Return who waits, is called or is being served today."""
    return [row for row in await list_open(session, here.id) if row["day"] == here.day]


async def list_closed(session: Session, here: Today) -> list[Ticket]:
    """Return whose visit ended last."""
    return _all(await session.execute(_CLOSED, {"office": here.id, "day": here.day}))


async def find(session: Session, ticket_id: UUID) -> Ticket | None:
    """Return a ticket."""
    return _one(await session.execute(_BY_ID, {"id": ticket_id}))


async def find_by_key(session: Session, office_id: str, key: str) -> Ticket | None:
    """Return the ticket that was drawn at an office with this idempotency key."""
    return _one(await session.execute(_BY_KEY, {"office": office_id, "key": key}))


async def find_of_appointment(session: Session, here: Today, appointment_id: UUID) -> Ticket | None:
    """Return the ticket with which somebody is here today, or was served."""
    found = _all(await session.execute(_BY_APPOINTMENT, {"id": appointment_id, "day": here.day}))
    return found[0] if found else None


async def list_desks(session: Session, office_id: str) -> Sequence[Row[Any]]:
    """Return an office's desks by team, each with when it was last heard of, if it is open."""
    return (await session.execute(_DESKS, {"office": office_id})).all()


def to_show(here: Today, found: Sequence[Row[Any]], there: Sequence[Ticket]) -> list[Row[Any]]:
    """Return the desks that the opening plan names, and those that are open all the same: somebody sits there.

    Also those of a team that has none by the plan any more while people wait for it: somebody has to call them.
    """
    by_team: dict[str, list[domain.Desk]] = {}
    for row in found:
        by_team.setdefault(row.team_id, []).append(domain.Desk(row.id, row.name, row.seeded))
    planned = here.office.plan.desk_ids(by_team)
    given_up = {ticket["team_id"] for ticket in there if not planned.get(ticket["team_id"])}
    in_plan = {id_ for ids in planned.values() for id_ in ids}
    return [row for row in found if row.id in in_plan or row.seen_at is not None or row.team_id in given_up]


async def list_to_come(session: Session, here: Today) -> list[Mapping[str, Any]]:
    """Return the appointments of today whose person is not there yet."""
    first, next_ = (datetime.combine(day, time(), here.office.zone) for day in (here.day, here.day + timedelta(days=1)))
    values = {"office": here.id, "day": here.day, "midnight": first, "next_midnight": next_}
    return [dict(row._mapping) for row in await session.execute(_TO_COME, values)]


async def find_team(session: Session, appointment_id: UUID) -> str | None:
    """Return the team whose desk an appointment has."""
    found: str | None = (await session.execute(_TEAM_OF, {"id": appointment_id})).scalar_one_or_none()
    return found


async def find_idle_since(session: Session, here: Today, desk: Row[Any], now: datetime) -> datetime | None:
    """Return when a desk's last conversation ended, if people have been waiting since; not longer than a pause ago."""
    values = {"office": here.id, "day": here.day, "desk": desk.id, "team": desk.team_id}
    values |= {"pause_ago": now - LONGEST_PAUSE, "minute_ago": now - timedelta(minutes=1)}
    found: datetime | None = (await session.execute(_IDLE_SINCE, values)).scalar_one_or_none()
    return found


async def list_paused(
    session: Session, here: Today, open_desks: Sequence[int], now: datetime
) -> dict[str, list[datetime]]:
    """Return since when desks pause, by team: of those not open, which worked half an hour ago still."""
    values = {"office": here.id, "day": here.day, "open": list(open_desks), "then": now - COMES_BACK}
    paused: dict[str, list[datetime]] = {}
    for row in await session.execute(_PAUSED, values):
        paused.setdefault(row.team_id, []).append(row.since)
    return paused


async def version(session: Session, here: Today) -> int:
    """Return a number that rises with every change of the office's queue, from day to day too."""
    changes = (await session.execute(_VERSION, {"office": here.id, "day": here.day})).scalar_one()
    return here.day.toordinal() * 1_000_000 + int(changes)


def waiting(row: Ticket) -> domain.Waiting:
    """Return somebody who waits as the rule of order sees them."""
    return domain.Waiting(row["id"], row["arrived_at"], row["due_at"], row["urgency"], row["number"])


def in_order(rows: Sequence[Ticket], now: datetime) -> list[Ticket]:
    """Return those of them who wait, in the order in which they would be called now."""
    by_id = {row["id"]: row for row in rows if row["state"] == "waiting"}
    return [by_id[one.id] for one in domain.in_order(map(waiting, by_id.values()), now)]


def _all(result: Any) -> list[Ticket]:  # noqa: ANN401  SQLAlchemy's own type
    return [dict(row._mapping) for row in result]


def _one(result: Any) -> Ticket | None:  # noqa: ANN401
    row = result.one_or_none()
    return None if row is None else dict(row._mapping)
