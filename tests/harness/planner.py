"""A manager who changes the opening plan of the office `mitte`, asked for as the gateway asks booking."""

from copy import deepcopy
from datetime import datetime
from typing import Any

import httpx

from shared.identity import Identity
from tests.harness.counter import Counter
from tests.harness.desk import Desk
from tests.harness.identity import clerk

CONCERNS = ("neuantrag", "unterlagen", "veraenderung", "bescheid", "weiterbewilligung", "arbeitsberatung")


class Planner(Desk):
    """What a manager does with plans; `plan` of an answer: the document to be changed."""

    def __init__(self, mitte: Counter, identity: Identity | None = None, office: str = "mitte") -> None:
        super().__init__(mitte, identity or clerk("mitte", role="manager"))
        self.office = office

    async def plans(self, method: str = "GET", path: str = "", **body: Any) -> httpx.Response:
        """Ask below the office's plans."""
        return await self.ask(method, f"/offices/{self.office}/plans{path}", json=body or None)

    async def versions(self) -> list[dict[str, Any]]:
        """Return the versions, the newest first."""
        found: list[dict[str, Any]] = (await self.plans()).json()
        return found

    async def in_force(self) -> dict[str, Any]:
        """Return the version in force with its document."""
        version = next(one["version"] for one in await self.versions() if one["state"] == "in-force")
        found: dict[str, Any] = (await self.plans(path=f"/{version}")).json()
        return found

    async def changed(self, team: str = "eingang", **changes: Any) -> dict[str, Any]:
        """Return the document in force with other values in a team's part."""
        document: dict[str, Any] = deepcopy((await self.in_force())["document"])
        document["teams"][team] |= changes
        return document

    async def preview(self, document: dict[str, Any], **more: Any) -> httpx.Response:
        """Look at what a plan changes."""
        return await self.plans("POST", "/preview", document=document, **more)

    async def publish(self, document: dict[str, Any], **more: Any) -> httpx.Response:
        """Publish a plan against the one in force, unless `expect` says another."""
        expect = {"expect": (await self.in_force())["version"]}
        return await self.plans("POST", "", document=document, **(expect | more))

    async def published(self, document: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Publish what must succeed; return its version."""
        answer = await self.publish(document, **more)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()["version"]
        return found

    async def return_to(self, version: int, **more: Any) -> httpx.Response:
        """Return to a version."""
        expect = {"expect": (await self.in_force())["version"]}
        return await self.plans("POST", f"/{version}/return", **(expect | more))

    async def free_times(self, first: str = "2026-09-07", last: str = "2026-10-09") -> dict[str, Any]:
        """Return all free times of all concerns, and what they are, as citizens see them."""
        found: dict[str, Any] = {"concerns": (await self.mitte.client.get("/offices/mitte/concerns")).json()}
        for concern in CONCERNS:
            params = {"concern": concern, "from": first, "to": last}
            found[concern] = (await self.mitte.client.get("/offices/mitte/slots", params=params)).json()
        return found

    async def is_offered(self, start: str, concern: str = "neuantrag") -> bool:
        """Whether a time can be booked online."""
        params = {"concern": concern, "at": start}
        answer = await self.mitte.client.get("/offices/mitte/slots/explain", params=params)
        return bool(answer.json()["bookable"])


def hours(opens: str, closes: str, *days: str) -> dict[str, Any]:
    """Return a row of a team's hours, as a document has it."""
    return {"days": list(days or ("mon", "tue", "thu", "fri")), "from": f"{opens}:00", "to": f"{closes}:00"}


def closure(day: str) -> dict[str, Any]:
    """Return a day on which the office is closed."""
    return {"from": day, "to": day, "reason": {"de": "Umzug"}}


def moment(text: str) -> datetime:
    """Read a moment."""
    return datetime.fromisoformat(text)
