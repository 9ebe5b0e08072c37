"""Applications' HTTP door, for the gateway."""

from services.applications.web import applications, audit, staff, staff_papers

ROUTERS = [applications.router, staff.router, staff_papers.router, audit.router]
