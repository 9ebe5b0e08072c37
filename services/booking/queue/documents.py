"""Rows of the queue as others are told of them: the person who waits, the display, staff."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.booking import domain
from services.booking.access import Access
from services.booking.queue import presence, reading
from services.booking.queue.arriving import Arrived
from services.booking.queue.presence import Desk
from services.booking.queue.reading import Ticket, Today
from services.booking.rows import Appointment
from shared import api_queue

_AS_THEY_ARE = ("id", "label", "kind", "state", "calls")
_TO_STAFF = ("language", "urgency", "desk_id", "version")
_MOMENTS = ("called_at", "started_at", "ended_at")


def ticket(
    row: Ticket, access: Access, now: datetime, position: int | None, expected: api_queue.Expected | None
) -> api_queue.Ticket:
    """Return what a ticket tells whoever holds it."""
    zone = ZoneInfo(row["zone"])
    return api_queue.Ticket(
        **{name: row[name] for name in _AS_THEY_ARE},
        secret=access.ticket_secret(row["id"]),
        office=api_queue.NamedOffice(id=row["office_id"], name=row["office_name"], zone=row["zone"]),
        concern=_concern(row),
        position=position,
        expected=expected,
        desk=row["desk_name"],
        called_at=_local(row["called_at"], zone),
        due=_local(row["due_at"], zone),
        as_of=now.astimezone(zone),
    )


def arrival(found: Arrived, document: api_queue.Ticket | None) -> api_queue.Arrival:
    """Return what became of an arrival."""
    row, zone = found.appointment, ZoneInfo(found.appointment["zone"])
    return api_queue.Arrival(
        outcome=found.outcome,
        ticket=document,
        due=row["starts_at"].astimezone(zone),
        office=api_queue.NamedOffice(id=row["office_id"], name=row["office_name"], zone=row["zone"]),
    )


def staff_arrival(found: Arrived) -> api_queue.StaffArrival:
    """Return what became of an arrival, to the staff."""
    row, zone = found.appointment, ZoneInfo(found.appointment["zone"])
    return api_queue.StaffArrival(
        outcome=found.outcome,
        ticket=found.ticket and staff_ticket(found.ticket),
        due=row["starts_at"].astimezone(zone),
        office=api_queue.NamedOffice(id=row["office_id"], name=row["office_name"], zone=row["zone"]),
    )


def staff_ticket(row: Ticket) -> api_queue.StaffTicket:
    """Return what a ticket tells the staff of its office."""
    zone = ZoneInfo(row["zone"])
    return api_queue.StaffTicket(
        **{name: row[name] for name in (*_AS_THEY_ARE, *_TO_STAFF)},
        **{name: _local(row[name], zone) for name in _MOMENTS},
        team=row["team_id"],
        concern=_concern(row),
        arrived_at=row["arrived_at"].astimezone(zone),
        due=_local(row["due_at"], zone),
        late=reading.waiting(row).is_late,
        desk=row["desk_name"],
        number=row["appointment_number"],
        name=row["person"],
    )


def queue(
    here: Today,
    version: int,
    desks: Sequence[Desk],
    there: Sequence[Ticket],
    closed: Sequence[Ticket],
    to_come: Sequence[Mapping[str, Any]],
    now: datetime,
    away: timedelta,
) -> api_queue.Queue:
    """Return all of an office's queue."""
    called = sorted((row for row in there if row["state"] != "waiting"), key=lambda row: row["called_at"])
    names: dict[str, list[str]] = {}
    for desk in desks:
        names.setdefault(desk.team_id, []).append(desk.name)
    teams = domain.team_names(here.office.plan, names)
    at_desk = {row["desk_id"]: row["id"] for row in called}
    return api_queue.Queue(
        office=office(here),
        version=version,
        teams=[api_queue.QueueTeam(id=id_, name=name) for id_, name in teams.items()],
        desks=[
            api_queue.QueueDesk(
                id=desk.id,
                name=desk.name,
                team=desk.team_id,
                open=presence.is_open(desk, now, away),
                ticket=at_desk.get(desk.id),
            )
            for desk in desks
        ],
        waiting=[staff_ticket(row) for row in reading.in_order(there, now)],
        called=[staff_ticket(row) for row in called],
        closed=[staff_ticket(row) for row in closed],
        to_come=[_to_come(row, here.office.zone) for row in to_come],
        as_of=now.astimezone(here.office.zone),
    )


def display(
    here: Today, version: int, there: Sequence[Ticket], code: tuple[str, datetime], now: datetime
) -> api_queue.Display:
    """Return what an office's call display shows: numbers and desks, never a name."""
    zone, called = here.office.zone, [row for row in there if row["state"] == "called"]
    return api_queue.Display(
        office=office(here),
        version=version,
        calls=[
            api_queue.Call(
                label=row["label"],
                desk=row["desk_name"],
                called_at=row["called_at"].astimezone(zone),
                calls=row["calls"],
            )
            for row in sorted(called, key=lambda row: (row["called_at"], row["label"]), reverse=True)
        ],
        waiting=sum(row["state"] == "waiting" for row in there),
        rotating_code=code[0],
        code_valid_until=code[1].astimezone(zone),
        as_of=now.astimezone(zone),
    )


def office(here: Today) -> api_queue.NamedOffice:
    """Return an office and its name."""
    document = here.office.document
    return api_queue.NamedOffice(id=document.id, name=document.name, zone=document.zone)


def outcome(found: Appointment) -> api_queue.AppointmentOutcome:
    """Return what was noted of an appointment."""
    return api_queue.AppointmentOutcome(number=found["number"], outcome=found["outcome"])


def _to_come(row: Mapping[str, Any], zone: ZoneInfo) -> api_queue.ExpectedArrival:
    return api_queue.ExpectedArrival(
        number=row["number"],
        name=row["name"],
        concern=_concern(row),
        start=row["starts_at"].astimezone(zone),
        outcome=row["outcome"],
    )


def _concern(row: Mapping[str, Any]) -> api_queue.NamedConcern:
    return api_queue.NamedConcern(id=row["concern_id"], name=row["concern_name"])


def _local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if moment is None else moment.astimezone(zone)
