"""The pages for staff, behind a sign-in. They work without JavaScript too."""

from services.gateway.pages.staff import (
    appointment,
    caller,
    calling,
    closing,
    day,
    devices,
    plans,
    reception,
    signing_in,
    start,
    switches,
)

ROUTERS = [
    signing_in.router,
    start.router,
    calling.router,
    reception.router,
    day.router,
    caller.router,
    closing.router,
    appointment.router,
    plans.router,
    switches.router,
    devices.router,
]
install = signing_in.install
