"""Signing in and out."""

import asyncio
import re

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import accounts, members
from services.gateway.doors import CurrentTenant
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.members import SignInNeeded, cookie_name
from services.gateway.models import audit_entries
from services.gateway.render import (
    LANGUAGES,
    N_,
    PERSONAL,
    CurrentLanguage,
    Problem,
    in_preferred_language,
    page,
    preferred_language,
    translate,
)
from shared import audit
from shared.tenants import Tenant

router = APIRouter(include_in_schema=False)

_WITHIN = re.compile(r"(/[a-z0-9-]+)+/?(\?[^\\\s#]*)?", re.IGNORECASE)  # where somebody may go on, behind /staff
WRONG = N_("Name and password do not fit together. Please check both.")


def install(app: FastAPI) -> None:
    """Let `SignInNeeded` be answered with the way to the sign-in page."""

    @app.exception_handler(SignInNeeded)
    async def _sign_in(request: Request, _: SignInNeeded) -> Response:
        first = request.url.path.strip("/").partition("/")[0]
        language = first if first in LANGUAGES else preferred_language(request, None)
        return _go(members.sign_in_address(language, request))


@router.get("/staff")
async def choose_language(request: Request, tenant: CurrentTenant) -> RedirectResponse:
    """Go on in the language that the browser asks for."""
    return in_preferred_language(request, tenant)


@router.get("/{lang}/staff/sign-in")
async def ask(request: Request, tenant: CurrentTenant, language: CurrentLanguage) -> Response:
    """Ask who it is."""
    return _page(request, tenant, language)


@router.post("/{lang}/staff/sign-in")
async def sign_in(request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage) -> Response:
    """Sign in by name and password, and go on to where somebody wanted to go."""
    if problems := check_genuine(request, form, language):
        return _page(request, tenant, language, problems, 403, form.get("login", ""))
    service = request.app.state.service
    async with service.database.transaction(tenant.id) as session:
        account = await accounts.find(session, form.get("login", ""))
    # Outside of the transaction: it is slow on purpose.
    right = await asyncio.to_thread(accounts.is_right, account, form.get("password", ""))
    refused = account is None or account["disabled_at"] or (account["is_demo"] and not service.settings.demo_logins)
    if not right or refused or account is None:
        return _page(
            request, tenant, language, [Problem("login", translate(language, WRONG))], 422, form.get("login", "")
        )
    async with service.database.transaction(tenant.id) as session:
        key = await accounts.begin_session(session, account["id"])
        audit.add(session, audit_entries, str(account["id"]), "sign-in")
    answer = _go(f"/{language}/staff{_where_to(request)}")
    secure = request.url.scheme == "https"
    answer.set_cookie(cookie_name(request), key, httponly=True, samesite="lax", secure=secure)
    return answer


@router.post("/{lang}/staff/sign-out")
async def sign_out(request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage) -> Response:
    """Sign out; a form that is not ours signs nobody out."""
    answer = _go(f"/{language}/staff/sign-in")
    if not check_genuine(request, form, language):
        async with request.app.state.service.database.transaction(tenant.id) as session:
            await accounts.end_session(session, request.cookies.get(cookie_name(request), ""))
        answer.delete_cookie(cookie_name(request), secure=request.url.scheme == "https", httponly=True, samesite="lax")
    return answer


def _where_to(request: Request) -> str:
    to = request.query_params.get("to", "")
    return to if _WITHIN.fullmatch(to) else ""


def _page(
    request: Request,
    tenant: Tenant,
    language: str,
    problems: list[Problem] | None = None,
    status: int = 200,
    login: str = "",
) -> Response:
    demo = [name for name, _ in accounts.DEMO] if request.app.state.service.settings.demo_logins else []
    return page(
        request, language, "staff/sign_in.html", tenant, status=status, problems=problems or [], login=login,
        demo=demo, demo_password=accounts.DEMO_PASSWORD, member=None,
    )  # fmt: skip


def _go(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303, {"Cache-Control": PERSONAL})
