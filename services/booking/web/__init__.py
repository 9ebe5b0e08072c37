"""Booking's HTTP door, for the gateway."""

from services.booking.web import (
    appointments,
    audit,
    closures,
    holds,
    offers,
    offices,
    plans,
    queue,
    staff,
    staff_queue,
)

ROUTERS = [
    offices.router,
    holds.router,
    appointments.router,
    offers.router,
    staff.router,
    plans.router,
    closures.router,
    queue.router,
    staff_queue.router,
    audit.router,
]
