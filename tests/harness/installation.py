"""One installation of the system: its own databases, topics, groups, ports and secrets on the shared parts."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local.process import Child, spawn
from deploy.migrate import SERVICES
from shared import topics
from shared.documents.sealed import MasterKeys
from shared.settings import Settings
from tests.harness import identity
from tests.harness.parts import Parts
from tests.harness.ports import free_port
from tests.harness.waiting import eventually

# A broker of the tests has the topics of more than a hundred installations: with all partitions its files are too many.
FEW = [replace(topic, partitions=min(topic.partitions, 4)) for topic in topics.TOPICS]


@dataclass
class Installation:
    """Settings for all services; starts them in this process (`app`) or as processes (`start`)."""

    parts: Parts
    name: str
    directory: Path
    database_url: str
    kafka: str
    ports: dict[str, int]
    extra: dict[str, str] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)

    @classmethod
    async def create(cls, parts: Parts, kafka: str | None = None, **extra: str) -> "Installation":
        """Make databases and topics. `extra`: environment variables for every service."""
        name = await parts.new_name()
        directory = parts.directory / name
        directory.mkdir()
        MasterKeys.create(directory / "document-keys")
        url = await parts.copy_databases(name)
        ports = {part: free_port() for part in (*SERVICES, "smtp", "mailbox")}
        made = cls(parts, name, directory, url, kafka or parts.kafka.bootstrap_servers, ports, extra)
        await topics.ensure(made.settings("gateway"), FEW)
        return made

    def environment(self, service: str) -> dict[str, str]:
        """Return the environment variables of one service."""
        values = {
            "PORT": str(self.ports[service]),
            "DATABASE_URL": self.database_url,
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "KAFKA_SESSION_TIMEOUT_SECONDS": "6",
            "TOPIC_PREFIX": f"{self.name}.",
            "SMTP_URL": f"smtp://127.0.0.1:{self.ports['smtp']}",
            "LINK_SECRET": "a secret for tests",
            "ACCESS_SECRET": "another secret for tests",
            "DOCUMENT_KEYS_FILE": str(self.directory / "document-keys"),
            "DOCUMENT_STORE_URL": f"file://{self.directory}/documents",
            "SEALING_KEYS_FILE": str(self.directory / "sealing-keys.json"),
            "PUBLIC_URL": f"http://{{host}}:{self.ports['gateway']}",
            "BOOKING_URL": f"http://127.0.0.1:{self.ports['booking']}",
            "APPLICATIONS_URL": f"http://127.0.0.1:{self.ports['applications']}",
            "STATISTICS_URL": f"http://127.0.0.1:{self.ports['statistics']}",
        }
        key = {"IDENTITY_PRIVATE_KEY": identity.PRIVATE_KEY, "EMBEDDED": "true"}
        if service != "gateway":
            key = {"IDENTITY_PUBLIC_KEYS": identity.PUBLIC_KEYS}
        return values | key | self.extra

    def settings(self, service: str, **changes: Any) -> Settings:
        """Return a service's settings; `changes` by field name."""
        settings_class = getattr(import_module(f"services.{service}.settings"), f"{service.capitalize()}Settings")
        values = {key.lower(): value for key, value in self.environment(service).items()}
        made: Settings = settings_class(**(values | changes))
        return made

    @asynccontextmanager
    async def app(self, service: str, **changes: Any) -> AsyncIterator["Running"]:
        """Run one service in this process, with its relay, consumer and jobs."""
        app: FastAPI = import_module(f"services.{service}.main").create(self.settings(service, **changes))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
        ):
            yield Running(app, client)

    async def start(self, *services: str, **environment: str) -> None:
        """Start services (and `mailbox`) as processes and wait until they are ready."""
        for service in services:
            self.children[service] = await self.spawn(service, environment)
        await asyncio.gather(*(self.ready(service) for service in services))

    async def spawn(self, service: str, environment: Mapping[str, str]) -> Child:
        """Start one process without waiting for it."""
        if service == "mailbox":
            values = {
                "SMTP_PORT": str(self.ports["smtp"]),
                "MAILBOX_PORT": str(self.ports["mailbox"]),
                "LOCAL_DIR": str(self.directory),
            }
            return await spawn([sys.executable, "-m", "deploy.local.mailbox"], environment={**os.environ, **values})
        values = self.environment(service) | dict(environment)
        return await spawn([sys.executable, "-m", "shared.serve", service], environment={**os.environ, **values})

    async def ready(self, service: str) -> None:
        """Return when a process answers that it is ready."""
        path = "/readyz" if service == "mailbox" else "/health/ready"

        async def answers() -> bool:
            async with httpx.AsyncClient(trust_env=False) as client:
                try:
                    return (await client.get(f"http://127.0.0.1:{self.ports[service]}{path}")).is_success
                except httpx.TransportError:
                    return False

        await eventually(answers, within=60)

    def url(self, part: str) -> str:
        """Return where a part answers."""
        return f"http://localhost:{self.ports[part]}"

    @asynccontextmanager
    async def connection(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        """Open a plain connection to a service's database as superuser, past all policies."""
        opened = await asyncpg.connect(
            host=str(self.parts.database.socket_dir), user="postgres", database=f"{service}_{self.name}"
        )
        try:
            yield opened
        finally:
            await opened.close()

    async def rows(self, service: str, statement: str, **values: Any) -> list[dict[str, Any]]:
        """Run SQL in a service's database as superuser, past all policies: tests see everything."""
        url = self.parts.database.url("postgres", f"{service}_{self.name}")
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                result = await connection.execute(text(statement), values)
                return [dict(row) for row in result.mappings()] if result.returns_rows else []
        finally:
            await engine.dispose()

    async def stop(self) -> None:
        """Stop all processes."""
        await asyncio.gather(*(child.stop() for child in self.children.values()))
        self.children.clear()


@dataclass
class Running:
    """A service that runs in this process."""

    app: FastAPI
    client: httpx.AsyncClient

    @property
    def service(self) -> Any:
        """The `Service` behind it."""
        return self.app.state.service
