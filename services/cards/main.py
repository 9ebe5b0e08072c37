"""The cards service, put together."""

from fastapi import FastAPI

from services.cards import consumers
from services.cards.settings import CardsSettings
from shared.service import Service, create_app


def create(settings: CardsSettings) -> FastAPI:
    """Return the service's app."""
    return create_app(Service(settings, handlers=consumers.HANDLERS, seals=True), [])
