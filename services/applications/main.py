"""The applications service, put together."""

from services.applications import consumers
from services.applications.settings import ApplicationsSettings
from shared.service import Service, create_app

service = Service(ApplicationsSettings(), handlers=consumers.HANDLERS, seals=True)
app = create_app(service, [])
