"""Settings of statistics."""

from pydantic import Field

from shared.settings import AnsweringSettings


class StatisticsSettings(AnsweringSettings):
    """What statistics needs to know beyond what every service does."""

    service = "statistics"
    figures_cache_seconds: float = Field(2, description="How old the figures in /metrics may be.")
    booking_figures_cache_seconds: float = Field(
        60,
        description="How old those of searches and kept appointments may be: they read more, and come by the minute.",
    )
