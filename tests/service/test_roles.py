"""What the migrate step makes of an empty PostgreSQL: an owner and an app role per service, who can do no more
than they must.
"""

import asyncio
import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from deploy import migrate
from shared.db import sqlstate
from tests.harness.parts import Parts

SERVICES = ("booking", "statistics")
FORBIDDEN = "42501"  # insufficient_privilege


@dataclass
class Site:
    """A real installation's roles and databases, all their names beginning with `name`."""

    parts: Parts
    name: str

    @property
    def admin(self) -> str:
        return self.parts.database.url("postgres", "postgres")

    @property
    def owner(self) -> str:
        return self.parts.database.url(self.name + "_{service}_owner", self.name + "_{service}")

    @property
    def app(self) -> str:
        return self.parts.database.url(self.name + "_{service}_app", self.name + "_{service}")

    async def make(self) -> None:
        """Do what `python -m deploy.migrate` does with `DATABASE_ADMIN_URL`."""
        await migrate.create_roles_and_databases(self.admin, self.owner, self.app, SERVICES)
        for service in SERVICES:
            await migrate.migrate_service(
                service, self.owner.replace("{service}", service), f"{self.name}_{service}_app"
            )
        await self.seed()

    async def seed(self) -> None:
        await migrate.seed("booking", self.owner.replace("{service}", "booking"), Path("deploy/tenants"))

    async def attempt(self, role: str, statement: str = "SELECT 1", database: str = "booking") -> str:
        """Run a statement as a role in a service's database; return the SQLSTATE of its refusal, or ''."""
        url = self.parts.database.url(f"{self.name}_{role}", f"{self.name}_{database}")
        engine = create_async_engine(url)
        try:
            async with engine.connect() as connection:
                await connection.execute(text(statement))
        except DBAPIError as error:
            return sqlstate(error)
        except Exception as error:
            return sqlstate(error) or repr(error)
        finally:
            await engine.dispose()
        return ""


@pytest.fixture(scope="module")
async def site(parts: Parts) -> Site:
    made = Site(parts, "site")
    await made.make()
    return made


async def test_each_role_reaches_its_own_database(site: Site) -> None:
    for service in SERVICES:
        for role in ("owner", "app"):
            assert await site.attempt(f"{service}_{role}", database=service) == ""


async def test_no_role_can_connect_to_the_database_of_another_service(site: Site) -> None:
    for role in ("owner", "app"):
        assert await site.attempt(f"statistics_{role}", database="booking") == FORBIDDEN
        assert await site.attempt(f"booking_{role}", database="statistics") == FORBIDDEN


async def test_the_app_role_reads_and_writes_rows(site: Site) -> None:
    for statement in ("SELECT * FROM appointments", "DELETE FROM outbox", "UPDATE inbox SET tenant = ''"):
        assert await site.attempt("booking_app", statement) == ""


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE INDEX ON appointments (name)",
        "CREATE ROLE mine",
        "ALTER TABLE appointments DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE appointments NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE appointments ADD COLUMN mine int",
        "ALTER TABLE occupancies DROP CONSTRAINT no_desk_twice",
        "ALTER ROLE site_booking_app BYPASSRLS",
        "ALTER ROLE site_booking_app SUPERUSER",
        "DROP POLICY tenant ON appointments",
        "CREATE POLICY mine ON appointments USING (true)",
        "DROP TABLE appointments",
        "TRUNCATE occupancies",
        "SET ROLE site_booking_owner",
        "SET SESSION AUTHORIZATION site_booking_owner",
        "UPDATE alembic_version SET version_num = '9999'",
        "INSERT INTO alembic_version VALUES ('9999')",
        "DELETE FROM alembic_version",
        "UPDATE alembic_version_shared SET version_num = '9999'",
        "INSERT INTO alembic_version_shared VALUES ('9999')",
        "DELETE FROM alembic_version_shared",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY offices TO PROGRAM 'cat'",
    ],
)
async def test_the_app_role_can_do_no_more_than_that(site: Site, statement: str) -> None:
    assert await site.attempt("booking_app", statement) == FORBIDDEN


async def test_switching_row_security_off_shows_nothing_but_an_error(site: Site) -> None:
    statement = "WITH off AS MATERIALIZED (SELECT set_config('row_security', 'off', false)) SELECT * FROM off"
    url = site.parts.database.url("site_booking_app", "site_booking")
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.execute(text(statement))
        with pytest.raises(DBAPIError) as refused:
            await connection.execute(text("SELECT * FROM offices"))
    await engine.dispose()
    assert sqlstate(refused.value) == FORBIDDEN


