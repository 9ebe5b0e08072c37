"""Migrations: from nothing to what the models say, in one line of history, as often as one likes."""

import importlib
import importlib.util
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy import migrations
from deploy.migrate import SERVICES, migrate_service
from shared import health
from shared.models import metadata as messaging
from tests.harness.parts import Parts

VERSION_TABLES = {"alembic_version", "alembic_version_shared"}
# These hold several tenants' rows in one transaction.
WITHOUT_POLICY = {
    "outbox", "inbox", "dead_letters", "aggregate_versions", "due_messages", "rushes", "rush_places",
    "switch_settings", "due_switch_changes", "due_documents",
}  # fmt: skip


def models_of(service: str) -> list[MetaData]:
    """Return the shared tables and the service's own, where it has any."""
    if importlib.util.find_spec(f"services.{service}.models") is None:
        return [messaging]
    return [messaging, importlib.import_module(f"services.{service}.models").metadata]


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def empty(parts: Parts, service: str) -> AsyncIterator[tuple[str, AsyncEngine]]:
    """An empty database of the service's owner: its URL, and a way in."""
    name = f"{service}_empty"
    async with parts.admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        await connection.execute(text(f"CREATE DATABASE {name} OWNER {service}_owner"))
    url = parts.database.url(f"{service}_owner", name)
    engine = create_async_engine(url)
    yield url, engine
    await engine.dispose()


async def state(engine: AsyncEngine) -> list[tuple[str, ...]]:
    """Return all that the database has: columns, constraints, indexes, policies, revisions."""
    queries = (
        """SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
        WHERE table_schema = 'public'""",
        """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace""",
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT tablename, policyname, qual FROM pg_policies",
        "SELECT 'revision', version_num FROM alembic_version",
        "SELECT 'shared revision', version_num FROM alembic_version_shared",
    )
    found = []
    async with engine.connect() as connection:
        for query in queries:
            found += [tuple(str(value) for value in row) for row in await connection.execute(text(query))]
    return sorted(found)


def differences(connection: Connection, service: str) -> list[object]:
    return migrations.differences(connection, models_of(service), VERSION_TABLES)


async def test_an_empty_database_becomes_what_the_models_say(empty: tuple[str, AsyncEngine], service: str) -> None:
    url, engine = empty
    await migrate_service(service, url, f"{service}_app")
    async with engine.connect() as connection:
        assert await connection.run_sync(differences, service) == []
        await connection.execute(text("ALTER TABLE outbox ADD COLUMN more int"))
        await connection.execute(text("DROP TABLE inbox"))
        assert len(await connection.run_sync(differences, service)) >= 2, "and a difference would be seen"


async def test_migrating_again_changes_nothing(empty: tuple[str, AsyncEngine], service: str) -> None:
    url, engine = empty
    await migrate_service(service, url, f"{service}_app")
    before = await state(engine)
    assert len(before) > 20
    await migrate_service(service, url, f"{service}_app")
    assert await state(engine) == before


async def test_each_table_with_a_tenant_is_policed_but_those_that_hold_several(
    empty: tuple[str, AsyncEngine], service: str
) -> None:
    url, engine = empty
    await migrate_service(service, url, f"{service}_app")
    query = (
        "SELECT c.relname AS name, c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) "
        "AS policed FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' "
        "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
    )
    async with engine.connect() as connection:
        policed = {row.name: row.policed for row in await connection.execute(text(query))}
        held = {row.tablename for row in await connection.execute(text("SELECT tablename FROM pg_policies"))}
    assert {name for name, has in policed.items() if not has} == WITHOUT_POLICY & policed.keys()
    assert held == policed.keys() - WITHOUT_POLICY
    if service == "applications":
        assert held == {
            "applications", "steps", "items", "access_failures", "staff_tasks", "inquiries", "audit_entries",
            "documents", "uploads", "upload_parts",
        }  # fmt: skip
    if service == "booking":
        assert held == {
            "offices", "concerns", "desks", "plans", "appointments", "occupancies", "holds", "waitlist",
            "person_claims", "audit_entries", "switches", "tickets", "ticket_counters", "open_desks",
        }  # fmt: skip


@pytest.mark.parametrize("folder", [migrations.SHARED[0], *(migrations.own(name)[0] for name in SERVICES)])
def test_every_history_has_one_head_which_the_health_check_knows(folder: Path) -> None:
    heads = migrations.script_directory(folder).get_heads()
    assert len(heads) <= 1
    assert health.newest_revision(str(folder.parent)) == "".join(heads)


async def test_a_history_with_two_heads_is_refused(parts: Parts, tmp_path: Path) -> None:
    for number in (1, 2):
        text_ = f'revision = "000{number}"\ndown_revision = None\n\n\ndef upgrade() -> None:\n    pass\n'
        (tmp_path / f"000{number}_one.py").write_text(text_, encoding="utf-8")

    def upgrade(connection: Connection) -> None:
        migrations.upgrade(connection, tmp_path, "a_table")

    async with parts.admin.connect() as connection:
        with pytest.raises(RuntimeError, match="several heads"):
            await connection.run_sync(upgrade)
