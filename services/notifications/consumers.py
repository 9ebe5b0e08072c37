"""Notifications' Kafka door: what happened elsewhere becomes a message to send."""

from sqlalchemy import insert
from uuid_utils.compat import uuid7

from services.notifications.models import WAKES, due_messages, messages
from shared import clock
from shared.contracts.booking import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    AppointmentOffered,
    AppointmentRequested,
)
from shared.db import Session
from shared.inbox import Handlers
from shared.tracing import current_traceparent

_MESSAGE = insert(messages)
_DUE = insert(due_messages)


AppointmentEvent = (
    AppointmentRequested | AppointmentBooked | AppointmentMoved | AppointmentOffered | AppointmentCancelled
)


async def on_appointment_requested(event: AppointmentRequested, session: Session) -> None:
    """Send the link behind which the button to confirm is."""
    _write(event, session, "appointment-requested")


async def on_appointment_booked(event: AppointmentBooked, session: Session) -> None:
    """Confirm the appointment, with a calendar entry."""
    _write(event, session, "appointment-booked")


async def on_appointment_moved(event: AppointmentMoved, session: Session) -> None:
    """Confirm the new time, which the calendar entry takes over."""
    _write(event, session, "appointment-moved")


async def on_appointment_offered(event: AppointmentOffered, session: Session) -> None:
    """Send the link to an offer of an earlier time."""
    _write(event, session, "appointment-offered")


async def on_appointment_cancelled(event: AppointmentCancelled, session: Session) -> None:
    """Confirm the cancellation, which takes the calendar entry back."""
    _write(event, session, "appointment-cancelled")


def _write(event: AppointmentEvent, session: Session, kind: str) -> None:
    if event.recipient is None:
        return
    id_, now, tenant = uuid7(), clock.now(), session.tenant
    message = {
        "id": id_,
        "tenant": tenant,
        "event_id": event.envelope.id,
        "kind": kind,
        "about": event.appointment_id,
        "sequence": event.version - 1,
        "content": event.model_dump(mode="json", exclude={"recipient"}),
        "key_id": event.recipient.key_id,
        "box": event.recipient.box,
        "state": "waiting",
        "attempts": 0,
        "error": "",
        "traceparent": current_traceparent(),
        "created_at": now,
    }
    due = {
        "message_id": id_,
        "tenant": tenant,
        "about": event.appointment_id,
        "key_id": event.recipient.key_id,
        "due_at": now,
    }
    session.execute_later(_MESSAGE, message)
    session.execute_later(_DUE, due)
    session.wakes.add(WAKES)


HANDLERS: Handlers = {
    AppointmentRequested: on_appointment_requested,
    AppointmentOffered: on_appointment_offered,
    AppointmentBooked: on_appointment_booked,
    AppointmentMoved: on_appointment_moved,
    AppointmentCancelled: on_appointment_cancelled,
}
