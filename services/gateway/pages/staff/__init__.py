"""The pages for staff, behind a sign-in. They work without JavaScript too."""

from services.gateway.pages.staff import account, accounts, audit, provider, signing_in, start

ROUTERS = [provider.router, signing_in.router, start.router, account.router, accounts.router, audit.router]
install = signing_in.install
