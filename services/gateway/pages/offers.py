"""An offer of an earlier time: looked at, accepted or declined by a button. Opening the link changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from httpx import codes

from services.gateway import moments
from services.gateway.codes import bearer
from services.gateway.doors import AppointmentNotFound, Booking, CurrentTenant
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.visit import address_of
from services.gateway.render import CurrentLanguage, Problem, go, in_preferred_language, page

router = APIRouter(include_in_schema=False)


@router.get("/offers/{offer}/{token}")
async def open_link(request: Request, tenant: CurrentTenant) -> RedirectResponse:
    """Go on from the link in a mail, which knows no language."""
    return in_preferred_language(request, tenant)


@dataclass(frozen=True)
class OfferVisit:
    """One request to the page of an offer."""

    request: Request
    tenant: CurrentTenant
    language: str
    booking: Booking
    offer: str
    token: str

    async def ask(self, method: str = "GET", path: str = "") -> Mapping[str, Any] | None:
        """Return the offer; `None` when it is over. Raises `AppointmentNotFound` for links that open nothing."""
        try:
            id_ = UUID(self.offer)
        except ValueError:
            raise AppointmentNotFound("There is no such offer.") from None
        answer = await self.booking.ask(method, f"/offers/{id_}{path}", self.tenant.id, headers=bearer(self.token))
        if answer.status_code == codes.NOT_FOUND:
            raise AppointmentNotFound("There is no such offer.")
        if answer.status_code == codes.CONFLICT:
            return None
        if not answer.is_success:
            raise self.booking.away(f"status {answer.status_code}")
        found: Mapping[str, Any] = answer.json()
        return found

    def page(self, found: Mapping[str, Any], problems: Sequence[Problem] = (), status: int = 200) -> Response:
        """Render it."""

        def moment(text: str) -> moments.Moment:
            return moments.Moment.of(datetime.fromisoformat(text), self.language)

        return page(
            self.request,
            self.language,
            "offer.html",
            self.tenant,
            status=status,
            problems=problems,
            offer=found,
            wanted=moment(found["start"]),
            until=moment(found["valid_until"]),
            present=moment(found["appointment"]["start"]),
            address=address_of(self.language, found["appointment"]),
        )

    def again(self) -> Response:
        """Redirect to the page, which says what has become of the offer."""
        to = f"/{self.language}/offers/{quote(self.offer, safe='')}/{quote(self.token, safe='')}"
        return go(to)


async def get_visit(
    request: Request, offer: str, token: str, tenant: CurrentTenant, language: CurrentLanguage, booking: Booking
) -> OfferVisit:
    """Return the visit that this request is."""
    return OfferVisit(request, tenant, language, booking, offer, token)


CurrentOfferVisit = Annotated[OfferVisit, Depends(get_visit)]


@router.get("/{lang}/offers/{offer}/{token}")
async def show(visit: CurrentOfferVisit) -> Response:
    """Show both times, or what has become of the offer."""
    found = await visit.ask()
    if found is None:
        raise visit.booking.away("an offer that cannot be looked at")
    return visit.page(found)


@router.post("/{lang}/offers/{offer}/{token}")
async def answer(request: Request, form: CurrentForm, visit: CurrentOfferVisit) -> Response:
    """Accept or decline; pressing again changes nothing."""
    if problems := check_genuine(request, form, visit.language):
        found = await visit.ask()
        return visit.page(found, problems, 403) if found else visit.again()
    if form.get("answer") == "accept":
        if accepted := await visit.ask("POST", "/accept"):
            to = address_of(visit.language, accepted["appointment"]) + "/moved"
            return go(to)
    elif form.get("answer") == "decline":
        await visit.ask("POST", "/decline")
    return visit.again()
