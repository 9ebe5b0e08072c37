"""What the staff's pages of applications have in common: whose request it is, and what applications has answered."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from services.gateway import moments
from services.gateway.backend import Backend, Params, slug_of
from services.gateway.doors import Applications, CurrentTenant, OffersOfTenants
from services.gateway.members import Member, NotAllowed, require
from services.gateway.render import (
    LANGUAGES,
    N_,
    CurrentLanguage,
    PageNotFound,
    Problem,
    go,
    native_name,
    page,
    translate,
)
from shared import clock, languages, references
from shared.tenants import Tenant

_NOBODYS = ("application-not-found", "task-not-found")
_NOT_YOURS = ("not-your-task", "office-not-yours", "staff-only")
CHANGED = "application-changed"
EXPLAIN = N_("Please explain this step back, in up to 1,000 characters: the person reads it.")
# What applications refuses, as the page that stays says it: its status, where, and what.
TOLD: Mapping[str, tuple[int, str, str]] = {
    CHANGED: (
        409,
        "",
        N_("Meanwhile something has happened here. Nothing was changed. Please look at it, then press once more."),
    ),
    "state-jump": (409, "to-1", N_("From the present state this is not possible. Please choose another one.")),
    "explanation-needed": (422, "explanation", EXPLAIN),
    "nothing-missing": (409, "", N_("No paper is missing. Please choose which ones are needed.")),
    "application-ended": (
        409,
        "",
        N_("The application is decided or withdrawn. Before papers can be noted, it has to go a step back."),
    ),
    "item-state-wrong": (409, "", N_("This paper has not come in yet. Please note first how it came in.")),
    "unknown-item": (409, "", N_("This paper is not on the list any more. Nothing was changed.")),
    "birth-date-impossible": (422, "birth_date", N_("Please check the date of birth.")),
}


@dataclass(frozen=True)
class Clerk:
    """One request of a member of staff to the pages of applications. `offices`: those of the member."""

    request: Request
    tenant: Tenant
    language: str
    member: Member
    applications: Backend
    offices: Sequence[Mapping[str, Any]]

    @property
    def address(self) -> str:
        """The path of these pages."""
        return f"/{self.language}/staff/applications"

    @property
    def today(self) -> date:
        """Today, where the tenant is."""
        return clock.now().astimezone(ZoneInfo(self.tenant.zone)).date()

    @property
    def languages(self) -> dict[str, str]:
        """The languages in which people can be written to, by their own names."""
        return {one: native_name(one) for one in languages.offered(self.tenant, LANGUAGES)}

    async def ask(
        self, method: str, path: str, body: BaseModel | None = None, params: Params | None = None, key: str = ""
    ) -> tuple[Any, str]:
        """Ask applications as this member; return its document, or the slug of what it refuses.

        What a document of a change leaves out stays as it is. Raises `PageNotFound`, `NotAllowed`, `ServiceAway`.
        """
        answer = await self.member.ask(
            self.applications,
            method,
            f"/staff{path}",
            params=params,
            headers={"Idempotency-Key": key} if key else None,
            body=None if body is None else body.model_dump_json(exclude_unset=True),
        )
        if answer.is_success:
            return (answer.json() if answer.content else None), ""
        slug = slug_of(answer)
        if slug in _NOBODYS:
            raise PageNotFound("There is no such page.")
        if slug in _NOT_YOURS:
            raise NotAllowed("Your account does not include this. Whoever manages accounts can change that.")
        if answer.is_server_error or method == "GET":  # what is only looked at is there, or not this member's
            raise self.applications.away(f"status {answer.status_code}")
        return None, slug

    async def find(self, reference: str) -> dict[str, Any]:
        """Return an application; raises as `ask` does."""
        found, _ = await self.ask("GET", path_of(reference))
        return dict(found)

    async def stream(self, path: str) -> tuple[httpx.Response, AsyncGenerator[bytes, None]]:
        """Open what applications streams to this member; raise `ServiceAway`."""
        return await self.applications.stream(f"/staff{path}", self.member.identity)

    async def benefits(self) -> list[dict[str, Any]]:
        """Return what can be applied for, with its papers; raise `ServiceAway`."""
        found: list[dict[str, Any]] = await self.applications.get("/benefits", self.tenant.id)
        return found

    def told(self, slug: str) -> tuple[list[Problem], int]:
        """Return what a page says about what was refused, and its status; raise `ServiceAway` if nothing."""
        if slug not in TOLD:
            raise self.applications.away(slug)
        status, field, text = TOLD[slug]
        return [self.problem(field, text)], status

    def problem(self, field: str, text: str) -> Problem:
        """Say what is wrong, in the language of the page."""
        return Problem(field, translate(self.language, text))

    def said(self, texts: Mapping[str, str]) -> str:
        """Return what the address says was done; empty when it says nothing known."""
        text = texts.get(self.request.query_params.get("done", ""))
        return translate(self.language, text) if text else ""

    def page(
        self,
        template: str,
        problems: Sequence[Problem] = (),
        status: int = 200,
        **values: Any,  # noqa: ANN401  what the template needs
    ) -> HTMLResponse:
        """Render one of the pages."""
        return page(
            self.request, self.language, f"staff/applications/{template}.html", self.tenant, status=status,
            problems=problems, member=self.member, home=self.address, moment=self.moment, day=self.day, **values,
        )  # fmt: skip

    def go_to(self, path: str) -> RedirectResponse:
        """Redirect to one of the pages."""
        return go(self.address + path)

    def back_to(self, reference: str, done: str) -> RedirectResponse:
        """Redirect to an application, where it says what was done."""
        return go(f"/{self.language}/staff{path_of(reference)}?done={done}")

    def moment(self, iso: str) -> moments.Moment:
        """Write a moment; applications tells them in the office's zone."""
        return moments.Moment.of(datetime.fromisoformat(iso), self.language)

    def day(self, iso: str) -> str:
        """Write the day of a moment or a date, without its weekday."""
        return moments.birth_date(date.fromisoformat(iso[:10]), self.language)

    def age(self, iso: str) -> int:
        """Return how many days ago something was."""
        return (self.today - date.fromisoformat(iso[:10])).days


def path_of(reference: str) -> str:
    """Return the part of an address that names an application; raise `PageNotFound` when it cannot be one."""
    if not references.is_reference(reference):
        raise PageNotFound("There is no such page.")
    return f"/applications/{quote(references.normalise(reference))}"


async def get_clerk(
    request: Request,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    member: Annotated[Member, Depends(require("application"))],
    applications: Applications,
    offers: OffersOfTenants,
) -> Clerk:
    """Return the request of who may work with applications; raises `NotAllowed`, `SignInNeeded`, `ServiceAway`."""
    known = (await offers.get(tenant.id)).offices
    own = [office for office in known if member.may("application", office["id"])]
    return Clerk(request, tenant, language, member, applications, own)


CurrentClerk = Annotated[Clerk, Depends(get_clerk)]
