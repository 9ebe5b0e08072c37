"""Settings of the embedded start: fixed ports on loopback, and where its data lies."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

SERVICES = ("gateway", "booking", "applications", "notifications", "cards", "statistics", "feedback")


class LocalSettings(BaseSettings):
    """Read from the environment: `GATEWAY_PORT=9000 make run` moves the gateway."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    gateway_port: int = Field(8000, ge=1, le=65535, description="Port of the gateway, which serves the pages.")
    booking_port: int = Field(8001, ge=1, le=65535, description="Port of booking.")
    applications_port: int = Field(8002, ge=1, le=65535, description="Port of applications.")
    notifications_port: int = Field(8003, ge=1, le=65535, description="Port of notifications.")
    cards_port: int = Field(8004, ge=1, le=65535, description="Port of cards.")
    statistics_port: int = Field(8005, ge=1, le=65535, description="Port of statistics.")
    feedback_port: int = Field(8006, ge=1, le=65535, description="Port of feedback.")
    kafka_port: int = Field(19092, ge=1, le=65535, description="Port of the embedded Kafka.")
    kafka_controller_port: int = Field(19093, ge=1, le=65535, description="Port of the embedded Kafka's controller.")
    smtp_port: int = Field(1025, ge=1, le=65535, description="Port on which the local mailbox takes mail.")
    mailbox_port: int = Field(8025, ge=1, le=65535, description="Port on which the local mailbox shows its mail.")
    local_dir: Path = Field(Path(".local"), description="Folder for everything the embedded start keeps.")
    database_url: str = Field(
        "", description="Your own PostgreSQL (`{service}` becomes the service's name); empty starts the embedded one."
    )
    kafka_bootstrap_servers: str = Field("", description="Your own Kafka; empty starts the embedded one.")
    smtp_url: str = Field("", description="Your own mail server; empty starts the local mailbox.")

    def port(self, service: str) -> int:
        """Return the port of a service."""
        return int(getattr(self, f"{service}_port"))

    @property
    def home(self) -> Path:
        """`local_dir` as an absolute path."""
        return self.local_dir.expanduser().resolve()

    def ports(self) -> dict[str, int]:
        """Return every port this start is going to listen on, by the environment variable that changes it."""
        names = [f"{service}_port" for service in SERVICES]
        names += [] if self.kafka_bootstrap_servers else ["kafka_port", "kafka_controller_port"]
        names += [] if self.smtp_url else ["smtp_port", "mailbox_port"]
        return {name.upper(): int(getattr(self, name)) for name in names}
