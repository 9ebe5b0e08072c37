"""The page of a ticket, on the phone of whoever holds it: their place, how long it takes, where to go when called."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from services.gateway import qr
from services.gateway.doors import CurrentTenant, OffersOfTenants
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.office import words
from services.gateway.pages.office.phone import TOLD
from services.gateway.pages.office.place import Place, get_place
from services.gateway.queue import LONGEST, CurrentQueue
from services.gateway.render import CurrentLanguage, Problem, go

router = APIRouter(include_in_schema=False, prefix="/{lang}/tickets/{ticket}/{secret}")

WAITS = ("waiting", "called")


class Holder:
    """Somebody who opens the page of their ticket; one that is not theirs is not found."""

    def __init__(
        self,
        request: Request,
        ticket: UUID,
        secret: Annotated[str, Path(max_length=LONGEST)],
        tenant: CurrentTenant,
        language: CurrentLanguage,
        offers: OffersOfTenants,
        queue: CurrentQueue,
    ) -> None:
        self.request, self.id, self.secret, self.queue = request, ticket, secret, queue
        self._tenant, self._language, self._offers = tenant, language, offers

    async def page(self, template: str, problems: list[Problem] | None = None, status: int = 200) -> Response:
        """Show the ticket as it is now; raise `TicketNotFound`."""
        found = await self.queue.get(self.id, self.secret)
        place = await self._place(found["office"]["id"])
        arrived = self.request.query_params.get("arrived", "")
        return place.page(
            template, problems or [], status, ticket=words.ticket(place, found),
            arrived=arrived if arrived in TOLD else "", waits=found["state"] in WAITS,
        )  # fmt: skip

    async def _place(self, office: str) -> Place:
        return await get_place(self.request, office, self._tenant, self._language, self._offers)

    @property
    def address(self) -> str:
        """Where the ticket's page is."""
        return f"/{self._language}/tickets/{self.id}/{self.secret}"


CurrentHolder = Annotated[Holder, Depends()]


@router.get("")
async def show(holder: CurrentHolder) -> Response:
    """Show a ticket."""
    return await holder.page("ticket")


@router.get("/qr.svg")
async def draw(request: Request, holder: CurrentHolder) -> Response:
    """Return the address of the ticket's page as a QR code, for the phone of whoever drew it at the kiosk."""
    return qr.picture(f"{request.url.scheme}://{request.headers['host']}{holder.address}")


@router.get("/leave")
async def ask_whether(holder: CurrentHolder) -> Response:
    """Ask whether somebody really cannot wait."""
    return await holder.page("leave")


@router.post("/leave")
async def leave(request: Request, form: CurrentForm, holder: CurrentHolder, language: CurrentLanguage) -> Response:
    """Give the ticket back; pressing again changes nothing."""
    if problems := check_genuine(request, form, language):
        return await holder.page("leave", problems, 403)
    await holder.queue.leave(holder.id, holder.secret)
    return go(holder.address)
