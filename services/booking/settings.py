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
    audit_retention_days: int = Field(
        365, ge=1, description="So long it is kept who of the staff did what; the same setting for every service."
    )
