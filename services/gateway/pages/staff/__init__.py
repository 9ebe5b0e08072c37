"""The pages for staff, behind a sign-in. They work without JavaScript too."""

from services.gateway.pages.staff import signing_in, start, switches

ROUTERS = [signing_in.router, start.router, switches.router]
install = signing_in.install
