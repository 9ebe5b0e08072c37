"""The cards service, put together."""

from services.cards import consumers
from services.cards.settings import CardsSettings
from shared.service import Service, create_app

service = Service(CardsSettings(), handlers=consumers.HANDLERS, seals=True)
app = create_app(service, [])
