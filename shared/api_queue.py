"""Documents of the queue at an office: tickets, arrivals, waiting times, the call display, what staff see of it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints

from shared.api import Document, Language, Slug, none_if_blank

TicketKind = Literal["appointment", "walk-in"]
TicketState = Literal["waiting", "called", "serving", "served", "no-show", "left"]
Urgency = Literal["", "no-roof", "no-means", "danger", "frail"]
ArrivalOutcome = Literal["checked-in", "early", "late", "wrong-office", "cancelled", "not-today", "already-here"]
Via = Literal["kiosk", "phone"]

Typed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
RotatingCode = Annotated[
    Annotated[str, StringConstraints(max_length=20)] | None,
    BeforeValidator(none_if_blank),
    Field(description="By phone: the four digits that the display at the office shows just now."),
]


class TicketRequest(Document):
    """Somebody without an appointment wants to wait."""

    concern: Slug
    language: Language = "de"
    via: Via = "kiosk"
    rotating_code: RotatingCode = None


class Expected(Document):
    """Eight of ten people wait from so many to so many minutes, from now on."""

    from_minutes: int
    to_minutes: int


class NamedConcern(Document):
    """A concern and what it is called."""

    id: str
    name: dict[str, str] = Field(description="By language.")


class NamedOffice(Document):
    """An office and what it is called."""

    id: str
    name: str
    zone: str = Field(description="IANA time zone of its times.")


class Ticket(Document):
    """A ticket, told to whoever holds it. It names nobody."""

    id: UUID
    secret: str = Field(description="Opens it: `Authorization: Bearer <secret>`.")
    label: str = Field(description="Letter and number, as `A017`: unique at this office today.")
    kind: TicketKind
    state: TicketState
    office: NamedOffice
    concern: NamedConcern
    position: int | None = Field(description="While waiting: 1 is called next; it can rise when somebody due arrives.")
    expected: Expected | None = Field(description="How much longer; empty when that cannot be told.")
    desk: str | None = Field(description="Where to go, when called.")
    called_at: AwareDatetime | None
    calls: int = Field(description="How often it was called.")
    due: AwareDatetime | None = Field(description="When the appointment begins, in the office's zone.")
    as_of: AwareDatetime


class ArrivalRequest(Document):
    """Somebody with an appointment is there."""

    number: Typed
    code: Typed = Field(description="The code, or the token of the personal link (the QR code of the confirmation).")
    via: Via = "kiosk"
    rotating_code: RotatingCode = None


class Arrival(Document):
    """What became of an arrival. Doing it twice does nothing more: then it is `already-here`, with the same ticket."""

    outcome: ArrivalOutcome
    ticket: Ticket | None = Field(description="None for `wrong-office`, `cancelled` and `not-today`.")
    due: AwareDatetime = Field(description="When the appointment begins, in its office's zone.")
    office: NamedOffice = Field(description="Where the appointment is: with `wrong-office`, where to go.")


class ConcernWaiting(Document):
    """How long people without an appointment wait for one concern."""

    concern: NamedConcern
    waiting: int = Field(description="How many wait for the team that handles it, whatever for.")
    expected: Expected | None = Field(description="For somebody who comes now; empty when that cannot be told.")
    open: bool = Field(description="Whether a ticket can be drawn now.")


class Waiting(Document):
    """How long people without an appointment wait at an office."""

    office: NamedOffice
    open_desks: int
    concerns: list[ConcernWaiting]
    opens_at: AwareDatetime | None = Field(
        None, description="When it receives people next; empty when it does now, or when that is not known."
    )
    as_of: AwareDatetime


class Call(Document):
    """A number that is called to a desk."""

    label: str
    desk: str
    called_at: AwareDatetime
    calls: int = Field(description="How often: when it rises, the number is to be spoken again.")


class Display(Document):
    """What the call display of an office shows. Never a name."""

    office: NamedOffice
    version: int = Field(description="Rises with every change of the office's queue.")
    calls: list[Call] = Field(description="Who is called just now, the newest first.")
    waiting: int
    rotating_code: str = Field(description="Who checks in by phone must give it.")
    code_valid_until: AwareDatetime = Field(description="The next one is shown then; this one works 5 minutes longer.")
    as_of: AwareDatetime


# --- for staff ---


class StaffTicket(Document):
    """A ticket, told to the staff of its office."""

    id: UUID
    label: str
    kind: TicketKind
    state: TicketState
    team: str
    concern: NamedConcern
    language: str
    urgency: Urgency
    arrived_at: AwareDatetime
    due: AwareDatetime | None
    late: bool = Field(description="Came more than 15 minutes after the time of the appointment.")
    desk: str | None
    desk_id: int | None
    called_at: AwareDatetime | None = Field(description="Since when it is called.")
    calls: int
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    number: str | None = Field(description="Of the appointment.")
    name: str | None = Field(description="Of who has the appointment; never shown to others.")
    version: int


class QueueTeam(Document):
    """A team of the office by its opening plan."""

    id: str
    name: dict[str, str] = Field(description="By language; one without a name is called as its desks.")


class QueueDesk(Document):
    """A desk of the office. Who sits there is not known here."""

    id: int
    name: str
    team: str
    open: bool
    ticket: UUID | None = Field(description="Which ticket is called to it or served there.")


class ExpectedArrival(Document):
    """An appointment of today whose person is not there yet."""

    number: str
    name: str | None
    concern: NamedConcern
    start: AwareDatetime = Field(description="In the office's zone.")
    outcome: Literal["missed", "excused"] | None


class Queue(Document):
    """All of an office's queue, for its staff."""

    office: NamedOffice
    version: int = Field(description="Rises with every change.")
    teams: list[QueueTeam]
    desks: list[QueueDesk]
    waiting: list[StaffTicket] = Field(description="In the order in which they would be called now.")
    called: list[StaffTicket] = Field(description="Called or being served.")
    closed: list[StaffTicket] = Field(description="Of today, the newest first, at most 20.")
    to_come: list[ExpectedArrival]
    as_of: AwareDatetime


