"""One request to the pages of accounts, one's own or all: whose it is, and how its pages look."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from services.gateway.doors import CurrentTenant
from services.gateway.forms import Form, check_genuine
from services.gateway.members import Member, get_holder, get_member, get_owner, require
from services.gateway.pages.staff.signing_in import go
from services.gateway.render import CurrentLanguage, Problem, page, translate
from services.gateway.signing_in import SigningIn
from shared.db import Session
from shared.identity import Identity
from shared.tenants import Tenant

T = TypeVar("T")


@dataclass(frozen=True)
class Errand:
    """One request of a member of staff to the pages of accounts."""

    request: Request
    tenant: Tenant
    language: str
    member: Member

    @property
    def who(self) -> Identity:
        """Whose request it is."""
        return self.member.identity

    @property
    def signing_in(self) -> SigningIn:
        """What signing in consists of."""
        found: SigningIn = self.request.app.state.signing_in
        return found

    async def run(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Do something in one transaction."""
        done: T = await self.request.app.state.service.database.run(work, self.tenant.id)
        return done

    def check(self, form: Form) -> list[Problem]:
        """Return the problem with a form that may not have come from our page."""
        return check_genuine(self.request, form, self.language)

    def problem(self, field: str, text: str) -> Problem:
        """Say what is wrong, in the language of the page."""
        return Problem(field, translate(self.language, text))

    def page(
        self,
        template: str,
        problems: Sequence[Problem] = (),
        status: int = 200,
        **values: Any,  # noqa: ANN401  what the template needs
    ) -> HTMLResponse:
        """Render one of the pages."""
        return page(
            self.request, self.language, f"staff/{template}.html", self.tenant, status=status, problems=problems,
            member=self.member, **values,
        )  # fmt: skip

    def go_to(self, path: str) -> RedirectResponse:
        """Lead on to another page for staff."""
        return go(f"/{self.language}/staff{path}")


def errand_of(get: Callable[..., Awaitable[Member]]) -> Callable[..., Awaitable[Errand]]:
    """Return a dependency: the request, if it is of a member whom `get` lets in."""

    async def get_errand(
        request: Request, tenant: CurrentTenant, language: CurrentLanguage, member: Annotated[Member, Depends(get)]
    ) -> Errand:
        return Errand(request, tenant, language, member)

    return get_errand


OfHolder = Annotated[Errand, Depends(errand_of(get_holder))]
OfOwner = Annotated[Errand, Depends(errand_of(get_owner))]
OfMember = Annotated[Errand, Depends(errand_of(get_member))]
OfManager = Annotated[Errand, Depends(errand_of(require("account")))]
