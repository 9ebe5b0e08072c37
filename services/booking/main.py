"""Booking, put together."""

from services.booking import consumers, jobs, web
from services.booking.settings import BookingSettings
from shared.service import Service, create_app

service = Service(
    BookingSettings(),
    handlers=consumers.HANDLERS,
    seals=True,
    jobs={"erase-persons": (jobs.ERASE_SECONDS, jobs.erase_persons)},
)
app = create_app(service, [web.router])
