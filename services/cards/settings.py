"""Settings of cards."""

from shared.settings import Settings


class CardsSettings(Settings):
    """What cards needs to know: so far what every service does."""

    service = "cards"
