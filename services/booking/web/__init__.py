"""Booking's HTTP door, for the gateway."""

from services.booking.web import appointments, audit, holds, offers, offices, staff

ROUTERS = [offices.router, holds.router, appointments.router, offers.router, staff.router, audit.router]
