"""Somebody at the plans of an office: what the plan editor's pages ask booking for, and how they answer."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import httpx
from fastapi import Depends, Request, Response

from services.gateway.doors import Booking, CurrentTenant, OffersOfTenants
from services.gateway.members import Member, require
from services.gateway.moments import Moment
from services.gateway.plan_words import Words
from services.gateway.render import CurrentLanguage, PageNotFound, Problem, go, page


class Editor:
    """Somebody at the plans of an office."""

    def __init__(
        self,
        request: Request,
        office: str,
        tenant: CurrentTenant,
        language: CurrentLanguage,
        member: Annotated[Member, Depends(require("figures"))],
        booking: Booking,
        offers: OffersOfTenants,
    ) -> None:
        self.request, self.office, self.tenant, self.language = request, office, tenant, language
        self.member, self._booking, self._offers = member, booking, offers
        self.address = f"/{language}/staff/offices/{office}/plan"

    async def ask(self, method: str, path: str = "", body: Mapping[str, Any] | None = None) -> httpx.Response:
        """Ask booking below this office's plans; raise `PageNotFound` for what is not there."""
        text = None if body is None else json.dumps(body)
        answer = await self.member.ask(self._booking, method, f"/staff/offices/{self.office}/plans{path}", body=text)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise PageNotFound("There is no such page.")
        return answer

    async def get(self, path: str = "") -> Any:  # noqa: ANN401  JSON
        """Return what booking knows."""
        answer = await self.ask("GET", path)
        if not answer.is_success:
            raise self._booking.away(f"status {answer.status_code}")
        return answer.json()

    async def in_force(self) -> dict[str, Any]:
        """Return the plan in force with what it says."""
        found: dict[str, Any] = await self.get(f"/{version_in_force(await self.get())}")
        return found

    def words(self, plan: Mapping[str, Any], teams: Mapping[str, Mapping[str, str]] | None = None) -> Words:
        """Return what puts things into words; `teams`: the names of those that are otherwise than in the plan."""
        return Words(self.language, {**plan["teams"], **(teams or {})}, {one["id"]: one for one in plan["concerns"]})

    def moment(self, text: str) -> Moment:
        """Return a moment that booking told, which is in the office's zone."""
        return Moment.of(datetime.fromisoformat(text), self.language)

    async def shown(
        self,
        template: str,
        status: int = 200,
        problems: list[Problem] | None = None,
        **values: Any,  # noqa: ANN401  the template's
    ) -> Response:
        """Return a page."""
        known = await self._offers.get(self.tenant.id)
        place = known.office(self.office)
        if place is None:
            raise PageNotFound("There is no such page.")
        return page(
            self.request, self.language, f"staff/{template}.html", self.tenant, status=status, problems=problems or [],
            member=self.member, office=place, address=self.address, **values,
        )  # fmt: skip

    def go(self, rest: str = "") -> Response:
        """Go on to another page of the editor."""
        return go(self.address + rest)


CurrentEditor = Annotated[Editor, Depends()]


def version_in_force(versions: list[dict[str, Any]]) -> int:
    """Return which of all versions is in force."""
    return next(int(one["version"]) for one in versions if one["state"] == "in-force")
