"""Who is called next, of the people who wait at an office. The written rule, for staff and public: docs/queue.md.

Only what people state and when they came counts: nothing here knows who somebody is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

Urgency = Literal["", "no-roof", "no-means", "danger", "frail"]

# Whoever comes so long after their time still has it; later, they wait like people without an appointment.
GRACE = timedelta(minutes=15)
# So long before its time an appointment goes before people without one: a conversation begun now would delay it.
# Ten minutes, not five: on simulated days the most delayed tenth then waits a quarter less (docs/queue.md).
SOON = timedelta(minutes=10)


@dataclass(frozen=True)
class Waiting:
    """Somebody who is there. `due_at`: when their appointment begins; `None` for people without one.

    `urgency`: why they cannot wait, as reception was told; empty for nearly all.
    """

    id: UUID
    arrived_at: datetime
    due_at: datetime | None = None
    urgency: Urgency = ""
    number: int = 0  # of the ticket: who came in the same moment keeps the order of their tickets

    @property
    def is_late(self) -> bool:
        """Whether they came too late for the time of their appointment."""
        return self.due_at is not None and self.arrived_at > self.due_at + GRACE


def in_order(waiting: Iterable[Waiting], now: datetime) -> list[Waiting]:
    """Return who is called first, second, and so on, would all be called now.

    1. Urgent cases, as they came. 2. Appointments that are due, or will be in ten minutes, by their time.
    3. People without an appointment and those who came too late for theirs, as they came. 4. Appointments before
    their time, by that: nobody else is waiting then.
    """
    return sorted(waiting, key=lambda one: _place(one, now))


def _place(one: Waiting, now: datetime) -> tuple[int, datetime, datetime, int]:
    if one.urgency:
        return 0, one.arrived_at, one.arrived_at, one.number
    if one.due_at is None or one.is_late:
        return 2, one.arrived_at, one.arrived_at, one.number
    return (1 if one.due_at - SOON <= now else 3), one.due_at, one.arrived_at, one.number
