"""Booking, put together."""

from fastapi import FastAPI

from services.booking import consumers, jobs, web
from services.booking.queue.members import Looks
from services.booking.queue.waiting import Waits
from services.booking.searches import Searches
from services.booking.settings import BookingSettings
from shared.identity import Verifier
from shared.service import Service, create_app


def create(settings: BookingSettings) -> FastAPI:
    """Return booking's app."""
    searches = Searches()
    service = Service(
        settings,
        handlers=consumers.HANDLERS,
        seals=True,
        verifier=Verifier(settings.identity_public_keys, settings.service),
        tasks={"searches": searches.run},  # each replica tells its own
        jobs={
            "erase-persons": (jobs.ERASE_SECONDS, jobs.erase_persons),
            "erase-needs": (jobs.NEEDS_SECONDS, jobs.erase_needs),
            "tidy-queue": (jobs.QUEUE_SECONDS, jobs.tidy_queue),
            "tidy-holds": (jobs.TIDY_SECONDS, jobs.tidy_holds),
            "forget-audit": (jobs.TIDY_SECONDS, jobs.forget_audit),
        },
    )
    app = create_app(service, web.ROUTERS)
    app.state.searches = searches
    app.state.waits, app.state.looks = Waits(settings), Looks()
    return app
