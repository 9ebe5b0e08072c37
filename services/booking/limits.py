"""How many active appointments one person may have for a concern, counted by a constraint of the database."""

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text, update

from services.booking import domain
from services.booking.models import person_claims
from shared.db import Session

_FORGET = text("""
    DELETE FROM person_claims WHERE tenant = :tenant AND concern_id = :concern AND person = :person
    AND active_until <= :now
""")
# Several at once try the same number: the later ones wait for the first and then find the next one, or none.
_CLAIM = text("""
    INSERT INTO person_claims (tenant, concern_id, person, number, appointment_id, active_until)
    SELECT :tenant, :concern, :person, number, :appointment_id, :active_until
    FROM generate_series(1, :limit) AS number
    WHERE NOT EXISTS (SELECT FROM person_claims c WHERE c.tenant = :tenant AND c.concern_id = :concern
                      AND c.person = :person AND c.number = number.number)
    ORDER BY number LIMIT 1 ON CONFLICT DO NOTHING RETURNING number
""")
_COUNT = text(
    "SELECT count(*) FROM person_claims WHERE tenant = :tenant AND concern_id = :concern AND person = :person"
)


def person_text(name: str, birth_date: date | None, email: str | None) -> str:
    """Return what tells one person from another, the same however it was typed."""
    parts = (" ".join(name.split()), str(birth_date or ""), email or "")
    return "person/" + "|".join(unicodedata.normalize("NFKC", part).casefold() for part in parts)


async def claim(
    session: Session, concern: Mapping[str, Any], person: bytes, row: Mapping[str, Any], now: datetime
) -> None:
    """Count an appointment for its person; raise `TooManyAppointments` at the concern's limit."""
    if not await _claim(session, concern, person, row["id"], row["confirm_until"] or row["ends_at"], now):
        raise domain.TooManyAppointments(
            "There are as many appointments in this name as are possible for this concern at once. "
            "If these are somebody else's, please give your date of birth too.",
            concern=concern["id"],
            limit=concern["per_person"],
        )


async def follow(session: Session, row: Mapping[str, Any], person: bytes, now: datetime) -> None:
    """Count an appointment for its person under their corrected name, as far as it was counted before.

    At that person's limit it is counted no more: staff have decided that the appointment is theirs.
    """
    concerns = {concern["id"]: concern for concern in row["concerns"]}
    own = delete(person_claims).where(person_claims.c.appointment_id == row["id"])
    released = await session.execute(own.returning(person_claims.c.concern_id, person_claims.c.active_until))
    for claimed in sorted(released.all(), key=lambda one: str(one.concern_id)):  # in one order: nobody deadlocks
        concern = concerns[claimed.concern_id]
        if concern["per_person"] is not None:
            await _claim(session, concern, person, row["id"], claimed.active_until, now)


async def release(session: Session, appointment_id: UUID) -> None:
    """Stop counting an appointment."""
    await session.execute(delete(person_claims).where(person_claims.c.appointment_id == appointment_id))


async def prolong(session: Session, appointment_id: UUID, active_until: datetime) -> None:
    """Count an appointment until another moment."""
    claims = update(person_claims).where(person_claims.c.appointment_id == appointment_id)
    await session.execute(claims.values(active_until=active_until))


async def _claim(
    session: Session, concern: Mapping[str, Any], person: bytes, appointment_id: UUID, until: datetime, now: datetime
) -> bool:
    """Take one of the person's numbers; tell whether one was left."""
    values = {
        "tenant": session.tenant,
        "concern": concern["id"],
        "person": person,
        "limit": concern["per_person"],
        "appointment_id": appointment_id,
        "active_until": until,
        "now": now,
    }
    await session.execute(_FORGET, values)
    while (await session.execute(_CLAIM, values)).first() is None:
        if (await session.execute(_COUNT, values)).scalar_one() >= concern["per_person"]:
            return False
    return True
