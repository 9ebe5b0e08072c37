"""Settings of applications."""

from shared.settings import Settings


class ApplicationsSettings(Settings):
    """What applications needs to know: so far what every service does."""

    service = "applications"
