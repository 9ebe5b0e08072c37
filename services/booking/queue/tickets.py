"""Drawing a ticket and changing one: the row, and the event that tells of it."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from services.booking import domain
from services.booking.models import tickets
from services.booking.queue import reading
from services.booking.queue.reading import Ticket, Today
from shared import outbox
from shared.contracts.booking import TicketCalled, TicketClosed, TicketIssued
from shared.contracts.values import Office
from shared.db import Session

_NEXT_NUMBER = text("""
    INSERT INTO ticket_counters AS c (tenant, office_id, day, letter, last) VALUES (:tenant, :office, :day, :letter, 1)
    ON CONFLICT (tenant, office_id, day, letter) DO UPDATE SET last = c.last + 1 RETURNING last
""")
CLOSED = ("served", "no-show", "left")


async def lock(session: Session, office_id: str) -> None:
    """Let nobody else change the office's queue until the transaction ends."""
    await session.lock(f"queue/{session.tenant}/{office_id}")


async def find(session: Session, ticket_id: UUID) -> Ticket:
    """Return a ticket, with its office's queue locked; raise `TicketNotFound`."""
    found = await reading.find(session, ticket_id)
    if found is not None:
        await lock(session, found["office_id"])
        found = await reading.find(session, ticket_id)
    if found is None or found["label"] is None:
        raise domain.TicketNotFound("There is no such ticket, or it was of another day.")
    return found


async def list_open(session: Session, here: Today, now: datetime) -> list[Ticket]:
    """Return who is here today, with the office's queue locked; what an earlier day has left open is closed."""
    found = await reading.list_open(session, here.id)
    for row in found:
        if row["day"] < here.day:
            await change(session, row, domain.end_of_day(now))
    return [row for row in found if row["day"] == here.day]


async def close_earlier_days(session: Session, office_id: str, now: datetime) -> None:
    """Close what earlier days have left open at an office."""
    await lock(session, office_id)
    await list_open(session, await reading.today(session, office_id, now), now)


async def issue(session: Session, here: Today, now: datetime, values: Mapping[str, Any]) -> Ticket:
    """Give out the next number of a team; the office's queue is locked. `values`: what a ticket is for."""
    letter = domain.letter_of(values["team_id"], here.teams)
    place = {"tenant": session.tenant, "office": here.id, "day": here.day, "letter": letter}
    number = (await session.execute(_NEXT_NUMBER, place)).scalar_one()
    row = {
        "id": uuid7(),
        "tenant": session.tenant,
        "office_id": here.id,
        "day": here.day,
        "label": domain.label_of(letter, number),
        "number": number,
        "state": "waiting",
        "arrived_at": now,
        "version": 1,
        **values,
    }
    await session.execute(insert(tickets), row)
    issued = await reading.find(session, row["id"])
    if issued is None:
        raise AssertionError("the ticket that was just inserted is gone")
    outbox.add(session, TicketIssued(**_told(issued)))
    return issued


async def change(session: Session, found: Ticket, changes: Mapping[str, Any]) -> Ticket:
    """Change a ticket whose office's queue is locked, and tell what others want to know of it."""
    if not changes:
        return found
    values = {**changes, "version": found["version"] + 1}
    await session.execute(update(tickets).where(tickets.c.id == found["id"]).values(values))
    changed = await reading.find(session, found["id"]) or {}
    if changed["state"] == "called" and changed["calls"] != found["calls"]:
        told = {"called_at": changed["called_at"], "calls": changed["calls"]}
        outbox.add(session, TicketCalled(**_told(changed), **told))
    if changed["state"] in CLOSED:
        times = {name: changed[name] for name in ("called_at", "started_at", "ended_at", "passed_on")}
        outbox.add(session, TicketClosed(**_told(changed), **times, outcome=changed["state"]))
    return changed


def check_same(earlier: Ticket, hash_: bytes) -> Ticket:
    """Return the ticket that was drawn with the same key; raise `IdempotencyKeyReused` if for something else."""
    if not hmac.compare_digest(earlier["request_hash"], hash_):
        raise domain.IdempotencyKeyReused("This Idempotency-Key was used for another request. Please send a new one.")
    return earlier


def _told(row: Ticket) -> dict[str, Any]:
    return {
        "ticket_id": row["id"],
        "version": row["version"],
        "office": Office(
            id=row["office_id"], name=row["office_name"], address=row["address"], zone=row["zone"], phone=row["phone"]
        ),
        "kind": row["kind"],
        "team_id": row["team_id"],
        "concern_id": row["concern_id"],
        "arrived_at": row["arrived_at"],
        "due_at": row["due_at"],
    }
