"""The feedback service, put together."""

from fastapi import FastAPI

from services.feedback import consumers
from services.feedback.settings import FeedbackSettings
from shared.service import Service, create_app


def create(settings: FeedbackSettings) -> FastAPI:
    """Return the service's app."""
    return create_app(Service(settings, handlers=consumers.HANDLERS, seals=True), [])
