"""What a tenant offers: offices and their concerns, asked of booking and remembered for a while.

They change seldom, and a homepage that has them can show the offices while booking is away.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.gateway.backend import Backend
from services.gateway.remembered import Remembered

FRESH_SECONDS, OLD_SECONDS = 30.0, 24 * 3600.0


@dataclass(frozen=True)
class Offers:
    """The offices in their order, and each office's concerns by id."""

    offices: Sequence[Mapping[str, Any]]
    concerns: Mapping[str, Mapping[str, Mapping[str, Any]]]

    def office(self, office_id: str) -> Mapping[str, Any] | None:
        """Return an office; without an id the only one."""
        if not office_id and len(self.offices) == 1:
            return self.offices[0]
        return next((office for office in self.offices if office["id"] == office_id), None)

    def all_concerns(self) -> list[Mapping[str, Any]]:
        """Return the concerns of all offices, each once."""
        return list({id_: found for office in self.concerns.values() for id_, found in office.items()}.values())

    def offices_for(self, concern_id: str) -> list[Mapping[str, Any]]:
        """Return the offices that handle a concern."""
        return [office for office in self.offices if concern_id in self.concerns[office["id"]]]


class OfferBook:
    """Remembers every tenant's offers."""

    def __init__(self, booking: Backend) -> None:
        self._booking = booking
        self._remembered = Remembered(self._fetch, fresh=FRESH_SECONDS, old=OLD_SECONDS)

    async def get(self, tenant: str) -> Offers:
        """Return the offers; old ones are better than none while booking is away. Raises `ServiceAway`."""
        return await self._remembered.get(tenant)

    async def _fetch(self, tenant: str) -> Offers:
        offices = await self._booking.get("/offices", tenant)
        paths = [f"/offices/{office['id']}/concerns" for office in offices]
        lists = await asyncio.gather(*(self._booking.get(path, tenant) for path in paths))
        concerns = {o["id"]: {c["id"]: c for c in found} for o, found in zip(offices, lists, strict=True)}
        return Offers(offices, concerns)
