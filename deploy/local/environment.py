"""The environment of every process: whose database, which Kafka, which ports, where the secrets lie."""

import base64
import os
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

from deploy.local.postgres import PostgresServer
from deploy.local.settings import SERVICES, LocalSettings
from shared.identity import new_private_key, public_half

# What one service alone may know, in a variable of this name or in the file that `<NAME>_FILE` names.
ALONE = {
    "gateway": {"IDENTITY_PRIVATE_KEY", "OIDC_CLIENT_SECRET"},
    "booking": {"LINK_SECRET"},
    "applications": {"ACCESS_SECRET", "DOCUMENT_KEYS"},
    "notifications": {"SEALING_KEYS", "SMTP_URL"},
}


def for_services(settings: LocalSettings, postgres: PostgresServer | None) -> dict[str, str]:
    """Return what the services get; `{service}` in a URL is filled in by each. What the person has set wins."""
    private_key, public_keys = identity_keys(settings.home)
    values = {
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{settings.kafka_port}",
        "SMTP_URL": f"smtp://127.0.0.1:{settings.smtp_port}",
        "TENANTS_DIR": str(Path("deploy/tenants").resolve()),
        "PUBLIC_URL": f"http://{{host}}:{settings.gateway_port}",
        "DEMO_LOGINS": "true",
        "EMBEDDED": "true",
        "IDENTITY_PRIVATE_KEY_FILE": str(private_key),
        "IDENTITY_PUBLIC_KEYS_FILE": str(public_keys),
        "LINK_SECRET_FILE": str(link_secret(settings.home)),
        "ACCESS_SECRET_FILE": str(access_secret(settings.home)),
        "DOCUMENT_KEYS_FILE": str(document_keys(settings.home)),
        "DOCUMENT_STORE_URL": f"file://{settings.home.resolve()}/documents",
        "SEALING_KEYS_FILE": str(settings.home / "secrets" / "sealing-keys.json"),
    }
    for service in SERVICES[1:]:
        values[f"{service.upper()}_URL"] = f"http://127.0.0.1:{settings.port(service)}"
    if postgres:
        values["DATABASE_URL"] = postgres.url("{service}_app", "{service}")
    return values | {name: os.environ[name] for name in values if os.environ.get(name)}


def for_process(name: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what one process gets: all but what another alone may know, even if it stands in the person's own."""
    foreign = {secret for service, secrets_ in ALONE.items() if service != name for secret in secrets_}
    everything = {**os.environ, **environment}
    return {key: value for key, value in everything.items() if key.removesuffix("_FILE") not in foreign}


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
    return _made_once(home, "link-secret", secrets.token_hex(32))


def access_secret(home: Path) -> Path:
    """Return the file of the secret that opens applications, made at the first start."""
    return _made_once(home, "access-secret", secrets.token_hex(32))


def document_keys(home: Path) -> Path:
    """Return the file of the master keys of documents, made at the first start."""
    return _made_once(home, "document-keys", base64.b64encode(secrets.token_bytes(32)).decode())


def identity_keys(home: Path) -> tuple[Path, Path]:
    """Return the files of the gateway's private key and its public half, made at the first start."""
    private, public = _secrets(home) / "identity-private-key.pem", _secrets(home) / "identity-public-keys.pem"
    if not private.exists():
        write_private(private, new_private_key())
        public.unlink(missing_ok=True)
    if not public.exists():
        write_private(public, public_half(private.read_text(encoding="utf-8")))
    return private, public


def _made_once(home: Path, name: str, text: str) -> Path:
    file = _secrets(home) / name
    if not file.exists():
        write_private(file, f"{text}\n")
    return file


def _secrets(home: Path) -> Path:
    folder = home / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


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
