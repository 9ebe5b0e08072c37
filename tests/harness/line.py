"""Those who would come earlier."""

from typing import Any

import httpx

from services.booking.access import Access
from tests.harness.counter import Counter


class Line:
    """Those who wait, and what they are offered."""

    def __init__(self, mitte: Counter) -> None:
        self.mitte = mitte

    async def join(self, start: str = "2026-09-11T06:00:00Z", **changes: Any) -> dict[str, Any]:
        """Book and ask for something earlier."""
        booked = await self.mitte.booked(start, **{"email": "a@example.org"} | changes)
        answer = await self.mitte.change_own("PUT", booked, "/waitlist", email=None)
        assert answer.json()["waiting"], answer.text
        return booked

    async def offers(self) -> list[tuple[str, str]]:
        """Return to which appointment what was offered, in order."""
        events = await self.mitte.events()
        return [(told["appointment_id"], told["offered_starts_at"]) for type_, told in events if type_ == "offered"]

    async def whom(self) -> list[str]:
        """Return which appointments were made an offer, in order."""
        return [id_ for id_, _ in await self.offers()]

    async def latest(self) -> dict[str, Any]:
        """Return each appointment's latest offer."""
        found = await self.mitte.rows("SELECT id, appointment_id FROM holds WHERE purpose = 'offer' ORDER BY id")
        return {str(row["appointment_id"]): row["id"] for row in found}

    async def answer(self, booked: dict[str, Any], how: str = "") -> httpx.Response:
        """Answer an appointment's latest offer, or look at it."""
        return await self.answer_to((await self.latest())[booked["id"]], how)

    async def answer_to(self, offer: Any, how: str = "") -> httpx.Response:
        """Answer an offer by its link, or look at it."""
        headers = {"Authorization": f"Bearer {Access('a secret for tests', '').offer_token(offer)}"}
        path = f"/offers/{offer}/{how}" if how else f"/offers/{offer}"
        return await self.mitte.client.request("POST" if how else "GET", path, headers=headers)
