"""Applications' HTTP door, for the gateway."""

from services.applications.web import applications, audit, imports, rights, staff, staff_papers

# `imports` before what has a reference in its place.
ROUTERS = [applications.router, imports.router, staff.router, staff_papers.router, rights.router, audit.router]
