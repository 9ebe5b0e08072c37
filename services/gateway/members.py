"""Who of the staff a request comes from: what the staff's pages ask for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

import httpx
from fastapi import Depends, Request

from services.gateway import accounts
from services.gateway.backend import Backend, Params
from services.gateway.doors import CurrentTenant
from shared.errors import Forbidden, Unauthenticated
from shared.identity import Identity

BY_ITSELF = "x-by-itself"  # the header of a request that a page sends by itself, without anybody doing anything


class SignInNeeded(Unauthenticated):
    """Nobody of the staff is signed in with this browser (any more)."""


class NotAllowed(Forbidden):
    """The member's roles or offices do not include this."""


@dataclass(frozen=True)
class Member:
    """A member of staff who is signed in."""

    name: str
    identity: Identity

    def may(self, permission: str, office: str | None = None) -> bool:
        """Whether a role allows it, at this office if one is named."""
        return self.identity.may(permission, office)

    async def ask(
        self,
        service: Backend,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: dict[str, str] | None = None,
        body: str | None = None,
    ) -> httpx.Response:
        """Send a request to a service as this member; return the answer whatever it is, raise `ServiceAway`."""
        tenant = self.identity.tenant
        return await service.ask(method, path, tenant, params=params, headers=headers, body=body, who=self.identity)


def cookie_name(request: Request) -> str:
    """Return the name of the session's cookie; over TLS one that no sibling host can set."""
    return "__Host-staff" if request.url.scheme == "https" else "staff"


async def get_member(request: Request, tenant: CurrentTenant) -> Member:
    """Return who is signed in; raise `SignInNeeded`."""
    service = request.app.state.service
    key = request.cookies.get(cookie_name(request), "")
    idle = timedelta(minutes=service.settings.staff_idle_minutes)
    found = None
    if key:
        async with service.database.transaction(tenant.id) as session:
            found = await accounts.who_is(session, key, idle, is_active=BY_ITSELF not in request.headers)
    if found is None or (found["is_demo"] and not service.settings.demo_logins):
        raise SignInNeeded("Please sign in.")
    who = Identity(
        subject=str(found["id"]), roles=tuple(found["roles"]), offices=tuple(found["offices"]), tenant=tenant.id
    )
    return Member(found["name"], who)


CurrentMember = Annotated[Member, Depends(get_member)]


def require(permission: str) -> Callable[..., Awaitable[Member]]:
    """Return a dependency that lets in whom a role allows it, at the office of the address if it names one."""

    async def get_allowed(request: Request, member: CurrentMember) -> Member:
        if not member.may(permission, request.path_params.get("office")):
            raise NotAllowed("Your account does not include this. Whoever manages accounts can change that.")
        return member

    return get_allowed


def sign_in_address(language: str, request: Request) -> str:
    """Return the address of the sign-in page, which leads back to where a GET wanted to go."""
    to: Any = request.url.path.removeprefix(f"/{language}/staff") if request.method == "GET" else ""
    if to and request.url.query:
        to += f"?{request.url.query}"
    return f"/{language}/staff/sign-in" + (f"?to={quote(to, safe='')}" if to.strip("/") else "")
