"""A request to the pages of an office: which office it is, whether a device of it asks, and how its pages look."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from services.gateway import devices, moments
from services.gateway.devices import DeviceUnknown, Kind
from services.gateway.doors import CurrentTenant, OffersOfTenants
from services.gateway.queue import UNKNOWN_CONCERN, Refused
from services.gateway.render import CurrentLanguage, Problem, go, page
from services.gateway.switches import Switches
from shared.errors import NotFound
from shared.tenants import Tenant


class OfficeNotFound(NotFound):
    """The tenant has no such office."""


@dataclass(frozen=True)
class Place:
    """One request to the pages of an office."""

    request: Request
    tenant: Tenant
    language: str
    office: Mapping[str, Any]
    concerns: Mapping[str, Mapping[str, Any]]

    @property
    def id(self) -> str:
        """The office's id."""
        return str(self.office["id"])

    @property
    def address(self) -> str:
        """Where the office's pages are."""
        return f"/{self.language}/office/{self.id}"

    @property
    def tells_wait(self) -> bool:
        """Whether the office wants the expected wait to be told."""
        switches: Switches = self.request.app.state.switches
        return switches.is_on(self.tenant.id, self.id, "expected-wait")

    def handled(self, concern: str) -> str:
        """Return the concern if the office handles it; raise `Refused`."""
        if concern not in self.concerns:
            raise Refused("concern", UNKNOWN_CONCERN)
        return concern

    def page(
        self,
        template: str,
        problems: Sequence[Problem] = (),
        status: int = 200,
        **values: Any,  # noqa: ANN401  what the template needs
    ) -> HTMLResponse:
        """Render one of its pages."""
        return page(
            self.request,
            self.language,
            f"office/{template}.html",
            self.tenant,
            status=status,
            problems=problems,
            behind_language=None if self.request.method == "GET" else self._page_of_form,
            office=self.office,
            address=self.address,
            tells_wait=self.tells_wait,
            **values,
        )

    @property
    def _page_of_form(self) -> str:
        """The page that a form belongs to, behind the language, with which another language begins."""
        first, found, part = self.request.url.path.partition(f"{self.address}/")
        return f"office/{self.id}/{part.partition('/')[0]}" if found else first.removeprefix(f"/{self.language}/")

    def moment(self, text: str) -> moments.Moment:
        """Return a time as people at the office read it."""
        return moment_at(text, self.office["zone"], self.language)


def moment_at(text: str, zone: str, language: str) -> moments.Moment:
    """Return a time of a document as people in a zone read it."""
    return moments.Moment.of(datetime.fromisoformat(text).astimezone(ZoneInfo(zone)), language)


async def get_place(
    request: Request, office: str, tenant: CurrentTenant, language: CurrentLanguage, offers: OffersOfTenants
) -> Place:
    """Return the office of the address; raise `OfficeNotFound`, `ServiceAway`."""
    known = await offers.get(tenant.id)
    found = known.office(office)
    if found is None:
        raise OfficeNotFound("There is no such office.")
    return Place(request, tenant, language, found, known.concerns[office])


CurrentPlace = Annotated[Place, Depends(get_place)]


def at_device(kind: Kind) -> Callable[..., Awaitable[Place]]:
    """Return a dependency that lets in the office's registered devices of this kind."""

    async def get_place_of_device(request: Request, place: CurrentPlace) -> Place:
        if not await devices.is_registered(request, place.tenant.id, place.id, kind):
            raise DeviceUnknown("This device is not registered at this office.")
        return place

    return get_place_of_device


AtKiosk = Annotated[Place, Depends(at_device("kiosk"))]
AtDisplay = Annotated[Place, Depends(at_device("display"))]


async def take_secret(place: Place, kind: Kind, secret: str) -> Response:
    """Let the browser that opens the link of a new device first be that device; raise `DeviceUnknown`.

    The link's secret, which stays in addresses and logs, is worth nothing from then on.
    """
    async with place.request.app.state.service.database.transaction(place.tenant.id) as session:
        own = await devices.take(session, place.id, kind, secret)
    answer = go(f"{place.address}/{kind}")
    devices.set_cookie(place.request, answer, own)
    return answer
