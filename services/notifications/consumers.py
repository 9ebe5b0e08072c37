"""Notifications' Kafka door: what happened elsewhere becomes a message to send."""

from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from services.notifications.models import WAKES, application_states, due_messages, messages
from shared import clock
from shared.contracts.applications import (
    ApplicationDecided,
    ApplicationReceived,
    ApplicationStatusChanged,
    DocumentReceived,
    DocumentRejected,
    DocumentsRequested,
    StatusInquired,
)
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


_STATE = insert(application_states)
_NEWEST = _STATE.on_conflict_do_update(
    index_elements=["application_id"],
    set_={name: _STATE.excluded[name] for name in ("version", "as_of", "content")},
    where=_STATE.excluded.version > application_states.c.version,
)
_TOLD = {"state", "state_since", "next_actor", "due_at", "missing"}  # of an application, whatever its event is about

AppointmentEvent = (
    AppointmentRequested | AppointmentBooked | AppointmentMoved | AppointmentOffered | AppointmentCancelled
)
ApplicationEvent = (
    ApplicationReceived
    | ApplicationStatusChanged
    | DocumentsRequested
    | DocumentReceived
    | DocumentRejected
    | StatusInquired
    | ApplicationDecided
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


async def on_application_received(event: ApplicationReceived, session: Session) -> None:
    """Say that it has arrived, and when."""
    _keep(event, session)
    _write(event, session, "application-received")


async def on_application_status_changed(event: ApplicationStatusChanged, session: Session) -> None:
    """Say what has changed, unless the decision or the papers asked for have a mail of their own."""
    _keep(event, session)
    if event.state not in ("decided", "documents-missing"):
        _write(event, session, "application-changed")


async def on_documents_requested(event: DocumentsRequested, session: Session) -> None:
    """Say which papers are needed."""
    _keep(event, session)
    _write(event, session, "documents-requested")


async def on_document_received(event: DocumentReceived, session: Session) -> None:
    """No mail asks for this paper any more. Who sent it has a receipt."""
    _keep(event, session)


async def on_document_rejected(event: DocumentRejected, session: Session) -> None:
    """Say which paper does not do, why, and what else is possible."""
    _keep(event, session)
    _write(event, session, "document-rejected")


async def on_status_inquired(event: StatusInquired, session: Session) -> None:
    """Answer where the application stands, to the address on file."""
    _keep(event, session)
    _write(event, session, "status-inquired")


async def on_application_decided(event: ApplicationDecided, session: Session) -> None:
    """Say that a letter is on its way; never what it says."""
    _keep(event, session)
    _write(event, session, "application-decided")


def _keep(event: ApplicationEvent, session: Session) -> None:
    row = {
        "application_id": event.application_id,
        "tenant": session.tenant,
        "version": event.version,
        "as_of": event.envelope.time,
        "content": event.model_dump(mode="json", include=_TOLD),
    }
    session.execute_later(_NEWEST, row)


def _write(event: AppointmentEvent | ApplicationEvent, session: Session, kind: str) -> None:
    if event.recipient is None:
        return
    about = event.application_id if isinstance(event, ApplicationEvent) else event.appointment_id
    id_, now, tenant = uuid7(), clock.now(), session.tenant
    message = {
        "id": id_,
        "tenant": tenant,
        "event_id": event.envelope.id,
        "kind": kind,
        "about": about,
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
        "about": about,
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
    ApplicationReceived: on_application_received,
    ApplicationStatusChanged: on_application_status_changed,
    DocumentsRequested: on_documents_requested,
    DocumentReceived: on_document_received,
    DocumentRejected: on_document_rejected,
    StatusInquired: on_status_inquired,
    ApplicationDecided: on_application_decided,
}
