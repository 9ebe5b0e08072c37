"""Applications' HTTP door, for the gateway."""

from services.applications.web import (
    applications,
    audit,
    documents,
    staff,
    staff_documents,
    staff_papers,
    uploads,
)

ROUTERS = [
    applications.router,
    documents.router,
    uploads.router,
    staff.router,
    staff_papers.router,
    staff_documents.router,
    audit.router,
]
