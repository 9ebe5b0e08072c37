"""Free times of an office with twenty desks over sixty days, with few and with ten times as many bookings."""

import asyncio
from datetime import datetime, timedelta

from tests.bench import tenant
from tests.bench.load import Connection, Result, closed_loop
from tests.harness.identity import signed
from tests.harness.installation import Installation

# Every so many of the 10-minute times of each desk is taken, by people who came one after the other or alone.
_FILL = """
    WITH times AS (
        SELECT d.id AS desk_id, gen_random_uuid() AS id, day + interval '10 minutes' * step AS starts_at
        FROM desks d, generate_series(30, 125) AS step, generate_series(
            date_trunc('day', now()) + interval '1 day', now() + interval '60 days', interval '1 day') AS day
        WHERE d.office_id = 'office-0' AND random() < {share}
    ), made AS (
        INSERT INTO appointments (id, tenant, number, version, state, channel, office_id, concern_id, starts_at,
                                  ends_at, name, language, mail, idempotency_key, request_hash, booked_at)
        SELECT id, 'bench', left(id::text, 9), 1, 'booked', 'online', 'office-0', 'concern', starts_at,
               starts_at + interval '10 minutes', 'Aylin', 'de', 'none', id::text, '', now() FROM times
        ON CONFLICT DO NOTHING RETURNING id
    )
    INSERT INTO occupancies (appointment_id, tenant, desk_id, starts_at, ends_at)
    SELECT t.id, 'bench', desk_id, starts_at, starts_at + interval '10 minutes' FROM times t JOIN made USING (id)
    ON CONFLICT DO NOTHING
"""


async def fill(made: Installation, share: float) -> int:
    """Book such a share of the times, in place of what was booked before; returns how many are booked."""
    async with made.connection("booking") as connection:
        await connection.execute("TRUNCATE occupancies, appointments CASCADE")
        await connection.execute(_FILL.format(share=share))
        # As autovacuum does within a minute; no run waits for it.
        await connection.execute("VACUUM (ANALYZE) occupancies, appointments")
        return int(await connection.fetchval("SELECT count(*) FROM occupancies"))


async def measure(made: Installation, seconds: float) -> tuple[Result, int]:
    """Ask for the free times again and again, one request after the other; returns also how many were free."""
    today = datetime.now(tenant.ZONE).date()
    period = f"from={today}&to={today + timedelta(days=60)}"
    connection, path = Connection(made.ports["booking"]), f"/offices/office-0/slots?concern=three&{period}"
    sizes: list[int] = []

    async def once(_: int) -> int:
        answer = await connection.send("GET", path, signed("booking", "bench"))
        sizes.append(answer[2].count(b'"start"'))
        return answer[0]

    await asyncio.wait_for(closed_loop(1, 1, once), 60)  # warm
    result = await closed_loop(1, seconds, once)
    connection.close()
    return result, sizes[-1]
