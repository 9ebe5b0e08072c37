"""Documents for staff: what booking answers to members of an office."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints

from shared.api import (
    AppointmentRequest,
    Concern,
    Document,
    Kind,
    Language,
    Name,
    Need,
    Office,
    Slug,
    Start,
    none_if_blank,
)

StaffChannel = Literal["phone", "counter"]
State = Literal["unconfirmed", "booked", "cancelled"]
Outcome = Literal["served", "missed", "excused"]
Mail = Literal["none", "waiting", "sent", "failed"]
FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2200, 1, 1)
WorkDay = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
MOST_FOUND = 50
MOST_AFFECTED = 500

_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
# Why staff did something out of the ordinary: for whoever looks into it later, in no message and on no list.
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=_PRINTABLE)]
# Why a day is closed: it stands in the plan.
ClosureReason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200, pattern=_PRINTABLE)
]
SearchText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=100, pattern=_PRINTABLE)]


class Overbooking(Document):
    """That an appointment is wanted although no desk is free for it, and why."""

    reason: Reason


class StaffAppointmentRequest(AppointmentRequest):
    """An appointment that staff book for a caller or for somebody at the counter."""

    channel: StaffChannel
    overbook: Overbooking | None = None


class Correction(Document):
    """How a person is really called."""

    name: Name
    birth_date: Annotated[date | None, BeforeValidator(none_if_blank)] = Field(
        None, description="Left out, it stays as it is."
    )


class StaffMove(Document):
    """The time to which staff move an appointment; office and concern stay."""

    start: Start
    overbook: Overbooking | None = None


class StaffCancellation(Document):
    """Why staff cancel an appointment, if that is to be remembered."""

    reason: Annotated[Reason | None, BeforeValidator(none_if_blank)] = None


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
    phone: str | None
    has_email: bool
    language: str
    interpreter: str | None
    needs: list[Need]
    state: State
    outcome: Outcome | None = Field(description="What became of it on its day; empty: nothing was noted.")
    confirm_until: AwareDatetime | None
    overbooked: bool = Field(description="No desk is taken for it.")
    to_phone: bool = Field(description="Cancelled as by the plan nobody is there; somebody has to call.")
    mail: Mail = Field(description="What became of the last message.")
    waiting: bool = Field(description="Whether an earlier time will be offered when one becomes free.")
    version: int


class Entry(Document):
    """An appointment in a list."""

    number: str
    office: str
    start: AwareDatetime = Field(description="In the office's zone.")
    end: AwareDatetime
    name: str | None = Field(description="Empty when the data of the person have been erased.")
    concerns: list[dict[str, str]] = Field(description="Names, each by language.")
    kind: Kind
    interpreter: bool
    needs: bool
    state: State
    outcome: Outcome | None = Field(description="What became of it on its day; empty: nothing was noted.")
    desk: str | None = Field(description="Empty: none is taken for it (any more).")
    overbooked: bool
    has_email: bool
    mail: Mail
    phone: str | None
    to_phone: bool


class Day(Document):
    """A day of an office, in order."""

    office: Office
    day: date
    closed: bool = Field(description="Whether its plan or a public holiday closes the whole office.")
    entries: list[Entry]


class Team(Document):
    """A team of an office."""

    id: str
    name: dict[str, str] = Field(description="By language; one without a name is called as its desks.")


class ClosedDay(Document):
    """A day on which an office, or one of its teams, receives nobody."""

    day: WorkDay
    team: Annotated[Slug | None, BeforeValidator(none_if_blank)] = Field(None, description="Left out: the office.")


class Closing(ClosedDay):
    """A day to close, with the people of whom whoever closes it knows that they lose their appointment."""

    reason: dict[Language, ClosureReason] = Field(min_length=1, max_length=20, description="By language.")
    numbers: list[Annotated[str, StringConstraints(max_length=20)]] = Field(
        max_length=MOST_AFFECTED, description="Of all appointments that the preview has listed."
    )


class ClosingPreview(Document):
    """What closing a day would do."""

    office: Office
    day: date
    team: str | None
    closed: bool = Field(description="Whether it is closed already.")
    affected: list[Entry]


class Closed(Document):
    """What closing a day has done."""

    plan: int = Field(description="The version of the plan that is in force now.")
    told: list[Entry] = Field(description="Get a mail.")
    to_phone: list[Entry] = Field(description="Have no address: somebody has to call them.")
