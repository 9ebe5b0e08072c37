"""The one-shot step before the services: databases, roles, tables, topics, seeds. `python -m deploy.migrate [SERVICE…]`

Works as each database's owner (`DATABASE_OWNER_URL`); with `DATABASE_ADMIN_URL`, a superuser's, it first makes
the roles, with the passwords in the URLs, and the databases. Safe to repeat and to run twice at once: an advisory
lock lets one wait for the other.
"""

import asyncio
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog
from pydantic import Field, SecretStr
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from deploy import migrations
from shared import logs, tenants, topics
from shared.settings import Settings

# One step waits for another on the same database.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('migrate', 0))")

# Alembic's `op` is one for the whole process, which may migrate several databases.
_ONE_AT_A_TIME = asyncio.Lock()

log = structlog.get_logger()

SERVICES = ("gateway", "booking", "applications", "notifications", "cards", "statistics", "feedback")


class MigrateSettings(Settings):
    """Settings of the migrate step."""

    service = "migrate"
    database_owner_url: SecretStr = Field(
        SecretStr("postgresql+asyncpg://{service}_owner@127.0.0.1/{service}"),
        description="Each database as its owner, who alone may change tables. Only for the migrate step.",
    )
    database_admin_url: SecretStr | None = Field(
        None,
        description="A superuser's URL; when set, missing roles and databases are made. Only for the migrate step.",
    )


def settings_of(service: str) -> MigrateSettings:
    """Return the settings of the step for one service: its name is in each URL, and in the path of each URL's file."""
    # Settings know their service by their class, as those of the service itself do.
    named = type(MigrateSettings.__name__, (MigrateSettings,), {"service": service, "__module__": __name__})
    settings: MigrateSettings = named()
    return settings


async def create_roles_and_databases(admin_url: str, owner_url: str, app_url: str, services: Sequence[str]) -> None:
    """Make, where missing, two login roles and one database per service. Passwords are set to those in the URLs."""
    engine = create_async_engine(admin_url, isolation_level="AUTOCOMMIT", hide_parameters=True)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_advisory_lock(hashtextextended('buergernah-migrate', 0))"))
            for service in services:
                owner, app = (make_url(url.replace("{service}", service)) for url in (owner_url, app_url))
                await _create(connection, owner, app)
    finally:
        await engine.dispose()


async def _create(connection: AsyncConnection, owner: URL, app: URL) -> None:
    quote = connection.dialect.identifier_preparer.quote_identifier
    known = {name for (name,) in await connection.execute(text("SELECT rolname FROM pg_roles"))}
    for role in (owner, app):
        if role.username not in known:
            await connection.exec_driver_sql(f"CREATE ROLE {quote(str(role.username))} LOGIN")
        if password := str(role.password or "").replace("'", "''"):
            # Past SQLAlchemy's text(), which would take a colon in the password for a parameter.
            await connection.exec_driver_sql(f"ALTER ROLE {quote(str(role.username))} PASSWORD '{password}'")
    name = quote(str(owner.database))
    databases = {found for (found,) in await connection.execute(text("SELECT datname FROM pg_database"))}
    if owner.database not in databases:
        await connection.exec_driver_sql(f"CREATE DATABASE {name} OWNER {quote(str(owner.username))}")
    # Every time: a step that was killed in between must not leave a database open to every role.
    await connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    await connection.exec_driver_sql(f"GRANT CONNECT ON DATABASE {name} TO {quote(str(app.username))}")


async def migrate_service(service: str, owner_url: str, app_role: str) -> None:
    """Bring one database to its head and let the app role read and write its rows, and nothing else."""
    engine = create_async_engine(owner_url)
    async with engine.begin() as connection:
        await connection.execute(_LOCK)
        async with _ONE_AT_A_TIME:
            await connection.run_sync(_upgrade, service)
        role = engine.dialect.identifier_preparer.quote_identifier(app_role)
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {role}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
            f"REVOKE INSERT, UPDATE, DELETE ON alembic_version, alembic_version_shared FROM {role}",
        ):
            await connection.execute(text(statement))
    await engine.dispose()


def _upgrade(connection: Connection, service: str) -> None:
    migrations.upgrade(connection, *migrations.SHARED)
    migrations.upgrade(connection, *migrations.own(service))


async def seed(service: str, owner_url: str, tenants_dir: Path) -> None:
    """Let a service that has a `seed` module fill its empty tables from the tenant files."""
    if importlib.util.find_spec(f"services.{service}.seed") is None:
        return
    module = importlib.import_module(f"services.{service}.seed")
    engine = create_async_engine(owner_url)
    async with engine.begin() as connection:
        await connection.execute(_LOCK)
        await module.seed(connection, tenants_dir)
    await engine.dispose()


async def main(services: Sequence[str]) -> None:
    """Migrate the named services, or all."""
    settings = {service: settings_of(service) for service in services}
    any_settings = settings[services[0]]
    logs.set_up("migrate", any_settings.log_level)
    tenants.load(any_settings.tenants_dir)
    for service, own in settings.items():
        owner_url = own.database_owner_url.get_secret_value().replace("{service}", service)
        if own.database_admin_url:
            admin_url = own.database_admin_url.get_secret_value()
            await create_roles_and_databases(admin_url, owner_url, own.database, [service])
        await migrate_service(service, owner_url, str(make_url(own.database).username))
        await seed(service, owner_url, own.tenants_dir)
    await topics.ensure(any_settings)
    log.info("migrated", services=list(services))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or SERVICES))
