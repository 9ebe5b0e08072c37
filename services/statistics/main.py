"""Statistics, put together."""

from services.statistics import consumers, web
from services.statistics.figures import Exporter
from services.statistics.settings import StatisticsSettings
from shared.service import Service, create_app

# Facts are added up, whatever their order: no event is too old for them.
service = Service(
    StatisticsSettings(), handlers=consumers.HANDLERS, versioned=False, before_scrape=Exporter().refresh
)
app = create_app(service, [web.router])
