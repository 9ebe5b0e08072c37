"""The pages for staff, behind a sign-in. They work without JavaScript too."""

from services.gateway.pages.staff import calling, devices, reception, signing_in, start

ROUTERS = [signing_in.router, start.router, calling.router, reception.router, devices.router]
install = signing_in.install
