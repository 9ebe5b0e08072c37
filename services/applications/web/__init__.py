"""Applications' HTTP door, for the gateway."""

from services.applications.web import applications

ROUTERS = [applications.router]
