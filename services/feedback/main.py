"""The feedback service, put together."""

from services.feedback import consumers
from services.feedback.settings import FeedbackSettings
from shared.service import Service, create_app

service = Service(FeedbackSettings(), handlers=consumers.HANDLERS, seals=True)
app = create_app(service, [])
