"""How long people wait at a tenant's offices without an appointment: asked of booking now and then, for everybody."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from services.gateway.backend import Backend, ServiceAway
from services.gateway.offers import OfferBook
from services.gateway.remembered import Remembered
from shared import clock

Waiting = Mapping[str, Any]

STALE_SECONDS = 60  # older figures are marked: they are not how it is now
FRESH_SECONDS = 10


class WaitingTimes:
    """Remembers every tenant's waiting times. `measured`: of the last weeks, as statistics tells of them."""

    def __init__(self, booking: Backend, statistics: Backend, offers: OfferBook) -> None:
        self.measured = Remembered(partial(statistics.get, "/waiting"), fresh=60, old=600)
        self._booking, self._offers = booking, offers
        self._remembered = Remembered(self._ask, fresh=FRESH_SECONDS, old=STALE_SECONDS - 2 * FRESH_SECONDS)
        self._last: dict[str, Sequence[Waiting]] = {}

    async def get(self, tenant: str) -> Sequence[Waiting]:
        """Return one document for each office; old ones are better than none while booking is away.

        Raises `ServiceAway` when there never was one.
        """
        try:
            self._last[tenant] = await self._remembered.get(tenant)
        except ServiceAway:
            if tenant not in self._last:
                raise
        return self._last[tenant]

    async def _ask(self, tenant: str) -> Sequence[Waiting]:
        offices = (await self._offers.get(tenant)).offices
        paths = [f"/offices/{office['id']}/waiting" for office in offices]
        found: Sequence[Waiting] = await asyncio.gather(*(self._booking.get(path, tenant) for path in paths))
        return found


def is_stale(found: Waiting) -> bool:
    """Tell whether a document is too old to say how it is now."""
    return (clock.now() - datetime.fromisoformat(found["as_of"])).total_seconds() > STALE_SECONDS


def of_office(found: Waiting) -> Mapping[str, int] | None:
    """Return the range over all concerns for which there is one: who comes now, for whatever, waits so long."""
    ranges = [one["expected"] for one in found["concerns"] if one["open"] and one["expected"]]
    if not ranges:
        return None
    first, last = (edge(one[name] for one in ranges) for edge, name in ((min, "from_minutes"), (max, "to_minutes")))
    return {"from_minutes": first, "to_minutes": last}
