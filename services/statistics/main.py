"""Statistics, put together."""

from fastapi import FastAPI

from services.statistics import consumers, web
from services.statistics.exporter import Exporter
from services.statistics.settings import StatisticsSettings
from shared.identity import Verifier
from shared.service import Service, create_app


def create(settings: StatisticsSettings) -> FastAPI:
    """Return statistics' app."""
    # Facts are added up, whatever their order: no event comes too late for them.
    service = Service(
        settings,
        handlers=consumers.HANDLERS,
        versioned=False,
        verifier=Verifier(settings.identity_public_keys, settings.service),
        before_scrape=Exporter().refresh,
    )
    return create_app(service, [web.router])
