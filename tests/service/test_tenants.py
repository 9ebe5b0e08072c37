"""Tenants never meet: neither through the gateway nor in the database, whose policies hold whatever the code does."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.db import Database, sqlstate
from tests.harness.answers import problem_of
from tests.harness.identity import signed
from tests.harness.inprocess import Town, moved_clock
from tests.harness.installation import Installation
from tests.service.conftest import MONDAY

A, B = "musterstadt", "duesseldorf"
HOST_OF_B = {"Host": "duesseldorf.localhost"}
FORBIDDEN = "42501"  # insufficient_privilege, which a policy raises as well
AUDIT = """
    audited AS (
    INSERT INTO audit_entries (id, tenant, at, subject, action, office_id, target)
    SELECT gen_random_uuid(), tenant, '2026-09-07T07:00Z', 'staff-0815', 'view', 'mitte', ''
    FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant)"""
ROWS = {
    "booking": f"""
        WITH {AUDIT}, held AS (
        INSERT INTO holds (id, tenant, purpose, office_id, concern_ids, starts_at, ends_at, held_until, extended)
        SELECT gen_random_uuid(), tenant, 'returned', office_id, '{{}}', starts_at, ends_at, starts_at, 0
        FROM appointments),
        switched AS (
        INSERT INTO switches SELECT tenant, '', 'waitlist', true, 1
        FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant),
        waiting AS (
        INSERT INTO waitlist SELECT id, tenant, office_id, '2026-09-07T07:00Z' FROM appointments),
        drawn AS (
        INSERT INTO tickets (id, tenant, office_id, day, label, number, kind, state, team_id, concern_id, arrived_at,
        version)
        SELECT gen_random_uuid(), tenant, office_id, '2026-09-07', 'A001', 1, 'walk-in', 'waiting', 'eingang',
        concern_id, '2026-09-07T07:00Z', 1 FROM appointments ON CONFLICT DO NOTHING),
        counted AS (
        INSERT INTO ticket_counters SELECT tenant, office_id, '2026-09-07', 'A', 1 FROM appointments
        ON CONFLICT DO NOTHING),
        opened AS (
        INSERT INTO open_desks SELECT min(id), tenant, min(office_id), '2026-09-07T07:00Z', '2026-09-07T07:00Z'
        FROM desks GROUP BY tenant)
        INSERT INTO person_claims SELECT tenant, concern_id, '', 1, id, ends_at FROM appointments
        ON CONFLICT DO NOTHING""",
    "applications": f"""
        WITH {AUDIT}, applied AS (
        INSERT INTO applications (id, tenant, reference, version, changed_version, benefit_id, benefit_name, office_id,
        office, channel, state, state_since, received_at, language, online_access, access_version)
        SELECT gen_random_uuid(), tenant, 'K7QM-3XPD-F', 1, 1, 'l1', '{{}}', 'mitte', '{{}}', 'online', 'received',
        '2026-09-07T07:00Z', '2026-09-07T07:00Z', 'de', true, 1
        FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant RETURNING id, tenant),
        stepped AS (
        INSERT INTO steps SELECT gen_random_uuid(), tenant, id, '2026-09-07T07:00Z', 'received', false, '', 'citizen'
        FROM applied),
        listed AS (
        INSERT INTO items SELECT id, 'ausweis', tenant, 0, '{{}}', true, 'open' FROM applied),
        failed AS (
        INSERT INTO access_failures SELECT tenant, 'client', 'a-key', 1, '2026-09-07T07:00Z' FROM applied),
        to_do AS (
        INSERT INTO staff_tasks (id, tenant, application_id, office_id, kind, created_at)
        SELECT gen_random_uuid(), tenant, id, 'mitte', 'tell-rejected', '2026-09-07T07:00Z' FROM applied),
        asked AS (
        INSERT INTO inquiries SELECT gen_random_uuid(), tenant, id, '2026-09-07T07:00Z', 'no-address' FROM applied),
        handed_in AS (
        INSERT INTO documents (id, tenant, application_id, item_id, sequence, bytes, sha256, channel, received_at,
        state)
        SELECT gen_random_uuid(), tenant, id, 'ausweis', 1, 1, '', 'online', '2026-09-07T07:00Z', 'pending'
        FROM applied),
        begun AS (
        INSERT INTO uploads (id, tenant, application_id, item_id, file_name, length, received, sequence, created_at,
        expires_at)
        SELECT gen_random_uuid(), tenant, id, 'ausweis', '', 1, 1, 1, '2026-09-07T07:00Z', '2026-09-08T07:00Z'
        FROM applied RETURNING id, tenant)
        INSERT INTO upload_parts SELECT id, 0, tenant, 'x' FROM begun""",
    "gateway": f"""
        WITH {AUDIT}, changed AS (
        INSERT INTO switch_changes (id, tenant, office_id, name, state, at, reason, set_by, set_at)
        SELECT gen_random_uuid(), tenant, '', 'waitlist', 'done', '2026-09-07T07:00Z', '', 'a', '2026-09-07T07:00Z'
        FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant), registered AS (
        INSERT INTO devices (id, tenant, office_id, kind, name, secret_hash, created_at)
        SELECT gen_random_uuid(), tenant, 'mitte', 'kiosk', 'Entrance', decode(md5(tenant), 'hex'),
        '2026-09-07T07:00Z' FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant),
        accounts AS (
        INSERT INTO staff_accounts (id, tenant, login, name, roles, offices, created_at)
        SELECT gen_random_uuid(), tenant, 'clerk', 'Clerk', '{{clerk}}', '{{mitte}}', '2026-09-07T07:00Z'
        FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant RETURNING id, tenant),
        attempts AS (
        INSERT INTO staff_attempts SELECT tenant, 'a-key', 1, '2026-09-07T07:00Z'
        FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant)
        INSERT INTO staff_sessions SELECT decode(md5(tenant), 'hex'), tenant, id, '2026-09-07T07:00Z',
        '2026-09-07T07:00Z' FROM accounts""",
    "notifications": """
        WITH states AS (
        INSERT INTO application_states SELECT gen_random_uuid(), tenant, 1, '2026-09-07T07:00Z', '{}'
        FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant)
        INSERT INTO messages (id, tenant, event_id, kind, about, sequence, content, key_id, box, state, attempts,
        error, traceparent, created_at)
        SELECT gen_random_uuid(), tenant, gen_random_uuid(), 'appointment-booked', gen_random_uuid(), 0, '{}', 'a-key',
        '', 'sent', 1, '', '', '2026-09-07T07:00Z'
        FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant""",
    "statistics": """
        WITH processing AS (
        INSERT INTO processing_facts SELECT gen_random_uuid(), tenant, gen_random_uuid(), 'mitte', 'l1', 'received',
        '2026-09-01T07:00Z', '2026-09-07T07:00Z' FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant),
        searches AS (
        INSERT INTO search_facts SELECT gen_random_uuid(), tenant, gen_random_uuid(), 'mitte', 'Mitte',
        'neuantrag', '2026-09-07T07:00Z', '2026-09-07T07:01Z', 1, 0, '[]'
        FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant),
        visits AS (
        INSERT INTO ticket_facts SELECT gen_random_uuid(), tenant, 4, 'mitte', 'Mitte', 'neuantrag', 'walk-in', 'left',
        false, '2026-09-07T07:00Z', NULL, NULL, NULL, '2026-09-07T08:00Z'
        FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant),
        outcomes AS (
        INSERT INTO appointment_outcomes SELECT gen_random_uuid(), tenant, 2, 'mitte', 'Mitte', 'neuantrag',
        '2026-09-07T07:00Z', 'missed' FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant)
        INSERT INTO appointment_facts SELECT gen_random_uuid(), tenant, 'booked', gen_random_uuid(), 'mitte', 'Mitte',
        'neuantrag', 'online', '2026-09-08T06:00Z', '2026-09-07T07:00Z'
        FROM unnest(ARRAY['musterstadt', 'duesseldorf']) AS tenant""",
}
SERVICES = tuple(ROWS)

pytestmark = pytest.mark.usefixtures("on_monday")


async def book_in_b(town: Town, key: str, start: str = "2026-09-08T06:00:00Z") -> httpx.Response:
    body = {"office": "nord", "concern": "neuantrag", "start": start, "name": "Bea"}
    return await town.client.post("/api/v1/appointments", json=body, headers={"Idempotency-Key": key} | HOST_OF_B)


async def test_a_host_name_shows_its_own_offices_only(town: Town) -> None:
    of_a = (await town.client.get("/api/v1/offices")).json()
    of_b = (await town.client.get("/api/v1/offices", headers=HOST_OF_B)).json()
    assert [office["id"] for office in of_a] == ["mitte"]
    assert [office["id"] for office in of_b] == ["nord", "sued", "mitte", "ost"]
    assert {office["name"] for office in of_a}.isdisjoint(office["name"] for office in of_b)


async def test_a_host_that_nobody_has_is_unknown(town: Town) -> None:
    problem_of(await town.client.get("/api/v1/offices", headers={"Host": "elsewhere.example"}), 404, "unknown-host")


async def test_no_header_of_the_caller_chooses_the_tenant(town: Town) -> None:
    for headers in (
        {"X-Tenant": B},
        signed("booking", B),
        {"X-Forwarded-Host": HOST_OF_B["Host"]},
        {"Forwarded": "host=" + B},
    ):
        answer = await town.client.get("/api/v1/offices", headers=headers)
        assert [office["id"] for office in answer.json()] == ["mitte"]


async def test_an_appointment_cannot_be_opened_or_cancelled_under_another_host(town: Town) -> None:
    booked = (await book_in_b(town, "a-key-of-b")).json()
    problem_of(await town.citizen.get(booked["number"], booked["code"]), 404, "appointment-not-found")
    problem_of(await town.citizen.cancel(booked["number"], booked["code"]), 404, "appointment-not-found")
    path = f"/de/appointments/{booked['number']}/{booked['link'].rpartition('/')[2]}"
    assert (await town.client.get(path)).status_code == 404
    assert (await town.client.post(f"{path}/cancel", data={"csrf": "x"})).status_code == 404
    seen = await town.client.get(path, headers=HOST_OF_B)
    assert seen.status_code == 200
    assert "cancelled" not in seen.text


async def test_the_same_idempotency_key_and_time_in_two_tenants_are_two_bookings(town: Town) -> None:
    of_a = await town.citizen.book("2026-09-08T06:30:00Z", key="the-same-key")
    of_b = await book_in_b(town, "the-same-key", "2026-09-08T06:30:00Z")
    assert (of_a.status_code, of_b.status_code) == (201, 201)
    assert of_a.json()["id"] != of_b.json()["id"]


@pytest.fixture(scope="module")
async def filled(town: Town) -> Installation:
    """The town's installation with rows of both tenants in every policed table."""
    with moved_clock(MONDAY):  # made before the clock of the test that asks for it is moved
        of_a = await town.citizen.book("2026-09-08T07:00:00Z")
        of_b = await book_in_b(town, "fill-the-tables", "2026-09-08T07:00:00Z")
    assert (of_a.status_code, of_b.status_code) == (201, 201)
    for service, statement in ROWS.items():
        await town.installation.rows(service, statement)
    return town.installation


