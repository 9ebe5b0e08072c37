"""Settings of booking."""

from pydantic import Field, SecretStr

from shared.settings import AnsweringSettings


class BookingSettings(AnsweringSettings):
    """What booking needs to know beyond what every service does."""

    service = "booking"
    link_secret: SecretStr = Field(description="Key of personal links and codes; changing it makes all of them void.")
    public_url: str = Field(
        "http://{host}:8000", description="Where citizens reach the gateway; `{host}` becomes the tenant's first host."
    )
    appointment_retention_days: int = Field(
        30, description="So long after an appointment, name, birth date and e-mail are erased."
    )
    desk_away_minutes: int = Field(10, description="A desk of which nothing was heard for so long counts as closed.")
    late_cancelled_hours: int = Field(
        24, description="Cancelled by its citizen so short before its beginning, an appointment is told as such."
    )
    tickets_until_closing_only: bool = Field(
        default=False, description="No tickets any more when the wait would take until the office closes."
    )
    waiting_cache_seconds: float = Field(3, description="How old the waiting times may be that people are told.")
    ticket_link_retention_days: int = Field(
        30, description="So long a ticket knows its appointment; all else but times goes after the day."
    )
    audit_retention_days: int = Field(
        365, ge=1, description="So long it is kept who of the staff did what; the same setting for every service."
    )
