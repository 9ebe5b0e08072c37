"""The pages for staff, behind a sign-in. They work without JavaScript too."""

from services.gateway.pages.staff import appointment, caller, closing, day, plans, signing_in, start, switches

ROUTERS = [
    signing_in.router,
    start.router,
    plans.router,
    day.router,
    caller.router,
    closing.router,
    appointment.router,
    switches.router,
]
install = signing_in.install
