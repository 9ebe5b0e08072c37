"""What booking refuses, by name."""

from shared.errors import Conflict, Forbidden, Invalid, NotFound


class UnknownOffice(NotFound):
    """The tenant has no such office."""


class UnknownConcern(NotFound):
    """The office does not handle such a concern."""


class PeriodTooLong(Invalid):
    """Free times were asked for over too many days."""


class SlotTaken(Conflict):
    """All desks are taken at this time."""


class SlotNotOffered(Invalid):
    """The opening plan does not offer this time."""


class IdempotencyKeyReused(Invalid):
    """The same key came with another request."""


class AppointmentNotFound(NotFound):
    """No appointment has this number and code."""


class AlreadyCancelled(Conflict):
    """The appointment is cancelled: there is nothing to move."""


class AppointmentOver(Conflict):
    """The appointment has begun or is past."""


class NotTogether(Invalid):
    """No team of the office handles all these concerns."""


class KindNotOffered(Invalid):
    """The concern is not dealt with in this way at this office."""


class PhoneNeeded(Invalid):
    """An appointment by phone needs a number to call."""


class EmailNeeded(Invalid):
    """What was asked for works by mail only, and there is no address."""


class TooManyAppointments(Conflict):
    """The person has as many active appointments for a concern as are allowed."""


class HoldExpired(Conflict):
    """Nothing is held any more: its time has passed, or it was never there."""


class HoldExtendedEnough(Conflict):
    """A hold cannot be extended once more."""


class ConfirmationExpired(Conflict):
    """The button was pressed too late."""


class NotConfirmed(Conflict):
    """The appointment has to be confirmed first."""


class OfferNotFound(NotFound):
    """There is no such offer, or the link is not its own."""


class OfferGone(Conflict):
    """The offer can be accepted no more."""


class OnlineBookingOff(Conflict):
    """The office, or its tenant, has switched online booking off."""


class WaitlistOff(Conflict):
    """The office, or its tenant, has switched the waitlist off."""


class OfficeNotYours(Forbidden):
    """The member of staff does not work for this office."""


class NotYourTask(Forbidden):
    """No role of this member of staff allows it."""


class PlanInvalid(Invalid):
    """A plan cannot be published; `errors` says what is wrong where."""


class PlanChanged(Conflict):
    """Somebody else has published a plan meanwhile; `version`: the one in force now."""


class PlanScheduled(Conflict):
    """A plan waits to come into force; `version` says which."""


class PlanStrandsAppointments(Conflict):
    """Nobody would be there for appointments that were given; `appointments` names them."""


class UnknownPlan(NotFound):
    """The office has no such version of its plan."""


class PlanBegun(Conflict):
    """The plan is in force, or was: it cannot be withdrawn."""


class PlanInThePast(Invalid):
    """A plan comes into force at once or later, not before and not in years."""


class TicketNotFound(NotFound):
    """There is no such ticket, or the secret is not its own."""


class TicketStateWrong(Conflict):
    """What was asked for is not possible in the ticket's present state; `extra["state"]` says which."""


class CalledTooSeldom(Conflict):
    """Nobody is set down as missing before they were called three times."""


class CalledEnough(Conflict):
    """A ticket is called three times at most."""


class DeskBusy(Conflict):
    """The desk has somebody already."""


class UnknownDesk(NotFound):
    """The office has no such desk."""


class UnknownTeam(NotFound):
    """The office has no such team."""


class DayOver(Invalid):
    """The day is past: there is nothing to close."""


class TooManyAffected(Invalid):
    """More appointments would be cancelled than are at once."""


class AffectedChanged(Conflict):
    """Somebody would lose an appointment who was not on the list that was seen."""


class PhoneArrivalOff(Conflict):
    """The office has switched arriving by one's own phone off."""


class OfficeCodeWrong(Invalid):
    """The code of the office's display is missing, wrong or no longer shown."""


class NoTicketsNow(Conflict):
    """Nobody without an appointment is received now; `extra["reason"]`: closed, not-yet, too-many, switched-off."""


class OutcomeWrong(Conflict):
    """This cannot have become of the appointment."""
