"""The gateway, put together."""

from fastapi import FastAPI

from services.gateway import api, pages
from services.gateway.backend import Backend
from services.gateway.settings import GatewaySettings
from shared.service import Service, create_app


def create(settings: GatewaySettings) -> FastAPI:
    """Return the gateway's app."""
    limits = (settings.backend_timeout_seconds, settings.backend_connections)
    booking = Backend("booking", settings.booking_url, *limits)
    statistics = Backend("statistics", settings.statistics_url, *limits)
    routers, closing = [api.router, pages.router], [booking.close, statistics.close]
    app = create_app(Service(settings), routers, closing, openapi_url=None)
    app.state.booking, app.state.statistics = booking, statistics
    return app
