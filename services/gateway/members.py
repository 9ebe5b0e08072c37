"""Who of the staff a request comes from: what the staff's pages ask for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import httpx
from fastapi import Depends, Request, Response

from services.gateway import sessions
from services.gateway.accounts import Account
from services.gateway.backend import Backend, Params
from services.gateway.doors import CurrentTenant
from shared.errors import Forbidden, Unauthenticated
from shared.identity import Identity

BY_ITSELF = "by-itself"  # in the address of a page that loads itself anew where there is no JavaScript


class SignInNeeded(Unauthenticated):
    """Nobody of the staff is signed in with this browser (any more). `extra["ended"]`: somebody was."""


class StepNeeded(Unauthenticated):
    """Before anything else, who has signed in has to do what the page `page` (behind `/staff`) is for."""

    def __init__(self, page: str) -> None:
        super().__init__("Please finish signing in.")
        self.page = page


class NotAllowed(Forbidden):
    """The member's roles or offices do not include this."""


@dataclass(frozen=True)
class Member:
    """A member of staff who is signed in."""

    name: str
    identity: Identity
    account: Account = field(default_factory=dict, compare=False)
    key: str = field(default="", repr=False)  # of the session

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


def is_by_itself(request: Request) -> bool:
    """Tell whether a page sends this request by itself, without anybody doing anything."""
    return f"x-{BY_ITSELF}" in request.headers or BY_ITSELF in request.query_params


def cookie_name(request: Request) -> str:
    """Return the name of the session's cookie; over TLS one that no sibling host can set."""
    return "__Host-staff" if request.url.scheme == "https" else "staff"


def set_cookie(request: Request, response: Response, key: str) -> None:
    """Give the browser the key of its session, which ends with the browser."""
    response.set_cookie(cookie_name(request), key, httponly=True, samesite="lax", secure=request.url.scheme == "https")


async def get_half_member(request: Request, tenant: CurrentTenant) -> Member:
    """Return who has given the right password, code or not; raise `SignInNeeded`."""
    service = request.app.state.service
    key = request.cookies.get(cookie_name(request), "")
    idle = timedelta(minutes=service.settings.staff_idle_minutes)
    found = None
    if key:
        async with service.database.transaction(tenant.id) as session:
            found = await sessions.get(session, key, idle, is_active=not is_by_itself(request))
    if found is None or not request.app.state.signing_in.may_sign_in(found):
        raise SignInNeeded("Please sign in.", ended=bool(key))
    who = Identity(
        subject=str(found["id"]), roles=tuple(found["roles"]), offices=tuple(found["offices"]), tenant=tenant.id
    )
    return Member(found["name"], who, found, key)


async def get_holder(half: Annotated[Member, Depends(get_half_member)]) -> Member:
    """Return who is signed in, and may still have to choose a password or to set up a second factor."""
    if not half.account["complete"]:
        raise StepNeeded("/sign-in/code")
    return half


async def get_owner(holder: Annotated[Member, Depends(get_holder)]) -> Member:
    """Return who is signed in with a password of their own, and may still have to set up a second factor."""
    if holder.account["must_change_password"]:
        raise StepNeeded("/account/password")
    return holder


async def get_member(request: Request, owner: Annotated[Member, Depends(get_owner)]) -> Member:
    """Return who is signed in; raise `SignInNeeded`, `StepNeeded`."""
    if owner.account["totp_secret"] is None and request.app.state.signing_in.needs_second_factor(owner.account):
        raise StepNeeded("/account/second-factor")
    return owner


HalfMember = Annotated[Member, Depends(get_half_member)]
CurrentMember = Annotated[Member, Depends(get_member)]


def require(permission: str) -> Callable[..., Awaitable[Member]]:
    """Return a dependency that lets in whom a role allows it, at the office of the address if it names one."""

    async def get_allowed(request: Request, member: CurrentMember) -> Member:
        if not member.may(permission, request.path_params.get("office")):
            raise NotAllowed("Your account does not include this. Whoever manages accounts can change that.")
        return member

    return get_allowed


def sign_in_address(language: str, request: Request, *, ended: bool = False) -> str:
    """Return the address of the sign-in page, which leads back to where somebody was, or wanted to go."""
    begin = f"/{language}/staff"
    address = request.url.path, request.url.query
    if request.method != "GET":  # back to the page with the form
        try:
            page = urlsplit(request.headers.get("referer", ""))
        except ValueError:  # no address at all
            page = urlsplit("")
        address = (page.path, page.query) if page.netloc == request.url.netloc else ("", "")
    to: Any = address[0].removeprefix(begin) if address[0].startswith(begin + "/") else ""
    if to and address[1]:
        to += f"?{address[1]}"
    query = [f"to={quote(to, safe='')}"] * bool(to.strip("/")) + ["ended=yes"] * ended
    return f"{begin}/sign-in" + ("?" + "&".join(query) if query else "")
