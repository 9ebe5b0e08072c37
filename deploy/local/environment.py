"""The environment of every process: whose database, which Kafka, which ports, where the secrets lie."""

import os
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

from deploy.local.postgres import PostgresServer
from deploy.local.settings import SERVICES, LocalSettings


def for_services(settings: LocalSettings, postgres: PostgresServer | None) -> dict[str, str]:
    """Return what all services get; `{service}` in a URL is filled in by each. What the person has set wins."""
    values = {
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{settings.kafka_port}",
        "SMTP_URL": f"smtp://127.0.0.1:{settings.smtp_port}",
        "TENANTS_DIR": str(Path("deploy/tenants").resolve()),
        "PUBLIC_URL": f"http://{{host}}:{settings.gateway_port}",
        "LINK_SECRET_FILE": str(link_secret(settings.home)),
        "SEALING_KEYS_FILE": str(settings.home / "secrets" / "sealing-keys.json"),
    }
    for service in SERVICES[1:]:
        values[f"{service.upper()}_URL"] = f"http://127.0.0.1:{settings.port(service)}"
    if postgres:
        values["DATABASE_URL"] = postgres.url("{service}_app", "{service}")
    return values | {name: os.environ[name] for name in values if os.environ.get(name)}


def for_migrate(environment: Mapping[str, str], postgres: PostgresServer | None) -> dict[str, str]:
    """Return what the migrate step gets besides: the roles that may create databases and tables."""
    if not postgres:
        return dict(environment)
    return {
        **environment,
        "DATABASE_ADMIN_URL": postgres.url("postgres", "postgres"),
        "DATABASE_OWNER_URL": postgres.url("{service}_owner", "{service}"),
    }


def link_secret(home: Path) -> Path:
    """Return the file of the secret that personal links are signed with, made at the first start."""
    folder = home / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "link-secret"
    if not file.exists():
        write_private(file, secrets.token_hex(32) + "\n")
    return file


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read; it appears whole or not at all."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:  # noqa: PTH123  Path.open cannot set the mode
        stream.write(text)
    draft.replace(file)


def quoted(environment: Mapping[str, str]) -> str:
    """Return the environment as lines for a shell: `set -a; . .local/environment`."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in environment.items())