@pytest.fixture(params=SERVICES)
async def as_app(request: pytest.FixtureRequest, filled: Installation) -> AsyncIterator[Database]:
    """Each service's database, as the role the service itself has."""
    database = Database(filled.settings(request.param).database)
    yield database
    await database.close()


async def policed_tables(database: Database) -> list[str]:
    async with database.transaction() as session:
        tables = (await session.execute(text("SELECT DISTINCT tablename FROM pg_policies"))).scalars().all()
    assert tables
    return list(tables)


async def columns_to_insert(database: Database, table: str) -> str:
    query = (
        "SELECT string_agg(column_name, ', ') FROM information_schema.columns "
        "WHERE table_name = :table AND is_identity = 'NO' AND is_generated = 'NEVER'"
    )
    async with database.transaction() as session:
        return str((await session.execute(text(query), {"table": table})).scalar_one())


async def test_without_a_tenant_nothing_is_visible(as_app: Database) -> None:
    for table in await policed_tables(as_app):
        async with as_app.transaction() as session:
            assert (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar() == 0, table
            assert (await session.execute(text(f"DELETE FROM {table}"))).rowcount == 0, table


async def test_a_tenant_sees_its_own_rows_and_no_others(as_app: Database) -> None:
    for table in await policed_tables(as_app):
        for tenant in (A, B):
            async with as_app.transaction(tenant) as session:
                seen = (await session.execute(text(f"SELECT DISTINCT tenant FROM {table}"))).scalars().all()
            assert seen == [tenant], table


async def test_a_tenant_changes_and_deletes_no_row_of_another(as_app: Database) -> None:
    for table in await policed_tables(as_app):
        async with as_app.transaction(A) as session:
            change = await session.execute(text(f"UPDATE {table} SET tenant = tenant WHERE tenant = '{B}'"))
            gone = await session.execute(text(f"DELETE FROM {table} WHERE tenant = '{B}'"))
            assert (change.rowcount, gone.rowcount) == (0, 0), table


async def test_a_tenant_gives_no_row_to_another(as_app: Database) -> None:
    for table in await policed_tables(as_app):
        with pytest.raises(DBAPIError) as refused:
            async with as_app.transaction(A) as session:
                await session.execute(text(f"UPDATE {table} SET tenant = '{B}'"))
        assert sqlstate(refused.value) == FORBIDDEN, table


async def test_a_tenant_inserts_no_row_for_another(as_app: Database) -> None:
    for table in await policed_tables(as_app):
        columns = await columns_to_insert(as_app, table)
        copy = text(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM (SELECT (jsonb_populate_record(t, "
            f"jsonb_build_object('tenant', CAST(:tenant AS text)))).* FROM {table} t LIMIT 1) AS copied"
        )
        refusals = {}
        for tenant in (A, B):
            with pytest.raises(DBAPIError) as refused:
                async with as_app.transaction(A) as session:
                    await session.execute(copy, {"tenant": tenant})
            refusals[tenant] = sqlstate(refused.value)
        assert refusals[B] == FORBIDDEN, table
        assert refusals[A] != FORBIDDEN, f"{table}: its own row again is only there twice"


async def test_the_tenant_of_one_transaction_is_gone_in_the_next(filled: Installation) -> None:
    database = Database(filled.settings("booking").database, pool_size=1)
    async with database.transaction(A) as session:
        assert (await session.execute(text("SELECT count(*) FROM offices"))).scalar() == 1
    async with database.transaction() as session:
        assert (await session.execute(text("SELECT count(*) FROM offices"))).scalar() == 0
    await database.close()
