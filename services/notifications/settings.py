"""Settings of notifications."""

from pathlib import Path

from pydantic import Field, SecretStr

from shared.settings import Settings


class NotificationsSettings(Settings):
    """What notifications needs to know beyond what every service does."""

    service = "notifications"
    smtp_url: SecretStr = Field(
        SecretStr("smtp://127.0.0.1:1025"),
        description="Mail server: smtp:// (plain), smtp+starttls:// or smtps://, with user:password@ where needed.",
    )
    smtp_connections: int = Field(4, description="Mails handed over at the same time.")
    sealing_keys_file: Path = Field(
        Path("sealing-keys.json"), description="File with the private sealing keys; keep it out of database backups."
    )
    sealing_key_days: int = Field(30, description="A new sealing key is made when the newest is this old.")
    sealing_key_retention_days: int = Field(
        90, description="A sealing key is destroyed this long after its successor, when no unsent message needs it."
    )
    message_retention_days: int = Field(30, description="How long messages are kept after they were sent or given up.")
    give_up_hours: int = Field(72, description="So long a message is tried again before it is given up.")
    claim_seconds: int = Field(
        60, gt=24, description="A message whose sender has died is taken up again after this time."
    )
    max_event_age_days: int = Field(14, description="Older events cause no message, so that no replay mails anyone.")
