"""Applications asked as the gateway asks, for citizens and for staff; its outbox keeps what it publishes."""

import base64
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from nacl.public import PrivateKey, SealedBox

from shared.identity import Identity
from shared.sealing import Recipient
from tests.harness.identity import SignedAs, clerk
from tests.harness.inprocess import announce_key, unstarted
from tests.harness.installation import Installation, Running

BORN = "1990-05-17"
TABLES = ("applications", "access_failures", "audit_entries", "outbox")


@dataclass
class Applicant:
    """Somebody who applies at Musterstadt's office `mitte`, and the clerks there."""

    installation: Installation
    running: Running
    key: PrivateKey  # notifications' own

    @property
    def client(self) -> httpx.AsyncClient:
        """The way to applications."""
        return self.running.client

    async def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """Run SQL past all policies."""
        return await self.installation.rows("applications", statement, **values)

    async def count(self, what: str, **values: Any) -> int:
        """Return how many rows there are: `what` follows FROM."""
        [found] = await self.rows(f"SELECT count(*) AS n FROM {what}", **values)
        return int(found["n"])

    async def empty(self) -> None:
        """Forget everything."""
        for table in TABLES:
            await self.rows(f"DELETE FROM {table}")

    async def apply(self, *, key: str = "", **changes: Any) -> httpx.Response:
        """Send an application; `changes` to the request by name."""
        body = {"benefit": "l1", "office": "mitte", "name": "Aylin Öz", "birth_date": BORN}
        body |= {"email": "aylin@example.org"} | changes
        return await self.client.post("/applications", json=body, headers={"Idempotency-Key": key or str(uuid.uuid4())})

    async def applied(self, **changes: Any) -> dict[str, Any]:
        """Send what must be accepted."""
        answer = await self.apply(**changes)
        assert answer.status_code == 201, answer.text
        sent: dict[str, Any] = answer.json()
        return sent

    async def open(self, reference: str, client: str = "a" * 32, **given: str) -> httpx.Response:
        """Ask for a bearer."""
        url = f"/applications/{reference}/access"
        return await self.client.post(url, json=given, headers={"Client": client})

    async def bearer(self, sent: dict[str, Any], **given: str) -> dict[str, str]:
        """Return the header that opens an application; by its code, if nothing else is given."""
        answer = await self.open(sent["reference"], **(given or {"code": sent["code"]}))
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['bearer']}"}

    async def status(self, sent: dict[str, Any], **given: str) -> dict[str, Any]:
        """Open an application and look at it."""
        answer = await self.client.get(f"/applications/{sent['reference']}", headers=await self.bearer(sent, **given))
        assert answer.status_code == 200, answer.text
        seen: dict[str, Any] = answer.json()
        return seen

    async def events(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what was published: short type and payload, in order."""
        found = await self.rows("SELECT type, payload FROM outbox ORDER BY id")
        return [
            (row["type"].removeprefix("applications.").removesuffix(".v1"), json.loads(row["payload"])) for row in found
        ]

    def recipient(self, event: dict[str, Any]) -> Recipient:
        """Return whom an event's message is for, as notifications can read it."""
        opened = SealedBox(self.key).decrypt(base64.b64decode(event["recipient"]["box"]))
        return Recipient.model_validate_json(opened)

    async def staff(
        self, method: str, path: str, body: Any = None, *, who: Identity | None = None, **options: Any
    ) -> httpx.Response:
        """Ask as a member of staff."""
        auth = SignedAs("applications", who or clerk("mitte"))
        return await self.client.request(method, f"/staff{path}", json=body, auth=auth, **options)

    async def seen(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Return an application as staff see it."""
        answer = await self.staff("GET", f"/applications/{sent['reference']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def item(self, sent: dict[str, Any], item_id: str, what: str, **body: Any) -> httpx.Response:
        """Do something with a paper as a clerk: `received`, `accept`, `reject`."""
        return await self.staff("POST", f"/applications/{sent['reference']}/items/{item_id}/{what}", body or None)

    async def told(self) -> list[tuple[str, str]]:
        """Return of each event what kind it was, and the state it told."""
        return [(kind, event["state"]) for kind, event in await self.events()]

    async def go(self, sent: dict[str, Any], state: str, **changes: Any) -> httpx.Response:
        """Change the state as a clerk who has just looked."""
        body = {"state": state, "version": (await self.seen(sent))["version"]} | changes
        return await self.staff("POST", f"/applications/{sent['reference']}/state", body)


@asynccontextmanager
async def applicant(installation: Installation) -> AsyncIterator[Applicant]:
    """Open applications without its background: no job runs, no relay empties the outbox."""
    key = await announce_key(installation, "applications")
    async with unstarted(installation, "applications", "musterstadt") as running:
        yield Applicant(installation, running, key)
