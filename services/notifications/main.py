"""Notifications, put together."""

from datetime import timedelta

from fastapi import FastAPI

from services.notifications import consumers, figures, jobs
from services.notifications.mailer import Mailer
from services.notifications.settings import NotificationsSettings
from shared.service import Service, create_app


def create(settings: NotificationsSettings) -> FastAPI:
    """Return notifications' app."""
    service = Service(
        settings,
        handlers=consumers.HANDLERS,
        max_event_age=timedelta(days=settings.max_event_age_days),
        before_scrape=figures.refresh,
        tasks={"mailer": lambda service: Mailer(service).run()},
        jobs={
            "sealing-keys": (jobs.KEY_SECONDS, jobs.tend_keys),
            "forget-messages": (jobs.FORGET_SECONDS, jobs.forget_messages),
        },
    )
    return create_app(service, [])
