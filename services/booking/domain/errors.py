"""What booking refuses, by name."""

from shared.errors import Conflict, Invalid, NotFound


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
