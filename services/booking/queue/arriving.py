"""People come: with an appointment or without. One transaction each, under the office's lock."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.booking import appointments, domain, queries, switches
from services.booking.access import Access
from services.booking.models import audit_entries
from services.booking.queue import outcomes, presence, reading, tickets
from services.booking.queue.members import note
from services.booking.queue.reading import Ticket
from services.booking.rows import Appointment
from services.booking.staff import check_may
from shared import api_queue, audit, clock
from shared.db import Session
from shared.identity import Identity


@dataclass(frozen=True)
class Arrived:
    """What became of an arrival."""

    outcome: api_queue.ArrivalOutcome
    appointment: Appointment
    ticket: Ticket | None = None


async def arrive(session: Session, office_id: str, request: api_queue.ArrivalRequest, access: Access) -> Arrived:
    """Check somebody in who has an appointment; twice is once.

    Raises `UnknownOffice`, `PhoneArrivalOff`, `OfficeCodeWrong`, `AppointmentNotFound`, `NotConfirmed`.
    """
    if request.via == "phone" and not await switches.is_on(session, office_id, "phone-arrival"):
        raise domain.PhoneArrivalOff("Please check in at the kiosk or at reception: by phone it is not possible now.")
    check_office_code(session, office_id, request, access)
    found = await appointments.find(session, request.number, request.code, access)
    return await _arrive(session, office_id, found)


async def arrive_at_reception(session: Session, office_id: str, number: str, staff: Identity) -> Arrived:
    """Check somebody in who has shown at reception who they are.

    Raises `NotYourTask`, `OfficeNotYours`, `UnknownOffice`, `AppointmentNotFound`, `NotConfirmed`.
    """
    check_may(staff, "desk", office_id)
    found = await appointments.find_by_number(session, number)
    if found is None or found["office_id"] not in staff.offices:
        raise domain.AppointmentNotFound(
            "No appointment of your offices has this number. It may be at another office: the confirmation tells."
        )
    arrived = await _arrive(session, office_id, found)
    if arrived.ticket is not None and arrived.outcome != "already-here":
        note(session, staff, "arrive", None, arrived.ticket)
    else:  # nothing has changed, but they have been shown whose appointment it is
        after = {"outcome": arrived.outcome}
        audit.add(session, audit_entries, staff, "arrive", office=office_id, target=found["number"], after=after)
    return arrived


async def draw(
    session: Session,
    office_id: str,
    request: api_queue.TicketRequest,
    key: str,
    access: Access,
    away: timedelta,
    *,
    too_long: bool = False,
) -> Ticket:
    """Give somebody without an appointment a ticket; the same key again: the same ticket.

    `too_long`: they would wait until the office closes, and the office wants nobody to.

    Raises `UnknownOffice`, `UnknownConcern`, `OfficeCodeWrong`, `NoTicketsNow`, `IdempotencyKeyReused`.
    """
    hash_ = access.keyed_hash(f"ticket/{request.concern}")
    await tickets.lock(session, office_id)
    if earlier := await reading.find_by_key(session, office_id, key):
        return tickets.check_same(earlier, hash_)
    if not await switches.is_on(session, office_id, "walk-in-tickets"):
        raise domain.NoTicketsNow("No tickets are given here now. Please ask at reception.", reason="switched-off")
    check_office_code(session, office_id, request, access)
    now = clock.now()
    rules, _ = await queries.load_rules(session, office_id, [request.concern])
    teams = domain.open_teams(rules, now)
    if too_long:
        raise domain.NoTicketsNow(
            "It would take until the office closes, so many people wait. Please come another day, or book a time.",
            reason="too-many",
        )
    own = {"idempotency_key": key, "request_hash": hash_}
    values = {"concern_id": request.concern, "language": request.language, **own}
    return await _draw(session, office_id, rules.plan, teams, values, away)


async def draw_at_reception(
    session: Session,
    office_id: str,
    request: api_queue.StaffTicketRequest,
    key: str,
    staff: Identity,
    access: Access,
    away: timedelta,
) -> Ticket:
    """Draw a ticket for somebody, whatever the hour: staff see who is still received.

    Raises `NotYourTask`, `OfficeNotYours`, `UnknownOffice`, `UnknownConcern`, `IdempotencyKeyReused`.
    """
    check_may(staff, "desk", office_id)
    hash_ = access.keyed_hash(f"ticket/{request.concern}/{request.urgency}")
    await tickets.lock(session, office_id)
    if earlier := await reading.find_by_key(session, office_id, key):
        return tickets.check_same(earlier, hash_)
    rules, _ = await queries.load_rules(session, office_id, [request.concern])
    values = {**request.model_dump(include={"language", "urgency"}), "concern_id": request.concern}
    values |= {"idempotency_key": key, "request_hash": hash_}
    drawn = await _draw(session, office_id, rules.plan, domain.teams_for(rules), values, away)
    note(session, staff, "draw", None, drawn)
    return drawn


async def get(session: Session, ticket_id: UUID, given: str | None, access: Access) -> Ticket:
    """Return a ticket to whoever holds it; raise `TicketNotFound`."""
    found = await reading.find(session, ticket_id) if access.opens_ticket(ticket_id, given) else None
    if found is None or found["label"] is None:
        raise domain.TicketNotFound("There is no such ticket, or it was of another day.")
    return found


async def leave(session: Session, ticket_id: UUID, given: str | None, access: Access) -> Ticket:
    """Give a ticket back; again, nothing changes. Raises `TicketNotFound`, `TicketStateWrong`."""
    await get(session, ticket_id, given, access)
    found = await tickets.find(session, ticket_id)
    return await tickets.change(session, found, domain.leave(found, clock.now()))


def check_office_code(
    session: Session, office_id: str, request: api_queue.ArrivalRequest | api_queue.TicketRequest, access: Access
) -> None:
    """Raise `OfficeCodeWrong` when somebody uses their own phone and cannot tell what the display shows."""
    given, now = request.rotating_code, clock.now()
    if request.via == "phone" and not access.is_office_code(session.tenant, office_id, given, now):
        raise domain.OfficeCodeWrong("Please type the four digits that the display in the waiting area shows just now.")


async def _arrive(session: Session, office_id: str, found: Appointment) -> Arrived:
    await tickets.lock(session, office_id)
    now = clock.now()
    here = await reading.today(session, office_id, now)
    found = await queries.find_by_id(session, found["id"], lock=True)
    if found["state"] == "unconfirmed":
        raise domain.NotConfirmed(
            "This appointment is not confirmed. Please press the button behind the link in your mail, or draw a ticket."
        )
    outcome = domain.arrival(found, office_id, here.office.zone, now)
    if outcome in ("cancelled", "not-today", "wrong-office"):
        return Arrived(outcome, found)
    await tickets.list_open(session, here, now)  # closes what is left of a day on which it was before it was moved
    earlier = await reading.find_of_appointment(session, here, found["id"])
    if earlier is not None:
        return Arrived("already-here", found, earlier)
    handling = [name for name, team in here.office.plan.teams.items() if found["concern_id"] in team.concerns]
    team = await reading.find_team(session, found["id"])
    values = {
        "kind": "appointment",
        "team_id": team if team in here.teams else (handling or here.teams)[0],
        "concern_id": found["concern_id"],
        "language": found["language"],
        "due_at": found["starts_at"],
        "appointment_id": found["id"],
    }
    issued = await tickets.issue(session, here, now, values)
    await outcomes.note_arrival(session, found, now)
    return Arrived(outcome, found, issued)


async def _draw(
    session: Session, office_id: str, plan: domain.Plan, teams: list[str], values: dict[str, Any], away: timedelta
) -> Ticket:
    now: datetime = clock.now()
    here = await reading.today(session, office_id, now)
    here = replace(here, office=replace(here.office, plan=plan))  # another may have been published since
    there = await tickets.list_open(session, here, now)
    waiting = Counter(row["team_id"] for row in there if row["state"] == "waiting")
    desks = presence.count_open(await reading.list_desks(session, office_id), now, away)
    team = domain.shortest(teams, waiting, desks)
    return await tickets.issue(session, here, now, {"kind": "walk-in", "team_id": team, **values})
