"""How long conversations took on the last days, when people with an appointment came: what waits are estimated from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from services.booking import domain
from shared.db import Session

DAYS = 60
MOST = 300  # of a concern, the newest; of people with an appointment

_DURATIONS = text("""
    SELECT concern_id, array_agg(EXTRACT(epoch FROM ended_at - called_at) / 60.0) AS minutes FROM (
        SELECT concern_id, called_at, ended_at, row_number() OVER (PARTITION BY concern_id ORDER BY ended_at DESC) AS n
        FROM tickets WHERE office_id = :office AND day > :since AND state = 'served' AND NOT passed_on
    ) t WHERE n <= :most GROUP BY concern_id
""")
_ARRIVALS = text("""
    SELECT EXTRACT(epoch FROM arrived_at - due_at) / 60.0 AS minutes, due_at FROM tickets
    WHERE office_id = :office AND day > :since AND due_at IS NOT NULL ORDER BY arrived_at DESC LIMIT :most
""")
# Of those who never came; from the first day on which arrivals were noted at all. Whoever came and left again, came.
_MISSED = text("""
    SELECT count(*) FROM appointments a WHERE office_id = :office AND state = 'booked' AND kind = 'office'
    AND starts_at >= :first AND starts_at < :until AND outcome IS DISTINCT FROM 'served'
    AND NOT EXISTS (SELECT FROM tickets t WHERE t.appointment_id = a.id AND t.state <> 'no-show')
""")
# From the end of a conversation to the next call at the same desk; noted with the ticket that was called.
_GAPS = text("""
    SELECT team_id, called_at - gap AS ended_at, EXTRACT(epoch FROM gap) / 60.0 AS minutes FROM tickets
    WHERE office_id = :office AND day > :since AND gap IS NOT NULL AND called_at IS NOT NULL
    ORDER BY called_at DESC LIMIT :most * 10
""")
# How many desks of a team were at work at once on a usual day: counted from conversations, so that no desk is known.
_USUAL = text("""
    SELECT team_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY most) AS desks FROM (
        SELECT team_id, day, max(at_once) AS most FROM (
            SELECT team_id, day, sum(step) OVER (PARTITION BY team_id, day ORDER BY moment, step) AS at_once FROM (
                SELECT team_id, day, called_at AS moment, 1 AS step FROM tickets
                WHERE office_id = :office AND day > :since AND day < :today AND state = 'served' AND NOT passed_on
                UNION ALL
                SELECT team_id, day, ended_at, -1 FROM tickets
                WHERE office_id = :office AND day > :since AND day < :today AND state = 'served' AND NOT passed_on
            ) steps
        ) running GROUP BY team_id, day
    ) days GROUP BY team_id
""")


@dataclass(frozen=True)
class Measured:
    """What was measured at an office. Minutes."""

    durations: dict[str, list[float]]  # by concern
    punctuality: domain.Punctuality
    gaps: dict[str, list[tuple[datetime, float]]]  # by team
    desks: dict[str, int]  # at work at once on a usual day, by team


async def measure(session: Session, office_id: str, now: datetime, linked_days: int) -> Measured:
    """Read it from the tickets of the last days: of no person, and of no desk in particular.

    `now` is in the office's zone, as pauses go by its clock. `linked_days`: so long a ticket knows its appointment.
    """
    since = now.date() - timedelta(days=DAYS)
    values: dict[str, Any] = {"office": office_id, "since": since, "most": MOST}
    durations = {row.concern_id: _numbers(row.minutes) for row in await session.execute(_DURATIONS, values)}
    arrivals = (await session.execute(_ARRIVALS, values)).all()
    missed = 0
    if arrivals:
        first = max(min(row.due_at for row in arrivals), now - timedelta(days=linked_days - 1))
        until_yesterday = {"office": office_id, "first": first, "until": now - timedelta(days=1)}
        missed = (await session.execute(_MISSED, until_yesterday)).scalar_one()
    gaps: dict[str, list[tuple[datetime, float]]] = {}
    for row in await session.execute(_GAPS, values):
        gaps.setdefault(row.team_id, []).append((row.ended_at.astimezone(now.tzinfo), float(row.minutes)))
    usual = {row.team_id: int(row.desks) for row in await session.execute(_USUAL, {**values, "today": now.date()})}
    return Measured(durations, domain.Punctuality(_numbers(row.minutes for row in arrivals), missed), gaps, usual)


def _numbers(values: Iterable[Decimal]) -> list[float]:
    return [float(value) for value in values]
