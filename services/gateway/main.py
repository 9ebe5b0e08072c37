"""The gateway, put together."""

from fastapi import FastAPI

from services.gateway import api, pages
from services.gateway.backend import Backend
from services.gateway.settings import GatewaySettings
from shared.service import Service, create_app


def create(settings: GatewaySettings) -> FastAPI:
    """Return the gateway's app."""
    app = create_app(Service(settings), [api.router, pages.router], openapi_url=None)
    limits = (settings.backend_timeout_seconds, settings.backend_connections)
    app.state.booking = Backend("booking", settings.booking_url, *limits)
    app.state.statistics = Backend("statistics", settings.statistics_url, *limits)
    return app
