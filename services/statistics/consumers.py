"""Statistics' Kafka door: events become facts."""

from datetime import datetime

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert, insert

from services.statistics.models import (
    appointment_facts,
    appointment_outcomes,
    processing_facts,
    search_facts,
    ticket_facts,
)
from shared.contracts.applications import ApplicationStatusChanged
from shared.contracts.booking import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentExcused,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentOutcomeWithdrawn,
    AppointmentServed,
    SearchesCounted,
    TicketClosed,
)
from shared.db import Session
from shared.inbox import Handlers

Told = (
    AppointmentArrived
    | AppointmentCancelled
    | AppointmentExcused
    | AppointmentMissed
    | AppointmentMoved
    | AppointmentOutcomeWithdrawn
    | AppointmentServed
)


def _newest(table: Table, key: str) -> Insert:
    """Return what keeps the newest version of each row, in whatever order they come."""
    new = insert(table)
    values = {name: new.excluded[name] for name in table.c.keys() if name not in (key, "tenant")}  # noqa: SIM118
    return new.on_conflict_do_update(index_elements=[key], set_=values, where=new.excluded.version > table.c.version)


# Inbox rows live for a month; a replay after that must still add nothing.
_FACT = insert(appointment_facts).on_conflict_do_nothing()
_SEARCHES = insert(search_facts).on_conflict_do_nothing()
_PROCESSING = insert(processing_facts).on_conflict_do_nothing()
_TICKET = _newest(ticket_facts, "ticket_id")
_OUTCOME = _newest(appointment_outcomes, "appointment_id")


async def on_appointment_booked(event: AppointmentBooked, session: Session) -> None:
    """Count a booking when it was made."""
    _keep(event, session, "booked", event.booked_at)


async def on_appointment_moved(event: AppointmentMoved, session: Session) -> None:
    """Count a move when it was made; the fact holds the new time."""
    _keep(event, session, "moved", event.moved_at)
    _become(event, session, None)


async def on_appointment_cancelled(event: AppointmentCancelled, session: Session) -> None:
    """Count a cancellation when it was made."""
    _keep(event, session, "cancelled", event.cancelled_at)
    by_person = "cancelled_late" if event.late else "cancelled"
    _become(event, session, by_person if event.cancelled_by == "citizen" else "cancelled_by_office")


async def on_appointment_served(event: AppointmentServed, session: Session) -> None:
    """Keep that it has taken place."""
    _become(event, session, "served")


async def on_appointment_missed(event: AppointmentMissed, session: Session) -> None:
    """Keep that nobody came."""
    _become(event, session, "missed")


async def on_appointment_excused(event: AppointmentExcused, session: Session) -> None:
    """Keep that the person could not come and said so."""
    _become(event, session, "excused")


async def on_appointment_arrived(event: AppointmentArrived, session: Session) -> None:
    """Forget what was noted before they came."""
    _become(event, session, None)


async def on_appointment_outcome_withdrawn(event: AppointmentOutcomeWithdrawn, session: Session) -> None:
    """Forget what was noted by mistake."""
    _become(event, session, None)


async def on_searches_counted(event: SearchesCounted, session: Session) -> None:
    """Keep what one replica of booking has counted."""
    counted = event.model_dump(exclude={"version", "office"})
    row = {"event_id": event.envelope.id, "tenant": session.tenant, **counted}
    session.execute_later(_SEARCHES, row | {"office_id": event.office.id, "office_name": event.office.name})


async def on_ticket_closed(event: TicketClosed, session: Session) -> None:
    """Keep when somebody came, was called and was served."""
    told = event.model_dump(exclude={"office", "team_id"})
    row = {"tenant": session.tenant, "office_id": event.office.id, "office_name": event.office.name, **told}
    session.execute_later(_TICKET, row)


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


def _become(event: Told, session: Session, outcome: str | None) -> None:
    row = {
        "appointment_id": event.appointment_id,
        "tenant": session.tenant,
        "version": event.version,
        "office_id": event.office.id,
        "office_name": event.office.name,
        "concern_id": event.concern.id,
        "starts_at": event.starts_at,
        "outcome": outcome,
    }
    session.execute_later(_OUTCOME, row)


HANDLERS: Handlers = {
    AppointmentBooked: on_appointment_booked,
    AppointmentMoved: on_appointment_moved,
    AppointmentCancelled: on_appointment_cancelled,
    AppointmentArrived: on_appointment_arrived,
    AppointmentServed: on_appointment_served,
    AppointmentMissed: on_appointment_missed,
    AppointmentExcused: on_appointment_excused,
    AppointmentOutcomeWithdrawn: on_appointment_outcome_withdrawn,
    SearchesCounted: on_searches_counted,
    TicketClosed: on_ticket_closed,
    ApplicationStatusChanged: on_application_status_changed,
}
