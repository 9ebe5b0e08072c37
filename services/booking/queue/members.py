"""The notes of what members of staff did with a ticket, and that they looked at the queue."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.booking.models import audit_entries
from services.booking.queue.reading import Ticket
from shared import audit, clock
from shared.db import Session
from shared.identity import Identity


def note(session: Session, staff: Identity, action: str, before: Ticket | None, after: Ticket, *fields: str) -> None:
    """Write down what somebody did with a ticket: its state, and the fields named, before and after."""
    names = ("state", *fields)
    audit.add(
        session,
        audit_entries,
        staff,
        f"ticket-{action}",
        office=after["office_id"],
        target=after["label"],
        before=None if before is None else _told(before, names),
        after=_told(after, names),
    )


def _told(row: Ticket, names: tuple[str, ...]) -> Mapping[str, Any]:
    return {name: row[name] for name in names}


class Looks:
    """Who looked at which office's queue in this hour: a page that looks every few seconds is written down once."""

    def __init__(self) -> None:
        self._hour: datetime | None = None
        self._known: set[tuple[str, str, str]] = set()

    def note(self, session: Session, staff: Identity, office_id: str) -> None:
        """Write down that somebody has been shown who waits and who is to come, unless they were in this hour."""
        hour = clock.now().replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour, self._known = hour, set()
        look = staff.tenant, staff.subject, office_id
        if look not in self._known:
            audit.add(session, audit_entries, staff, "view-queue", office=office_id, target=hour.isoformat())
            self._known.add(look)
