"""Events of booking."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.values import Concern, Office, SealedRecipient, Value
from shared.events import Event

Channel = Literal["online", "phone", "counter"]
Kind = Literal["office", "phone", "video"]
CancelReason = Literal["plan"]


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
    also: list[Concern] = Field(default=[], description="Further concerns, dealt with at the same appointment.")
    kind: Kind = "office"
    video_url: str = Field("", description="Where an appointment by video takes place.")


class AppointmentRequested(
    _AppointmentEvent, type="booking.appointment-requested.v1", topic="booking.appointment", key="appointment_id"
):
    """A time is kept for somebody until they confirm by a button behind the link in a mail."""

    requested_at: AwareDatetime
    confirm_until: AwareDatetime


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
    reason: CancelReason | None = Field(
        None, description="Why the office did: by its plan nobody is there then. Empty: the person asked for it, say."
    )
    late: bool = Field(default=False, description="By the citizen, so late that hardly anybody could use the time.")


class AppointmentOffered(
    _AppointmentEvent, type="booking.appointment-offered.v1", topic="booking.appointment", key="appointment_id"
):
    """Somebody on the waitlist was offered an earlier time, which is kept for them; the appointment is unchanged."""

    offered_starts_at: AwareDatetime
    offered_ends_at: AwareDatetime
    valid_until: AwareDatetime
    offered_at: AwareDatetime


class AppointmentArrived(
    _AppointmentEvent, type="booking.appointment-arrived.v1", topic="booking.appointment", key="appointment_id"
):
    """Somebody is at the office for their appointment."""

    arrived_at: AwareDatetime


class AppointmentServed(
    _AppointmentEvent, type="booking.appointment-served.v1", topic="booking.appointment", key="appointment_id"
):
    """The appointment has taken place."""

    served_at: AwareDatetime


class AppointmentMissed(
    _AppointmentEvent, type="booking.appointment-missed.v1", topic="booking.appointment", key="appointment_id"
):
    """Nobody came: a member of staff noted it, after three calls or when it was too late to come.

    It is no summons that was missed: nothing follows from it for anybody.
    """

    missed_at: AwareDatetime


class AppointmentExcused(
    _AppointmentEvent, type="booking.appointment-excused.v1", topic="booking.appointment", key="appointment_id"
):
    """The person could not come and said so: a member of staff noted it."""

    excused_at: AwareDatetime


class AppointmentOutcomeWithdrawn(
    _AppointmentEvent,
    type="booking.appointment-outcome-withdrawn.v1",
    topic="booking.appointment",
    key="appointment_id",
):
    """What a member of staff had noted was a mistake: the appointment is booked, and nothing has become of it yet.

    An arrival or a new time withdraws it as well, and is told by its own event alone.
    """

    withdrawn: Literal["served", "missed", "excused"] = Field(description="What does not hold any more.")
    withdrawn_at: AwareDatetime


class _TicketEvent(Event):
    """What every event of a ticket tells: neither who holds it, nor at which desk, nor who served it."""

    ticket_id: UUID
    office: Office
    kind: Literal["appointment", "walk-in"]
    team_id: str
    concern_id: str
    arrived_at: AwareDatetime
    due_at: AwareDatetime | None = Field(description="When the appointment begins.")


class TicketIssued(_TicketEvent, type="booking.ticket-issued.v1", topic="booking.ticket", key="ticket_id"):
    """Somebody waits at an office."""


class TicketCalled(_TicketEvent, type="booking.ticket-called.v1", topic="booking.ticket", key="ticket_id"):
    """A number was called to a desk, or called again."""

    called_at: AwareDatetime = Field(description="Of the first call.")
    calls: int = Field(ge=1)


class TicketClosed(_TicketEvent, type="booking.ticket-closed.v1", topic="booking.ticket", key="ticket_id"):
    """Somebody was served, did not come when called, or did not want to wait any longer.

    Put back after that by mistake, it is closed again later: the newest version counts.
    """

    outcome: Literal["served", "no-show", "left"]
    called_at: AwareDatetime | None
    started_at: AwareDatetime | None
    ended_at: AwareDatetime
    passed_on: bool = Field(description="Several teams dealt with it: the times are those of the last one.")


class DaysToNext(Value):
    """How many searches found their first free time so many days ahead."""

    days: int = Field(ge=0, description="From today, in the office's zone; 0 is today.")
    searches: int = Field(ge=1)


class SearchesCounted(Event, type="booking.searches-counted.v1", topic="booking.office", key="window_id"):
    """Free times of an office were searched for one concern during a minute, as one replica of booking counted.

    Its aggregate is this count alone: replicas count side by side, so no order between their events could tell which
    is newer, and all of them are added up. `version` is always 1.
    """

    window_id: UUID = Field(description="This count, which may be published again under another `ce_id`.")
    office: Office
    concern_id: str
    counted_from: AwareDatetime = Field(description="The minute of the first search.")
    counted_to: AwareDatetime
    searches: int = Field(ge=1)
    with_result: int = Field(ge=0, description="Of these, how many found a free time.")
    days_to_next: list[DaysToNext] = Field(
        description="Of these, those that began today or at the earliest day that can be booked, by days."
    )
