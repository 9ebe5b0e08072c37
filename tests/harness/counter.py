"""An office with empty desks, asked as the gateway asks booking; its outbox keeps what it publishes."""

import base64
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from nacl.public import PrivateKey, SealedBox

from shared.sealing import Recipient
from tests.harness.inprocess import announce_key, unstarted
from tests.harness.installation import Installation, Running

_REMEMBER = "CREATE TABLE concerns_at_first AS SELECT * FROM concerns"
_ORDINARY = """
    UPDATE concerns c SET minutes = a.minutes, lead_days = a.lead_days, kinds = a.kinds, per_person = a.per_person,
    confirm_minutes = a.confirm_minutes FROM concerns_at_first a WHERE (a.tenant, a.id) = (c.tenant, c.id)
"""
_KEEP_DESKS = """
    INSERT INTO plans SELECT tenant, office_id, 2, jsonb_set(document, CAST(:path AS text[]), to_jsonb(CAST(:number AS
    int))), concat_ws(' ', 'kept desks', CAST(:team AS text), CAST(:number AS int)), published_at
    FROM plans WHERE tenant = 'musterstadt' AND office_id = 'mitte'
"""
_COPY = """
    INSERT INTO appointments SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'number',
    'copy ' || n, 'idempotency_key', 'copy ' || n))).* FROM appointments a, generate_series(1, :times) n
    WHERE number = :number
"""
OVERLAPS = """
    SELECT count(*) AS n FROM occupancies a JOIN occupancies b
    ON a.desk_id = b.desk_id AND a.ctid < b.ctid AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
"""


@dataclass
class Counter:
    """The office `mitte` of Musterstadt: three desks for `neuantrag`, which takes half an hour."""

    installation: Installation
    booking: Running
    key: PrivateKey  # notifications' own

    @property
    def client(self) -> httpx.AsyncClient:
        """The way to booking."""
        return self.booking.client

    async def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """Run SQL past all policies."""
        return await self.installation.rows("booking", statement, **values)

    async def count(self, what: str, **values: Any) -> int:
        """Return how many rows there are: `what` follows FROM."""
        [found] = await self.rows(f"SELECT count(*) AS n FROM {what}", **values)
        return int(found["n"])

    async def overlaps(self) -> int:
        """Return how often a desk is taken twice for the same time."""
        [found] = await self.rows(OVERLAPS)
        return int(found["n"])

    async def empty(self) -> None:
        """Free all desks and let every concern be as the tenant's file says."""
        for table in ("occupancies", "holds", "appointments", "outbox", "audit_entries"):
            await self.rows(f"DELETE FROM {table}")
        await self.rows("DELETE FROM plans WHERE version > 1")
        await self.rows("DELETE FROM desks WHERE NOT seeded")
        await self.rows(_ORDINARY)

    async def change(self, concern: str, **values: object) -> None:
        """Change a concern."""
        sets = ", ".join(f"{name} = :{name}" for name in values)
        await self.rows(f"UPDATE concerns SET {sets} WHERE id = :concern", concern=concern, **values)

    async def keep_desks(self, team: str, number: int) -> None:
        """Publish a plan in which so many desks of a team cannot be booked online."""
        await self.rows(_KEEP_DESKS, path=["teams", team, "kept_desks"], team=team, number=number)

    async def book(self, start: str, *, key: str = "", holder: str = "", **changes: Any) -> httpx.Response:
        """Ask for an appointment; `changes` to the request by name."""
        body = {"office": "mitte", "concern": "neuantrag", "start": start, "name": "Aylin Öz"} | changes
        headers = {"Idempotency-Key": key or str(uuid.uuid4())} | ({"Holder": holder} if holder else {})
        return await self.client.post("/appointments", json=body, headers=headers)

    async def booked(self, start: str, **changes: Any) -> dict[str, Any]:
        """Book what must succeed."""
        answer = await self.book(start, **changes)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def copy(self, booked: dict[str, Any], times: int) -> None:
        """Make so many more of an appointment, which take no desk."""
        await self.rows(_COPY, number=booked["number"], times=times)

    async def hold(self, holder: str, start: str, **changes: Any) -> httpx.Response:
        """Ask to hold a time."""
        body = {"office": "mitte", "concern": "neuantrag", "start": start} | changes
        return await self.client.post("/holds", json=body, headers={"Holder": holder})

    async def extend(self, holder: str) -> httpx.Response:
        """Ask to hold for longer."""
        return await self.client.post("/holds/extend", headers={"Holder": holder})

    async def change_own(self, method: str, booked: dict[str, Any], path: str = "", **body: Any) -> httpx.Response:
        """Do something with an appointment, opened by its code."""
        headers = {"Authorization": f"Bearer {booked['code']}"}
        url = f"/appointments/{booked['number']}{path}"
        return await self.client.request(method, url, json=body or None, headers=headers)

    async def cancel(self, booked: dict[str, Any]) -> httpx.Response:
        """Cancel an appointment."""
        return await self.change_own("DELETE", booked)

    async def free(self, start: str, concern: str = "neuantrag") -> int:
        """Return how many desks are free then."""
        params = {"concern": concern, "from": start[:10], "to": start[:10]}
        slots = (await self.client.get("/offices/mitte/slots", params=params)).json()
        wanted = datetime.fromisoformat(start)
        return next((slot["free"] for slot in slots if datetime.fromisoformat(slot["start"]) == wanted), 0)

    async def events(self, booked: dict[str, Any] | None = None) -> list[tuple[str, dict[str, Any]]]:
        """Return what was published, of one appointment or of all: short type and payload."""
        found = await self.rows("SELECT type, key, payload FROM outbox ORDER BY id")
        return [
            (row["type"].removeprefix("booking.appointment-").removesuffix(".v1"), json.loads(row["payload"]))
            for row in found
            if booked is None or str(row["key"]) == booked["id"]
        ]

    async def recipients(self, booked: dict[str, Any]) -> list[Recipient]:
        """Return whom the messages about an appointment are for, as notifications can read it, in order."""
        sealed = [told["recipient"]["box"] for _, told in await self.events(booked)]
        opened = [SealedBox(self.key).decrypt(base64.b64decode(box)) for box in sealed]
        return [Recipient.model_validate_json(text) for text in opened]


@asynccontextmanager
async def counter(installation: Installation) -> AsyncIterator[Counter]:
    """Open booking without its background: no job runs, no relay empties the outbox."""
    key = await announce_key(installation)
    async with unstarted(installation, "booking", "musterstadt") as booking:
        opened = Counter(installation, booking, key)
        await opened.rows(_REMEMBER)
        yield opened
