"""Settings every service has, read from the environment; secrets also from `<NAME>_FILE`."""

import os
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class BadSetting(ValueError):
    """A setting that cannot be used; the sentence says which and why, never its value."""


class SecretFiles(PydanticBaseSettingsSource):
    """Reads a setting `X` from the file that the environment variable `X_FILE` names.

    Container platforms hand secrets over as files; a value in the environment shows up in process listings.
    `{service}` in the path becomes the service's name.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002  the base class's signature
        path = os.environ.get(f"{field_name.upper()}_FILE", "")
        path = path.replace("{service}", getattr(self.settings_cls, "service", ""))
        return (Path(path).read_text(encoding="utf-8").strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class Settings(BaseSettings):
    """What a process needs to know wherever it runs. `{service}` in a database URL becomes the service's name."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    service: ClassVar[str] = ""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, description="Port to listen on.")
    database_url: SecretStr = Field(
        SecretStr("postgresql+asyncpg://{service}_app@127.0.0.1/{service}"),
        description="The service's own database, as its app role. `{service}` becomes the service's name.",
    )
    database_pool: int = Field(5, description="Connections kept open; as many again are opened under load.")
    kafka_bootstrap_servers: str = Field("127.0.0.1:19092", description="Kafka brokers, comma separated.")
    kafka_security_protocol: str = Field("PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.")
    kafka_ca_file: Path | None = Field(None, description="CA certificate that signed the brokers' certificates.")
    kafka_sasl_mechanism: str = Field("SCRAM-SHA-512", description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.")
    kafka_sasl_username: str = Field("", description="User name for SASL.")
    kafka_sasl_password: SecretStr = Field(SecretStr(""), description="Password for SASL.")
    kafka_group_instance_id: str | None = Field(
        None, description="Stable id of this replica (static membership); leave empty unless each replica has its own."
    )
    kafka_session_timeout_seconds: float = Field(10, description="A consumer silent for so long loses its partitions.")
    topic_prefix: str = Field(
        "", description="Put before every topic and group name, so that installations can share a Kafka."
    )
    topic_replication: int = Field(1, description="Copies of each partition when topics are created; 3 in production.")
    tenants_dir: Path = Field(Path("deploy/tenants"), description="Folder with one file per tenant.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    clock_offset_seconds: float = Field(0, description="Moves the clock of the process; for tests.")
    dead_letter_limit: int = Field(100, description="So many dead letters in a row stop the consumer.")
    inbox_retention_days: int = Field(30, description="How long the ids of handled events are kept.")
    request_body_limit: int = Field(65_536, description="Largest body of a request, in bytes.")

    @property
    def database(self) -> str:
        """The database URL with the service's name filled in."""
        return self.database_of(self.service)

    def database_of(self, service: str) -> str:
        """The URL of that service's database."""
        return self.database_url.get_secret_value().replace("{service}", service)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the base class's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, SecretFiles(settings_cls), env_settings


class AnsweringSettings(Settings):
    """What a service that answers the gateway needs to know besides."""

    identity_public_keys: str = Field(
        description="The gateway's public key (PEM), best as `IDENTITY_PUBLIC_KEYS_FILE`; several in a row while the "
        "gateway changes its key. A request that was not signed with one of them is refused.",
    )
