"""The pages for staff, behind a sign-in. They work without JavaScript too."""

from services.gateway.pages.staff import (
    account,
    accounts,
    appointment,
    audit,
    caller,
    calling,
    closing,
    day,
    devices,
    plans,
    provider,
    reception,
    signing_in,
    start,
    switches,
)

ROUTERS = [
    provider.router,
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
    account.router,
    accounts.router,
    audit.router,
]
install = signing_in.install
