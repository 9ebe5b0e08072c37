"""The note of what a member of staff did with a ticket."""

from collections.abc import Mapping
from typing import Any

from services.booking.models import audit_entries
from services.booking.queue.reading import Ticket
from shared import audit
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
