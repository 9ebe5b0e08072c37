"""What staff do with those who wait: call, serve, put back, pass on. One transaction each, under the office's lock."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.booking import domain
from services.booking.queue import outcomes, presence, reading, tickets
from services.booking.queue.members import note
from services.booking.queue.reading import Ticket
from services.booking.staff import check_may
from shared import api_queue, clock
from shared.db import Session
from shared.identity import Identity


async def call_next(
    session: Session, office_id: str, desk_id: int, staff: Identity, away: timedelta
) -> tuple[Ticket | None, bool]:
    """Call whoever is next for the desk's team; a desk that has somebody gets them again, and is told so.

    Raises `NotYourTask`, `OfficeNotYours`, `UnknownOffice`, `UnknownDesk`.
    """
    check_may(staff, "desk", office_id)
    await tickets.lock(session, office_id)
    now = clock.now()  # it may have waited for the lock
    here = await reading.today(session, office_id, now)
    desk = await presence.keep_open(session, office_id, desk_id, staff, away)
    there = await tickets.list_open(session, here, now)
    own = next((row for row in there if row["desk_id"] == desk_id), None)
    if own is not None:
        return own, True
    row = next(iter(reading.in_order([row for row in there if row["team_id"] == desk.team_id], now)), None)
    if row is None:
        return None, False
    since = await reading.find_idle_since(session, here, desk, now)
    gap = {"gap": now - since if since else None}
    called = await tickets.change(session, row, {**domain.call(row, desk_id, now), **gap})
    note(session, staff, "call", row, called, "desk_name")
    return called, False


async def call_again(session: Session, ticket_id: UUID, wanted: api_queue.DeskChoice, staff: Identity) -> Ticket:
    """Call a number again; raise `CalledEnough` after the third time, and what every action does."""
    return await _act(
        session, ticket_id, staff, "call-again", lambda row, _: domain.call_again(row, wanted.calls), wanted.desk
    )


async def start(session: Session, ticket_id: UUID, wanted: api_queue.DeskChoice, staff: Identity) -> Ticket:
    """Note that somebody has come to the desk."""
    return await _act(session, ticket_id, staff, "start", domain.start, wanted.desk)


async def serve(session: Session, ticket_id: UUID, staff: Identity) -> Ticket:
    """Note that somebody has been served."""
    served = await _act(session, ticket_id, staff, "serve", domain.serve)
    return await _of_appointment(session, served, "served")


async def miss(session: Session, ticket_id: UUID, staff: Identity) -> Ticket:
    """Note that nobody came; raise `CalledTooSeldom` before the third call."""
    missing = await _act(session, ticket_id, staff, "no-show", domain.miss)
    return await _of_appointment(session, missing, "missed")


async def put_back(session: Session, ticket_id: UUID, staff: Identity) -> Ticket:
    """Let somebody wait again, at their place. Raises `TicketStateWrong`, also when they are here anew already."""
    before = await find(session, ticket_id, staff)
    if before["appointment_id"] is not None:
        here = await reading.today(session, before["office_id"], clock.now())
        newest = await reading.find_of_appointment(session, here, before["appointment_id"])
        if newest is not None and newest["id"] != before["id"]:
            detail = f"They are here already, with number {newest['label']}. Please look at the list again."
            raise domain.TicketStateWrong(detail, state=newest["state"])
    waiting = await _act(session, ticket_id, staff, "return", domain.put_back)
    return await _of_appointment(session, waiting, None) if before["state"] == "no-show" else waiting


async def leave(session: Session, ticket_id: UUID, staff: Identity) -> Ticket:
    """Note that somebody has gone, or was never there: their arrival was a mistake. They can be put back."""
    return await _act(session, ticket_id, staff, "leave", domain.leave)


async def pass_on(session: Session, ticket_id: UUID, wanted: api_queue.PassOn, staff: Identity) -> Ticket:
    """Let another team go on with somebody, or for another concern; raise `UnknownTeam`, `UnknownConcern`.

    With a team alone their concern stays, whoever handles it: it says what they came for, and how long it may take.
    """
    found = await find(session, ticket_id, staff)
    plan = (await reading.today(session, found["office_id"], clock.now())).office.plan
    concern = wanted.concern or found["concern_id"]
    handling = [name for name, team in plan.teams.items() if concern in team.concerns]
    if not handling and not (wanted.team and wanted.concern is None):
        raise domain.UnknownConcern("This office does not handle such a concern. Its list of concerns names all.")
    team = wanted.team or handling[0]
    if team not in plan.teams:
        raise domain.UnknownTeam("The office has no such team. Please choose one of the list.")
    changed = await tickets.change(session, found, domain.pass_on(found, team, concern, clock.now()))
    note(session, staff, "pass-on", found, changed, "team_id", "concern_id")
    return changed


async def set_urgency(session: Session, ticket_id: UUID, urgency: str, staff: Identity) -> Ticket:
    """Let somebody who cannot wait go first, for one of the written reasons; empty takes it back."""
    # Which of the reasons it was goes with the ticket after the day; the audit would keep it.
    action = "urgency" if urgency else "urgency-withdrawn"
    return await _act(session, ticket_id, staff, action, lambda row, _: domain.set_urgency(row, urgency))


async def find(session: Session, ticket_id: UUID, staff: Identity) -> Ticket:
    """Return a ticket of the member's offices, with the queue locked; raise `TicketNotFound`, `NotYourTask`."""
    found = await tickets.find(session, ticket_id)
    if found["office_id"] not in staff.offices:
        raise domain.TicketNotFound("There is no such ticket, or it was of another day.")
    check_may(staff, "desk", found["office_id"])
    return found


async def _act(
    session: Session,
    ticket_id: UUID,
    staff: Identity,
    action: str,
    rule: Callable[[Ticket, datetime], Mapping[str, Any]],
    desk_id: int | None = None,
) -> Ticket:
    """Do something with a ticket, at another desk if one is named: its own may have vanished.

    Raises `TicketNotFound`, `NotYourTask`, `TicketStateWrong`, `UnknownDesk`, `DeskBusy`.
    """
    found = await find(session, ticket_id, staff)
    changes = dict(rule(found, clock.now()))
    if desk_id is not None and desk_id != found["desk_id"]:
        await _check_free(session, found["office_id"], desk_id)
        changes["desk_id"] = desk_id
    changed = await tickets.change(session, found, changes)
    note(session, staff, action, found, changed, "desk_name", "calls")
    return changed


async def _check_free(session: Session, office_id: str, desk_id: int) -> None:
    if desk_id not in {desk.id for desk in await reading.list_desks(session, office_id)}:
        raise domain.UnknownDesk("The office has no such desk. Please choose one of the list.")
    for row in await reading.list_open(session, office_id):
        if row["desk_id"] == desk_id:
            raise domain.DeskBusy(f"Number {row['label']} is at this desk. Please finish it or put it back first.")


async def _of_appointment(session: Session, row: Ticket, outcome: str | None) -> Ticket:
    if row["appointment_id"] is not None:
        await outcomes.note(session, row["appointment_id"], row["due_at"], outcome, clock.now())
    return row
