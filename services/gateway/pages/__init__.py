"""The pages: for citizens home, the way to an appointment, and the appointment itself; for staff their desk;
at an office its kiosk, its display, and tickets.

They work without JavaScript.
"""

from fastapi import FastAPI

from services.gateway.pages import (
    applications,
    appointments,
    booking,
    confirming,
    errors,
    home,
    moving,
    offers,
    office,
    staff,
    switched_off,
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
    *applications.ROUTERS,
    *office.ROUTERS,
]


def install(app: FastAPI) -> None:
    """Let errors be pages, also that something is switched off, and lead there who has to wait or to sign in."""
    errors.install(app)
    waiting.install(app)
    switched_off.install(app)
    staff.install(app)
    applications.install(app)
