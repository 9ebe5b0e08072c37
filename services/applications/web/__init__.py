"""Applications' HTTP door, for the gateway."""

from services.applications.web import (
    applications,
    audit,
    documents,
    imports,
    rights,
    staff,
    staff_documents,
    staff_papers,
    uploads,
)

# `imports` before what has a reference in its place.
ROUTERS = [
    applications.router,
    documents.router,
    uploads.router,
    imports.router,
    staff.router,
    staff_papers.router,
    staff_documents.router,
    rights.router,
    audit.router,
]
