"""The pages: for citizens home, the way to an appointment, and the appointment itself; for staff their desk;
at an office its kiosk, its display, and tickets.

They work without JavaScript.
"""

from fastapi import FastAPI

from services.gateway.pages import (
    appointments,
    booking,
    confirming,
    errors,
    home,
    moving,
    offers,
    office,
    staff,
    waiting,
    waitlist,
)

ROUTERS = [
    *staff.ROUTERS,  # before the homepage's `/{lang}`, which any first word would be
    home.router,
    waiting.router,
    booking.router,
    moving.router,
    confirming.router,
    waitlist.router,
    appointments.router,
    offers.router,
    *office.ROUTERS,
]


def install(app: FastAPI) -> None:
    """Let errors be pages, and those who have to wait or to sign in be led there."""
    errors.install(app)
    waiting.install(app)
    staff.install(app)
