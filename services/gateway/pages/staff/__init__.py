"""The pages for staff, behind a sign-in. They work without JavaScript too."""

from services.gateway.pages.staff import plans, signing_in, start

ROUTERS = [signing_in.router, start.router, plans.router]
install = signing_in.install
