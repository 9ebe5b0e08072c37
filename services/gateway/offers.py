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

    def place(self, office_id: str, concern_id: str, further: Sequence[str]) -> "Place | None":
        """Return where and for what somebody comes; `None` when the office does not handle the first concern.

        Of the further ones those that it does not handle are left out.
        """
        office = self.office(office_id)
        if office is None or concern_id not in self.concerns[office["id"]]:
            return None
        handled = self.concerns[office["id"]]
        return Place(office, handled, [handled[id_] for id_ in (concern_id, *further) if id_ in handled])


@dataclass(frozen=True)
class Place:
    """An office and the concerns that are dealt with at one appointment, the first one first."""

    office: Mapping[str, Any]
    handled: Mapping[str, Mapping[str, Any]]  # all that the office handles, by id
    concerns: Sequence[Mapping[str, Any]]

    @property
    def also(self) -> list[str]:
        """The ids of the further concerns."""
        return [concern["id"] for concern in self.concerns[1:]]

    @property
    def can_be_added(self) -> list[Mapping[str, Any]]:
        """What can be dealt with at the same appointment, with what was chosen for it already."""
        ids = {*self.concerns[0]["together_with"], *self.also}
        return [concern for id_, concern in self.handled.items() if id_ in ids]

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(concern["minutes"] for concern in self.concerns)

    @property
    def kinds(self) -> list[str]:
        """In which ways all of it can be dealt with; none: not at one appointment."""
        first, *others = (concern["kinds"] for concern in self.concerns)
        return [kind for kind in first if all(kind in kinds for kinds in others)]

    @property
    def usual_kind(self) -> str:
        """What is meant when nobody has chosen."""
        return next(iter(sorted(self.kinds, key=lambda kind: kind != "office")), "office")

    @property
    def needs_email(self) -> bool:
        """Whether it is booked only by a button behind the link in a mail."""
        return any(concern["confirm_by_mail"] for concern in self.concerns)


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
