"""Booking's HTTP door, for the gateway."""

from services.booking.web import appointments, holds, offers, offices, queue, staff, staff_queue

ROUTERS = [
    offices.router,
    holds.router,
    appointments.router,
    offers.router,
    staff.router,
    queue.router,
    staff_queue.router,
]
