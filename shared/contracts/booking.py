"""Events of booking."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.values import Concern, Office, SealedRecipient
from shared.events import Event

Channel = Literal["online", "phone", "counter"]


class _AppointmentEvent(Event):
    """What every event of an appointment tells."""

    appointment_id: UUID
    number: str = Field(description="What the person is given to name the appointment. The code is not here.")
    channel: Channel = Field(description="How it was booked.")
    office: Office
    concern: Concern
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    recipient: SealedRecipient | None = Field(None, description="Whom to tell; empty when no e-mail was given.")


class AppointmentBooked(
    _AppointmentEvent, type="booking.appointment-booked.v1", topic="booking.appointment", key="appointment_id"
):
    """An appointment was booked; its desk is taken."""

    booked_at: AwareDatetime


class AppointmentMoved(
    _AppointmentEvent, type="booking.appointment-moved.v1", topic="booking.appointment", key="appointment_id"
):
    """An appointment was moved: it keeps number, code and links, and its former desk is free again."""

    previous_starts_at: AwareDatetime
    moved_at: AwareDatetime
    moved_by: Literal["citizen", "office"]


class AppointmentCancelled(
    _AppointmentEvent, type="booking.appointment-cancelled.v1", topic="booking.appointment", key="appointment_id"
):
    """An appointment was cancelled; its desk is free again."""

    cancelled_at: AwareDatetime
    cancelled_by: Literal["citizen", "office"]
