"""The gateway, put together."""

from services.gateway import api, pages
from services.gateway.backend import Backend
from services.gateway.settings import GatewaySettings
from shared.service import Service, create_app

settings = GatewaySettings()
service = Service(settings)
app = create_app(service, [api.router, pages.router], openapi_url=None)
limits = (settings.backend_timeout_seconds, settings.backend_connections)
app.state.booking = Backend("booking", settings.booking_url, *limits)
app.state.statistics = Backend("statistics", settings.statistics_url, *limits)
