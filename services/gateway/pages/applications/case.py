"""An opened application on its pages. What opens it is in a cookie that ends with the browser's session.

No address holds anything that opens it: phones are shared, and addresses are remembered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from services.gateway import csrf, moments
from services.gateway.applications import (
    Application,
    ApplicationClosed,
    ApplicationDoor,
    CurrentApplications,
    Reference,
)
from services.gateway.doors import CurrentTenant
from services.gateway.render import LANGUAGES, CurrentLanguage, Problem, go, page, preferred_language
from services.gateway.uploading import MOST_FILE_BYTES
from shared.tenants import Tenant


@dataclass(frozen=True)
class Case:
    """One request to the pages of an application."""

    request: Request
    tenant: Tenant
    language: str
    door: ApplicationDoor
    reference: str

    @property
    def bearer(self) -> str:
        """What opens it; empty for a browser that has opened nothing."""
        return self.request.cookies.get(cookie_name(self.request), "")

    @property
    def address(self) -> str:
        """The path of its pages."""
        return address_of(self.language, self.reference)

    async def look(self) -> Application:
        """Return where it stands; raise `ApplicationClosed`, `ServiceAway`."""
        if not self.bearer:
            raise ApplicationClosed("Please open the application first.")
        return await self.door.look(self.reference, self.bearer)

    def page(
        self,
        template: str,
        application: Application,
        problems: Sequence[Problem] = (),
        status: int = 200,
        **values: Any,  # noqa: ANN401  what the template needs
    ) -> HTMLResponse:
        """Render one of its pages."""
        return page(
            self.request, self.language, f"application/{template}.html", self.tenant, status=status,
            problems=problems, application=application, address=self.address, moment=self.moment,
            bearer=self.bearer, most_bytes=MOST_FILE_BYTES, **values,
        )  # fmt: skip

    def moment(self, text: str) -> moments.Moment:
        """Write a time of the document, which is in the office's zone."""
        return moments.Moment.of(datetime.fromisoformat(text), self.language)


def cookie_name(request: Request) -> str:
    """Return the cookie's name; over TLS one that no sibling host can set."""
    return "__Host-application" if request.url.scheme == "https" else "application"


def let_in(request: Request, response: Response, opened: str) -> Response:
    """Let this browser open the application, until it is closed or the bearer ends; one at a time."""
    secure = request.url.scheme == "https"
    response.set_cookie(cookie_name(request), opened, httponly=True, samesite="lax", secure=secure)
    return response


def forget(request: Request, response: Response) -> Response:
    """Let this browser know nothing more: neither what opens the application, nor what unseals what was typed."""
    secure = request.url.scheme == "https"
    for name in (cookie_name(request), csrf.cookie_name(request)):
        response.delete_cookie(name, httponly=True, samesite="lax", secure=secure)
    return response


def address_of(language: str, reference: str) -> str:
    """Return the path of an application's pages."""
    return f"/{language}/applications/{reference}"


def install(app: FastAPI) -> None:
    """Let whoever has not opened an application, or long ago, be led to where that is done."""

    @app.exception_handler(ApplicationClosed)
    async def _open_first(request: Request, _: ApplicationClosed) -> Response:
        first, *rest = request.url.path.strip("/").split("/")
        tenant = request.app.state.service.tenants.of_host(request.headers["host"])
        language = first if first in LANGUAGES else preferred_language(request, tenant)
        query: Mapping[str, str] = {"reference": rest[1], "problem": "closed"}
        return go(f"/{language}/applications/open?{urlencode(query)}")


async def get_case(
    request: Request, reference: Reference, tenant: CurrentTenant, language: CurrentLanguage, door: CurrentApplications
) -> Case:
    """Return the application that this request is about."""
    return Case(request, tenant, language, door, reference)


CurrentCase = Annotated[Case, Depends(get_case)]
