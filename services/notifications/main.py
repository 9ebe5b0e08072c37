"""Notifications, put together."""

from datetime import timedelta

from services.notifications import consumers, jobs
from services.notifications.mailer import Mailer
from services.notifications.settings import NotificationsSettings
from shared.service import Service, create_app

settings = NotificationsSettings()
service = Service(
    settings,
    handlers=consumers.HANDLERS,
    max_event_age=timedelta(days=settings.max_event_age_days),
    tasks={"mailer": lambda service: Mailer(service).run()},
    jobs={
        "sealing-keys": (jobs.KEY_SECONDS, jobs.tend_keys),
        "forget-messages": (jobs.FORGET_SECONDS, jobs.forget_messages),
    },
)
app = create_app(service, [])
