"""Documents for staff: what booking answers to members of an office."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field

from shared.api import AppointmentRequest, Concern, Document, Kind, Name, Office, none_if_blank

StaffChannel = Literal["phone", "counter"]


class StaffAppointmentRequest(AppointmentRequest):
    """An appointment that staff book for a caller or for somebody at the counter."""

    channel: StaffChannel


class Correction(Document):
    """How a person is really called."""

    name: Name
    birth_date: Annotated[date | None, BeforeValidator(none_if_blank)] = Field(
        None, description="Left out, it stays as it is."
    )


class StaffAppointment(Document):
    """An appointment, told to the staff of its office. Code and link, with which its person acts, are not here."""

    id: UUID
    number: str
    channel: Literal["online", "phone", "counter"]
    office: Office
    concern: Concern
    also: list[Concern]
    kind: Kind
    start: AwareDatetime = Field(description="In the office's zone.")
    end: AwareDatetime
    name: str | None = Field(description="Empty when the data of the person have been erased.")
    birth_date: date | None
    has_email: bool
    state: Literal["unconfirmed", "booked", "cancelled"]
    mail: Literal["none", "waiting", "sent", "failed"] = Field(description="What became of the last message.")
    waiting: bool = Field(description="Whether an earlier time will be offered when one becomes free.")
    version: int