class CallAnswer(Document):
    """What a desk that calls gets: the next person, or whom it has still, or nobody."""

    ticket: StaffTicket | None
    again: bool = Field(description="The desk had this one already: a second tab, or pressed twice.")


class StaffTicketRequest(Document):
    """Reception draws a ticket for somebody."""

    concern: Slug
    language: Language = "de"
    urgency: Urgency = ""


class StaffArrivalRequest(Document):
    """Reception notes that somebody with an appointment is there; they have shown who they are."""

    number: Typed


class DeskChoice(Document):
    """At which desk somebody acts: a ticket whose own desk has vanished is taken over by this one."""

    desk: int | None = Field(None, description="Left out: the ticket's own.")
    calls: int | None = Field(
        None, description="How often it had been called when whoever acts saw it: pressing twice is one call."
    )


class PassOn(Document):
    """To whom a ticket is passed on: another team, another concern, or both."""

    team: Slug | None = Field(None, description="Left out: the team that handles the concern.")
    concern: Slug | None = Field(None, description="Left out: it stays, whether or not the team handles it.")


class UrgencyChoice(Document):
    """Why somebody cannot wait, as they said; empty takes it back. The categories: docs/queue.md."""

    urgency: Urgency


class OutcomeChoice(Document):
    """What became of an appointment whose person is not there; empty takes it back."""

    outcome: Literal["missed", "excused"] | None


class AppointmentOutcome(Document):
    """What was noted of an appointment."""

    number: str
    outcome: Literal["served", "missed", "excused"] | None


class StaffArrival(Document):
    """What became of an arrival at reception."""

    outcome: ArrivalOutcome
    ticket: StaffTicket | None
    due: AwareDatetime
    office: NamedOffice


class DrawnTicket(Document):
    """A ticket that reception has drawn, and what opens it on a phone."""

    ticket: StaffTicket
    secret: str
