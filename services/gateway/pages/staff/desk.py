"""What the pages of a desk have in common: whose request it is, at which office, and what booking has answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from services.gateway import moments
from services.gateway.backend import Backend, Params, slug_of
from services.gateway.doors import Booking, CurrentTenant, OffersOfTenants, read_number
from services.gateway.members import Member, NotAllowed, require
from services.gateway.offers import Offers
from services.gateway.render import N_, CurrentLanguage, PageNotFound, Problem, go, page, translate
from shared import clock
from shared.errors import NotFound
from shared.tenants import Tenant

_NOBODYS = ("appointment-not-found", "unknown-office", "unknown-team")
_NOT_YOURS = ("not-your-task", "office-not-yours", "staff-only")
FULL = N_("No desk is free at this time. Please choose another, or give a reason to overbook it.")
WHY_OVERBOOK = N_("Please write why this appointment is needed although no desk is free, in 3 to 500 characters.")
# What booking refuses, as the page that stays says it: its status, where, and what.
TOLD: Mapping[str, tuple[int, str, str]] = {
    "slot-taken": (409, "times", N_("This time is taken. Please choose another.")),
    "slot-not-offered": (422, "times", N_("This time cannot be booked. Please choose another.")),
    "already-cancelled": (409, "", N_("This appointment is cancelled already. Nothing was changed.")),
    "not-confirmed": (
        409,
        "",
        N_("This appointment is not confirmed yet, so it cannot be moved. You can cancel it and book another."),
    ),
    "appointment-over": (409, "", N_("This appointment has begun or is over. Nothing was changed.")),
    "outcome-wrong": (
        409,
        "",
        N_(
            "This cannot be noted now: the person is here or was served, the appointment is cancelled, or they can "
            "still come. Nothing was changed."
        ),
    ),
    "confirmation-expired": (409, "", N_("This appointment was not confirmed in time. Nothing was changed.")),
    "email-needed": (422, "email", N_("Please enter an e-mail address: offers come by mail.")),
    "day-over": (422, "day", N_("This day is past. Please choose today or a later day.")),
    "affected-changed": (
        409,
        "affected",
        N_("Meanwhile somebody else has booked. Nothing was changed. Please look at the list again."),
    ),
    "plan-invalid": (
        409,
        "",
        N_("The opening plan itself has to be corrected first. Please open it in the plan editor."),
    ),
    "too-many-affected": (
        422,
        "affected",
        N_("These are more than 500 appointments. Please close one team at a time."),
    ),
}


@dataclass(frozen=True)
class Desk:
    """One request of a member of staff to the pages of an office."""

    request: Request
    tenant: Tenant
    language: str
    member: Member
    booking: Backend
    offers: Offers
    office: Mapping[str, Any]

    @property
    def address(self) -> str:
        """The path of the office's pages."""
        return f"/{self.language}/staff/offices/{self.office['id']}"

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.office["zone"])

    @property
    def today(self) -> date:
        """Today, at the office."""
        return clock.now().astimezone(self.zone).date()

    async def ask(
        self, method: str, path: str, body: BaseModel | None = None, params: Params | None = None, key: str = ""
    ) -> tuple[Any, str]:
        """Ask booking as this member; return its document, or the slug of what it refuses.

        Raises `PageNotFound`, `NotAllowed`, `ServiceAway`.
        """
        answer = await self.member.ask(
            self.booking,
            method,
            f"/staff{path}",
            params=params,
            headers={"Idempotency-Key": key} if key else None,
            body=None if body is None else body.model_dump_json(),
        )
        if answer.is_success:
            return answer.json(), ""
        slug = slug_of(answer)
        if slug in _NOBODYS:
            raise PageNotFound("There is no such page.")
        if slug in _NOT_YOURS:
            raise NotAllowed("Your account does not include this. Whoever manages accounts can change that.")
        if answer.is_server_error:
            raise self.booking.away(f"status {answer.status_code}")
        return None, slug

    def told(self, slug: str) -> tuple[list[Problem], int]:
        """Return what a page says about what booking has refused, and its status; raise `ServiceAway` if nothing."""
        if slug not in TOLD:
            raise self.booking.away(slug)
        status, field, text = TOLD[slug]
        return [Problem(field, translate(self.language, text))], status

    def page(
        self,
        template: str,
        problems: Sequence[Problem] = (),
        status: int = 200,
        **values: Any,  # noqa: ANN401  what the template needs
    ) -> HTMLResponse:
        """Render one of the office's pages."""
        return page(
            self.request,
            self.language,
            f"staff/desk/{template}.html",
            self.tenant,
            status=status,
            problems=problems,
            member=self.member,
            office=self.office,
            office_at=self.address,
            **values,
        )

    def go_to(self, path: str) -> RedirectResponse:
        """Redirect to one of the office's pages."""
        return go(self.address + path)

    def moment(self, iso: str) -> moments.Moment:
        """Write a moment in the office's zone."""
        return moments.Moment.of(datetime.fromisoformat(iso).astimezone(self.zone), self.language)


def path_of(number: str) -> str:
    """Return the part of an address that names an appointment; raise `PageNotFound` when it cannot be one."""
    try:
        return f"/appointments/{quote(read_number(number))}"
    except NotFound as error:
        raise PageNotFound("There is no such page.") from error


async def _desk(
    request: Request,
    office: str,
    tenant: Tenant,
    language: str,
    member: Member,
    booking: Backend,
    offers: OffersOfTenants,
) -> Desk:
    known = await offers.get(tenant.id)
    found = known.office(office)
    if found is None:
        raise PageNotFound("There is no such page.")
    return Desk(request, tenant, language, member, booking, known, found)


async def get_desk(
    request: Request,
    office: str,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    member: Annotated[Member, Depends(require("desk"))],
    booking: Booking,
    offers: OffersOfTenants,
) -> Desk:
    """Return the desk of who may work with appointments; raises `NotAllowed`, `SignInNeeded`, `PageNotFound`."""
    return await _desk(request, office, tenant, language, member, booking, offers)


async def get_planning_desk(
    request: Request,
    office: str,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    member: Annotated[Member, Depends(require("plan"))],
    booking: Booking,
    offers: OffersOfTenants,
) -> Desk:
    """Return the desk of who may close a day; raises as `get_desk` does."""
    return await _desk(request, office, tenant, language, member, booking, offers)


CurrentDesk = Annotated[Desk, Depends(get_desk)]
PlanningDesk = Annotated[Desk, Depends(get_planning_desk)]
