"""What may be done with an appointment, and until when."""

from datetime import datetime

from services.booking.domain.errors import AlreadyCancelled, AppointmentOver, ConfirmationExpired, NotConfirmed

NOT_CONFIRMED_IN_TIME = "It was not confirmed in time, and the time is free for others again. Please book anew."


def check_can_move(state: str, starts_at: datetime, now: datetime) -> None:
    """Raise `AlreadyCancelled`, `NotConfirmed` or `AppointmentOver` when there is nothing to move (any more)."""
    if state == "cancelled":
        raise AlreadyCancelled("This appointment is cancelled and cannot be moved. Please book a new one.")
    if state == "unconfirmed":
        raise NotConfirmed(
            "This appointment is not confirmed yet. Please press the button behind the link in your mail."
        )
    if starts_at <= now:
        raise AppointmentOver("This appointment has begun or is past; it cannot be moved any more.")


def check_can_cancel(state: str, starts_at: datetime, now: datetime) -> bool:
    """Tell whether there is something to cancel; raise `AppointmentOver` when it is too late."""
    if state == "cancelled":
        return False
    if starts_at <= now:
        raise AppointmentOver("This appointment has begun or is past; it cannot be cancelled any more.")
    return True


def check_can_confirm(state: str, confirm_until: datetime | None, now: datetime) -> bool:
    """Tell whether there is something to confirm; raise `AlreadyCancelled` or `ConfirmationExpired`."""
    if state == "cancelled":
        raise AlreadyCancelled("This appointment is cancelled and cannot be confirmed. Please book a new one.")
    if state == "booked":
        return False
    if confirm_until is None or confirm_until <= now:
        raise ConfirmationExpired(NOT_CONFIRMED_IN_TIME)
    return True


def check_can_correct(state: str, confirm_until: datetime | None, ends_at: datetime, now: datetime) -> None:
    """Raise `AlreadyCancelled`, `ConfirmationExpired` or `AppointmentOver` when nobody will be called by the name.

    A name that has been erased stays so: only what is over, or was not confirmed in time, is erased.
    """
    if state == "cancelled":
        raise AlreadyCancelled("This appointment is cancelled; its name is needed for nothing any more.")
    if state == "unconfirmed" and (confirm_until is None or confirm_until <= now):
        raise ConfirmationExpired("This appointment was not confirmed in time, so there is none. Please book anew.")
    if ends_at <= now:
        raise AppointmentOver("This appointment is over; its name is needed for nothing any more.")
