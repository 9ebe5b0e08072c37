"""A citizen (or a program for one) who uses the public API, and the mailbox they read."""

import uuid
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx

from tests.harness.installation import Installation
from tests.harness.waiting import eventually

OFFICE, CONCERN = "mitte", "neuantrag"


class Citizen:
    """Asks the gateway of an installation."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def slots(self, office: str = OFFICE, concern: str = CONCERN, days: int = 20) -> list[dict[str, Any]]:
        """Return the free times of the next days."""
        today = date.today()
        period = {"from": today.isoformat(), "to": (today + timedelta(days=days)).isoformat()}
        answer = await self.client.get(f"/api/v1/offices/{office}/slots", params={"concern": concern, **period})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found

    async def book(self, start: str, key: str | None = None, **values: Any) -> httpx.Response:
        """Ask for an appointment."""
        body = {"office": OFFICE, "concern": CONCERN, "start": start, "name": "Aylin Öz", "language": "de", **values}
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return await self.client.post("/api/v1/appointments", json=body, headers=headers)

    async def get(self, number: str, code: str) -> httpx.Response:
        """Look at an appointment."""
        return await self.client.get(f"/api/v1/appointments/{number}", headers={"Authorization": f"Bearer {code}"})

    async def move(self, number: str, code: str, start: str) -> httpx.Response:
        """Move an appointment."""
        headers = {"Authorization": f"Bearer {code}"}
        return await self.client.patch(f"/api/v1/appointments/{number}", json={"start": start}, headers=headers)

    async def cancel(self, number: str, code: str) -> httpx.Response:
        """Cancel an appointment."""
        return await self.client.delete(f"/api/v1/appointments/{number}", headers={"Authorization": f"Bearer {code}"})


class Mailbox:
    """Reads what arrived, over the part of Mailpit's API that both it and the local mailbox have."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=30)

    @classmethod
    def of(cls, installation: Installation) -> "Mailbox":
        """Return the mailbox of an installation."""
        return cls(installation.url("mailbox"))

    async def summaries(self) -> list[dict[str, Any]]:
        """Return all messages' summaries, newest first."""
        found: list[dict[str, Any]] = []
        while True:
            page = (await self._client.get("/api/v1/messages", params={"start": len(found), "limit": 500})).json()
            found += page["messages"]
            if len(found) >= page["messages_count"]:
                return found

    async def to(self, address: str, count: int = 1, within: float = 20) -> list[EmailMessage]:
        """Wait until so many mails to an address have arrived and return them, oldest first."""

        async def arrived() -> list[dict[str, Any]]:
            mine = [s for s in await self.summaries() if address in {to["Address"] for to in s["To"]}]
            return mine if len(mine) >= count else []

        summaries = await eventually(arrived, within=within)
        raws = [(await self._client.get(f"/api/v1/message/{s['ID']}/raw")).content for s in reversed(summaries)]
        return [message_from_bytes(raw, policy=policy.default) for raw in raws]

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()
