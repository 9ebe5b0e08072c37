"""What may be done with an appointment, and until when."""

from datetime import datetime

from services.booking.domain.errors import AlreadyCancelled, AppointmentOver


def check_can_move(state: str, starts_at: datetime, now: datetime) -> None:
    """Raise `AlreadyCancelled` or `AppointmentOver` when there is nothing to move any more."""
    if state == "cancelled":
        raise AlreadyCancelled("This appointment is cancelled and cannot be moved. Please book a new one.")
    if starts_at <= now:
        raise AppointmentOver("This appointment has begun or is past; it cannot be moved any more.")


def check_can_cancel(state: str, starts_at: datetime, now: datetime) -> bool:
    """Tell whether there is something to cancel; raise `AppointmentOver` when it is too late."""
    if state == "cancelled":
        return False
    if starts_at <= now:
        raise AppointmentOver("This appointment has begun or is past; it cannot be cancelled any more.")
    return True
