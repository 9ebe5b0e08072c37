"""Settings of feedback."""

from shared.settings import Settings


class FeedbackSettings(Settings):
    """What feedback needs to know: so far what every service does."""

    service = "feedback"
