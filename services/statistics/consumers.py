"""Statistics' Kafka door: events become facts."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from services.statistics.models import appointment_facts, processing_facts, search_facts, ticket_facts
from shared.contracts.applications import ApplicationStatusChanged
from shared.contracts.booking import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    SearchesCounted,
    TicketClosed,
)
from shared.db import Session
from shared.inbox import Handlers

# Inbox rows live for a month; a replay after that must still add nothing.
_FACT = insert(appointment_facts).on_conflict_do_nothing()
_SEARCHES = insert(search_facts).on_conflict_do_nothing()
_PROCESSING = insert(processing_facts).on_conflict_do_nothing()
_TICKET = insert(ticket_facts)
_NEWEST = _TICKET.on_conflict_do_update(
    index_elements=["ticket_id"],
    set_={name: _TICKET.excluded[name] for name in ticket_facts.c.keys() if name not in ("ticket_id", "tenant")},  # noqa: SIM118
    where=_TICKET.excluded.version > ticket_facts.c.version,
)


async def on_appointment_booked(event: AppointmentBooked, session: Session) -> None:
    """Count a booking when it was made."""
    _keep(event, session, "booked", event.booked_at)


async def on_appointment_moved(event: AppointmentMoved, session: Session) -> None:
    """Count a move when it was made; the fact holds the new time."""
    _keep(event, session, "moved", event.moved_at)


async def on_appointment_cancelled(event: AppointmentCancelled, session: Session) -> None:
    """Count a cancellation when it was made."""
    _keep(event, session, "cancelled", event.cancelled_at)


async def on_searches_counted(event: SearchesCounted, session: Session) -> None:
    """Keep what one replica of booking has counted."""
    counted = event.model_dump(exclude={"version", "office"})
    row = {"event_id": event.envelope.id, "tenant": session.tenant, **counted}
    session.execute_later(_SEARCHES, row | {"office_id": event.office.id, "office_name": event.office.name})


async def on_ticket_closed(event: TicketClosed, session: Session) -> None:
    """Keep when somebody came, was called and was served."""
    told = event.model_dump(exclude={"office", "team_id"})
    row = {"tenant": session.tenant, "office_id": event.office.id, "office_name": event.office.name, **told}
    session.execute_later(_NEWEST, row)


async def on_application_status_changed(event: ApplicationStatusChanged, session: Session) -> None:
    """Keep how long the state lasted that it left."""
    row = {
        "event_id": event.envelope.id,
        "tenant": session.tenant,
        "application_id": event.application_id,
        "office_id": event.office.id,
        "benefit_id": event.benefit_id,
        "state": event.previous_state,
        "began_at": event.previous_since,
        "ended_at": event.changed_at,
    }
    session.execute_later(_PROCESSING, row)


def _keep(
    event: AppointmentBooked | AppointmentMoved | AppointmentCancelled, session: Session, fact: str, at: datetime
) -> None:
    row = {
        "event_id": event.envelope.id,
        "tenant": session.tenant,
        "fact": fact,
        "appointment_id": event.appointment_id,
        "office_id": event.office.id,
        "office_name": event.office.name,
        "concern_id": event.concern.id,
        "channel": event.channel,
        "starts_at": event.starts_at,
        "happened_at": at,
    }
    session.execute_later(_FACT, row)


HANDLERS: Handlers = {
    AppointmentBooked: on_appointment_booked,
    AppointmentMoved: on_appointment_moved,
    AppointmentCancelled: on_appointment_cancelled,
    SearchesCounted: on_searches_counted,
    TicketClosed: on_ticket_closed,
    ApplicationStatusChanged: on_application_status_changed,
}
