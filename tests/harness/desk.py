"""A member of staff at work, asked for as the gateway will ask booking when they have signed in."""

import uuid
from datetime import datetime
from typing import Any

import httpx

from shared.identity import Identity
from tests.harness.counter import Counter
from tests.harness.identity import SignedAs, clerk


class Desk:
    """What somebody does at a desk of the office `mitte`, or tries to."""

    def __init__(self, mitte: Counter, identity: Identity | None = None) -> None:
        self.mitte = mitte
        self._auth = SignedAs("booking", identity or clerk("mitte"))

    async def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request below `/staff`."""
        return await self.mitte.client.request(method, f"/staff{path}", auth=self._auth, **options)

    async def book(self, start: str, *, key: str = "", **changes: Any) -> httpx.Response:
        """Ask for an appointment for a caller; `changes` to the request by name."""
        body = {"office": "mitte", "concern": "neuantrag", "start": start, "name": "Aylin Öz", "channel": "phone"}
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return await self.ask("POST", "/appointments", json=body | changes, headers=headers)

    async def booked(self, start: str, **changes: Any) -> dict[str, Any]:
        """Book what must succeed."""
        answer = await self.book(start, **changes)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def see(self, booked: dict[str, Any]) -> httpx.Response:
        """Look at an appointment."""
        return await self.ask("GET", f"/appointments/{booked['number']}")

    async def correct(self, booked: dict[str, Any], **body: Any) -> httpx.Response:
        """Correct name or date of birth."""
        return await self.ask("PATCH", f"/appointments/{booked['number']}", json=body)

    async def join(self, booked: dict[str, Any], email: str | None = None) -> httpx.Response:
        """Put an appointment on the waitlist."""
        return await self.ask("PUT", f"/appointments/{booked['number']}/waitlist", json={"email": email})

    async def move(self, booked: dict[str, Any], start: str, **more: Any) -> httpx.Response:
        """Move an appointment for somebody."""
        return await self.ask("POST", f"/appointments/{booked['number']}/move", json={"start": start} | more)

    async def cancel(self, booked: dict[str, Any], reason: str | None = None) -> httpx.Response:
        """Cancel an appointment for somebody."""
        return await self.ask("POST", f"/appointments/{booked['number']}/cancel", json={"reason": reason})

    async def tick_off(self, booked: dict[str, Any]) -> httpx.Response:
        """Say that somebody was called."""
        return await self.ask("POST", f"/appointments/{booked['number']}/tick-off")

    async def day(self, day: str, office: str = "mitte") -> httpx.Response:
        """Ask for a day's list."""
        return await self.ask("GET", f"/offices/{office}/appointments", params={"day": day})

    async def search(self, typed: str) -> httpx.Response:
        """Look for an appointment."""
        return await self.ask("GET", "/appointments", params={"q": typed})

    async def preview_closing(self, day: str, team: str | None = None, office: str = "mitte") -> httpx.Response:
        """Ask whom closing a day would affect."""
        return await self.ask("POST", f"/offices/{office}/closures/preview", json={"day": day, "team": team})

    async def close_day(
        self, day: str, numbers: list[str], team: str | None = None, office: str = "mitte"
    ) -> httpx.Response:
        """Close a day, knowing of these appointments."""
        body = {"day": day, "team": team, "reason": {"de": "Wasserschaden"}, "numbers": numbers}
        return await self.ask("POST", f"/offices/{office}/closures", json=body)

    async def audit(self) -> list[dict[str, Any]]:
        """Return what was written down, in order."""
        return await self.mitte.rows("SELECT * FROM audit_entries ORDER BY at, id")

    async def slots(self, first: str, last: str, office: str = "mitte", **params: Any) -> httpx.Response:
        """Ask for free times."""
        wanted = {"concern": "neuantrag", "from": first, "to": last} | params
        return await self.ask("GET", f"/offices/{office}/slots", params=wanted)

    async def free(self, start: str) -> int:
        """Return how many desks are free then."""
        found = (await self.slots(start[:10], start[:10])).json()
        wanted = datetime.fromisoformat(start)
        return next((slot["free"] for slot in found if datetime.fromisoformat(slot["start"]) == wanted), 0)
