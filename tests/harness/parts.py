"""The real parts that a test run shares: one PostgreSQL, one Kafka, migrated template databases."""

import asyncio
import os
import shutil
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy import migrate
from deploy.local import postgres
from deploy.local.kafka import Kafka
from deploy.local.postgres import PostgresServer
from deploy.local.process import Child
from tests.harness.ports import free_port

# Fetched once and kept for the next run; everything else lies in a new folder for each.
JARS = Path(".local/jars").resolve()

CONNECTIONS = 400  # browser tests keep several installations up while others start theirs


def new_kafka(directory: Path) -> Kafka:
    """Return a broker that has its own ports and data and is not started yet."""
    return Kafka(directory, JARS, free_port(), free_port())


@dataclass
class Parts:
    """PostgreSQL and Kafka, running."""

    directory: Path
    database: PostgresServer
    kafka: Kafka
    broker: Child
    admin: AsyncEngine
    _count: int = field(default=0)

    @classmethod
    async def start(cls) -> "Parts":
        """Start both at once and make the template databases; a failure leaves neither running."""
        async with AsyncExitStack() as stack:
            directory = Path(tempfile.mkdtemp(prefix="buergernah-test-"))
            stack.callback(_remove, directory)
            directory.chmod(0o755)  # as root, PostgreSQL runs as a user of its own who must pass through
            starting = asyncio.create_task(asyncio.to_thread(postgres.start, directory / "postgres", CONNECTIONS))
            # Registered before it runs: what fails meanwhile must not leave a server that nobody stops.
            stack.push_async_callback(_stop_postgres, starting)
            kafka = new_kafka(directory / "kafka")
            broker = await kafka.start()
            stack.push_async_callback(broker.stop)
            database = await asyncio.shield(starting)
            admin = create_async_engine(database.url("postgres", "postgres"), isolation_level="AUTOCOMMIT")
            stack.push_async_callback(admin.dispose)
            parts = cls(directory, database, kafka, broker, admin)
            await parts._make_templates()
            stack.pop_all()  # from now on it is `stop` that ends them
        return parts

    async def _make_templates(self) -> None:
        owner, app = (self.database.url(f"{{service}}_{role}", "{service}_template") for role in ("owner", "app"))
        url = self.database.url("postgres", "postgres")
        await migrate.create_roles_and_databases(url, owner, app, migrate.SERVICES)
        for service in migrate.SERVICES:
            await migrate.migrate_service(service, owner.replace("{service}", service), f"{service}_app")
            await migrate.seed(service, owner.replace("{service}", service), Path("deploy/tenants"))

    async def new_name(self) -> str:
        """Return a name for the next installation; another test worker has its own parts."""
        self._count += 1
        return f"t{self._count}"

    async def copy_databases(self, name: str) -> str:
        """Copy every template; returns the database URL for the app roles, with `{service}` in it."""
        async with self.admin.connect() as connection:
            for service in migrate.SERVICES:
                copy = f"CREATE DATABASE {service}_{name} TEMPLATE {service}_template OWNER {service}_owner"
                await connection.execute(text(copy))
        return self.database.url("{service}_app", "{service}_" + name)

    async def stop(self) -> None:
        """Stop both. The folder stays when KEEP_TEST_DATA is set."""
        await self.admin.dispose()
        await self.broker.stop()
        await asyncio.to_thread(self.database.stop)
        _remove(self.directory)


async def _stop_postgres(starting: asyncio.Task[PostgresServer]) -> None:
    """Stop the server, after its start if that is still under way."""
    await asyncio.wait([starting])
    if not starting.exception():
        await asyncio.to_thread(starting.result().stop)


def _remove(directory: Path) -> None:
    if not os.environ.get("KEEP_TEST_DATA"):
        shutil.rmtree(directory, ignore_errors=True)
