"""The applications service, put together."""

from fastapi import FastAPI

from services.applications import consumers
from services.applications.settings import ApplicationsSettings
from shared.service import Service, create_app


def create(settings: ApplicationsSettings) -> FastAPI:
    """Return the service's app."""
    return create_app(Service(settings, handlers=consumers.HANDLERS, seals=True), [])