async def test_two_migrate_steps_at_once_and_again_do_no_harm(parts: Parts) -> None:
    twice = Site(parts, "twice")
    await asyncio.gather(twice.make(), twice.make())
    await twice.make()
    assert await twice.attempt("booking_app", "SELECT * FROM appointments") == ""
    assert await twice.attempt("statistics_app", database="booking") == FORBIDDEN


async def test_two_that_fill_the_same_empty_tables_at_once_fill_them_once(parts: Parts, site: Site) -> None:
    owner = create_async_engine(parts.database.url("postgres", f"{site.name}_booking"))
    async with owner.begin() as connection:
        await connection.execute(text("TRUNCATE offices, concerns CASCADE"))
    await asyncio.gather(*(site.seed() for _ in range(4)))
    async with owner.begin() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM offices"))).scalar() == 5
    await owner.dispose()


async def test_a_migrate_step_that_was_killed_is_completed_by_the_next(parts: Parts) -> None:
    """Killed just after it made a database, which everybody may enter by default."""
    killed = Site(parts, "killed")
    async with parts.admin.connect() as connection:
        await connection.execute(text("CREATE ROLE killed_booking_owner LOGIN"))
        await connection.execute(text("CREATE DATABASE killed_booking OWNER killed_booking_owner"))
    await killed.make()
    assert await killed.attempt("booking_app", "SELECT * FROM appointments") == ""
    assert await killed.attempt("statistics_app", database="booking") == FORBIDDEN


async def password_of(role: str, parts: Parts) -> str:
    """Return what PostgreSQL keeps of a role's password."""
    async with parts.admin.connect() as connection:
        query = text("SELECT rolpassword FROM pg_authid WHERE rolname = :role")
        return str((await connection.execute(query, {"role": role})).scalar())


async def test_any_password_can_be_in_the_urls(parts: Parts) -> None:
    typed = 'it\'s a$:b, %(x)s, back\\slash, "quoted" and ü'
    app = parts.database.url(f"odd_app:{quote(typed, safe='')}", "odd")
    owner = parts.database.url("odd_owner", "odd")
    async with asyncio.timeout(20):
        await migrate.create_roles_and_databases(parts.database.url("postgres", "postgres"), owner, app, ["any"])
    assert is_hash_of(await password_of("odd_app", parts), typed)


async def test_a_new_password_in_the_urls_replaces_the_old_one(parts: Parts) -> None:
    admin, owner = parts.database.url("postgres", "postgres"), parts.database.url("rotated_owner", "rotated")
    for password in ("first", "second"):
        app = parts.database.url(f"rotated_app:{password}", "rotated")
        await migrate.create_roles_and_databases(admin, owner, app, ["any"])
        assert is_hash_of(await password_of("rotated_app", parts), password)


async def test_without_a_password_in_the_url_a_role_keeps_the_one_it_has(parts: Parts) -> None:
    admin, owner = parts.database.url("postgres", "postgres"), parts.database.url("kept_owner", "kept")
    for role in ("kept_app:first", "kept_app"):
        await migrate.create_roles_and_databases(admin, owner, parts.database.url(role, "kept"), ["any"])
    assert is_hash_of(await password_of("kept_app", parts), "first")


async def test_each_services_app_role_gets_the_password_in_its_own_file(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in SERVICES:
        url = parts.database.url(f"own_{service}_app:of-{service}", f"own_{service}")
        (tmp_path / f"{service}-url").write_text(f"{url}\n", encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "{service}-url"))
    monkeypatch.setenv("DATABASE_OWNER_URL", parts.database.url("own_{service}_owner", "own_{service}"))
    monkeypatch.setenv("DATABASE_ADMIN_URL", parts.database.url("postgres", "postgres"))
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", parts.kafka.bootstrap_servers)
    monkeypatch.setenv("TOPIC_PREFIX", "own-")
    await migrate.main(SERVICES)
    for service in SERVICES:
        assert is_hash_of(await password_of(f"own_{service}_app", parts), f"of-{service}")
        assert not is_hash_of(await password_of(f"own_{service}_app", parts), "of-another")


def is_hash_of(stored: str, password: str) -> bool:
    """Tell whether PostgreSQL's SCRAM verifier is of this password (RFC 5803)."""
    [(iterations, salt, stored_key)] = re.findall(r"^SCRAM-SHA-256\$(\d+):(.+)\$(.+):.+$", stored)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(iterations))
    key = hmac.digest(salted, b"Client Key", "sha256")
    return hashlib.sha256(key).digest() == base64.b64decode(stored_key)
