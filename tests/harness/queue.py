"""The queue at the office `mitte` of Musterstadt: who comes, and who works there, as the gateway asks for them."""

import uuid
from typing import Any

import httpx

from shared.identity import Identity
from tests.harness.counter import Counter
from tests.harness.desk import Desk

_EMPTY = ("tickets", "ticket_counters", "open_desks", "audit_entries")


class QueueOffice:
    """What happens at the office: arriving, drawing tickets, calling."""

    def __init__(self, mitte: Counter, identity: Identity | None = None) -> None:
        self.mitte = mitte
        self.desk = Desk(mitte, identity)

    @classmethod
    async def empty(cls, mitte: Counter) -> "QueueOffice":
        """Return the office with nobody in it."""
        for table in _EMPTY:
            await mitte.rows(f"DELETE FROM {table}")
        return cls(mitte)

    async def desks(self, team: str = "eingang") -> list[int]:
        """Return the ids of a team's desks."""
        query = (
            "SELECT id FROM desks WHERE tenant = 'musterstadt' AND office_id = 'mitte' AND team_id = :team ORDER BY id"
        )
        return [row["id"] for row in await self.mitte.rows(query, team=team)]

    async def draw(self, concern: str = "unterlagen", *, key: str = "", **body: Any) -> httpx.Response:
        """Draw a ticket at the kiosk."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return await self.mitte.client.post("/offices/mitte/tickets", json={"concern": concern} | body, headers=headers)

    async def drawn(self, concern: str = "unterlagen", **body: Any) -> dict[str, Any]:
        """Draw a ticket that must be given."""
        return found(await self.draw(concern, **body), 201)

    async def arrive(self, booked: dict[str, Any], office: str = "mitte", **body: Any) -> httpx.Response:
        """Check in with an appointment."""
        given = {"number": booked["number"], "code": booked["code"]} | body
        return await self.mitte.client.post(f"/offices/{office}/arrivals", json=given)

    async def arrived(self, booked: dict[str, Any], **body: Any) -> dict[str, Any]:
        """Check in; the answer."""
        return found(await self.arrive(booked, **body))

    async def see(self, ticket: dict[str, Any], method: str = "GET", secret: str = "") -> httpx.Response:
        """Look at a ticket, or give it back."""
        headers = {"Authorization": f"Bearer {secret or ticket['secret']}"}
        return await self.mitte.client.request(method, f"/tickets/{ticket['id']}", headers=headers)

    async def call(self, desk: int) -> dict[str, Any] | None:
        """Press "next" at a desk; whom it gets."""
        answer = await self.desk.ask("POST", f"/offices/mitte/desks/{desk}/calls")
        ticket: dict[str, Any] | None = found(answer)["ticket"]
        return ticket

    async def act(self, ticket: dict[str, Any], action: str, **body: Any) -> httpx.Response:
        """Press one of the buttons of a ticket."""
        return await self.desk.ask("POST", f"/tickets/{ticket['id']}/{action}", json=body)

    async def acted(self, ticket: dict[str, Any], action: str, **body: Any) -> dict[str, Any]:
        """The same, where it must succeed."""
        return found(await self.act(ticket, action, **body))

    async def queue(self) -> dict[str, Any]:
        """What staff see."""
        return found(await self.desk.ask("GET", "/offices/mitte/queue"))

    async def display(self) -> dict[str, Any]:
        """What the display shows."""
        return found(await self.mitte.client.get("/offices/mitte/display"))

    async def events(self) -> list[tuple[str, int]]:
        """Types and versions of what was published about tickets."""
        query = "SELECT type, payload::jsonb -> 'version' AS v FROM outbox WHERE topic = 'booking.ticket' ORDER BY id"
        return [
            (row["type"].removeprefix("booking.ticket-").removesuffix(".v1"), row["v"])
            for row in await self.mitte.rows(query)
        ]

    async def actions(self) -> list[str]:
        """What the audit says was done."""
        return [row["action"] for row in await self.mitte.rows("SELECT action FROM audit_entries ORDER BY id")]


def found(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """Return the document of an answer that must be good."""
    assert answer.status_code == status, answer.text
    document: dict[str, Any] = answer.json()
    return document
