"""Signing in, with password and code, and out."""

import re
from collections.abc import Sequence
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import accounts, csrf, members, sessions
from services.gateway.attempts import TooManyAttempts
from services.gateway.doors import CurrentTenant
from services.gateway.forms import CurrentForm, check_genuine, get_form
from services.gateway.members import HalfMember, SignInNeeded, StepNeeded, cookie_name
from services.gateway.pages.errors import is_repeated
from services.gateway.render import (
    LANGUAGES,
    N_,
    CurrentLanguage,
    Problem,
    in_preferred_language,
    page,
    preferred_language,
    translate,
)
from services.gateway.render import (
    go as go,
)
from services.gateway.signing_in import Client, SigningIn
from shared.tenants import Tenant

router = APIRouter(include_in_schema=False)

_WITHIN = re.compile(r"(/[a-z0-9-]+)+/?(\?[^\\\s#]*)?", re.IGNORECASE)  # where somebody may go on, behind /staff
_KNOWN_SECONDS = 180 * 24 * 3600
WRONG = N_("Name and password do not fit together. Please check both.")
WRONG_CODE = N_("This code is not right, or it was used already. Please wait for the next one.")
WAIT = N_("There were too many wrong tries. Please try again in %(minutes)s minutes.")
WAIT_ONE = N_("There were too many wrong tries. Please try again in one minute.")


def install(app: FastAPI) -> None:
    """Let `SignInNeeded` and `StepNeeded` be answered with the way to the page where it is done."""

    @app.exception_handler(SignInNeeded)
    async def _sign_in(request: Request, error: SignInNeeded) -> Response:
        language, ended = _language(request), bool(error.extra.get("ended"))
        if ended and request.method == "POST" and is_repeated(request.url.path):
            form = await get_form(request)
            if form.keys() - {csrf.FIELD}:
                # The token stays as it was sent: a form that came from elsewhere is refused when it is sent again.
                tenant = request.app.state.service.tenants.of_host(request.headers.get("host", ""))
                behind = f"{request.url.path}?{request.url.query}".rstrip("?")
                return page(
                    request, language, "staff/ended.html", tenant, status=403, member=None, form=form, again=behind,
                    behind_language="staff/sign-in",
                )  # fmt: skip
        return go(members.sign_in_address(language, request, ended=ended))

    @app.exception_handler(StepNeeded)
    async def _step(request: Request, error: StepNeeded) -> Response:
        return go(f"/{_language(request)}/staff{error.page}")


@router.get("/staff")
async def choose_language(request: Request, tenant: CurrentTenant) -> RedirectResponse:
    """Go on in the language that the browser asks for."""
    return in_preferred_language(request, tenant)


@router.get("/{lang}/staff/sign-in")
async def ask(request: Request, tenant: CurrentTenant, language: CurrentLanguage) -> Response:
    """Ask who it is."""
    return sign_in_page(request, tenant, language)


@router.post("/{lang}/staff/sign-in")
async def sign_in(request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage) -> Response:
    """Sign in by name and password, and go on to where somebody wanted to go, or to the code."""
    login = form.get("login", "")
    if problems := check_genuine(request, form, language):
        return sign_in_page(request, tenant, language, problems, 403, login)
    signing_in: SigningIn = request.app.state.signing_in
    client = Client(request.client.host if request.client else "", request.cookies.get(_known_name(request), ""))
    try:
        account = await signing_in.check_password(tenant.id, login, form.get("password", ""), client)
    except TooManyAttempts as error:
        return _waiting(error, sign_in_page(request, tenant, language, [_wait(language, error, "login")], 429, login))
    if account is None:
        problem = Problem("login", translate(language, WRONG))
        return sign_in_page(request, tenant, language, [problem], 422, login)
    to, complete = where_to(request), account["totp_secret"] is None
    old = request.cookies.get(cookie_name(request), "")
    key = await signing_in.begin(tenant.id, account, "password", old, complete=complete)
    answer = go(f"/{language}/staff{to}" if complete else _code_address(language, to))
    members.set_cookie(request, answer, key)
    if complete:
        _remember(request, answer, tenant, account["login"])
    return answer


@router.get("/{lang}/staff/sign-in/code")
async def ask_code(request: Request, tenant: CurrentTenant, language: CurrentLanguage, half: HalfMember) -> Response:
    """Ask for a code."""
    if half.account["complete"]:
        return go(f"/{language}/staff{where_to(request)}")
    return _code_page(request, tenant, language)


@router.post("/{lang}/staff/sign-in/code")
async def give_code(
    request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage, half: HalfMember
) -> Response:
    """Finish signing in with a code of the app or a recovery code."""
    if problems := check_genuine(request, form, language):
        return _code_page(request, tenant, language, problems, 403)
    signing_in: SigningIn = request.app.state.signing_in
    try:
        right = await signing_in.check_code(tenant.id, half.account, form.get("code", ""))
    except TooManyAttempts as error:
        return _waiting(error, _code_page(request, tenant, language, [_wait(language, error, "code")], 429))
    if not right:
        return _code_page(request, tenant, language, [Problem("code", translate(language, WRONG_CODE))], 422)
    key = await signing_in.begin(tenant.id, half.account, "password and code", half.key)
    answer = go(f"/{language}/staff{where_to(request)}")
    members.set_cookie(request, answer, key)
    _remember(request, answer, tenant, half.account["login"])
    return answer


@router.post("/{lang}/staff/sign-out")
async def sign_out(request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage) -> Response:
    """Sign out; a form that is not ours signs nobody out, and says so."""
    if problems := check_genuine(request, form, language):
        return page(
            request, language, "staff/sign_out.html", tenant, status=403, problems=problems, member=None,
            behind_language="staff",
        )  # fmt: skip
    answer = go(f"/{language}/staff/sign-in")
    async with request.app.state.service.database.transaction(tenant.id) as session:
        await sessions.end(session, request.cookies.get(cookie_name(request), ""))
    answer.delete_cookie(cookie_name(request), secure=request.url.scheme == "https", httponly=True, samesite="lax")
    return answer


def where_to(request: Request) -> str:
    """Return where somebody wanted to go, behind `/staff`; nowhere when it is no page of ours."""
    to = request.query_params.get("to", "")
    return to if _WITHIN.fullmatch(to) else ""


def sign_in_page(
    request: Request,
    tenant: Tenant,
    language: str,
    problems: Sequence[Problem] = (),
    status: int = 200,
    login: str = "",
    to: str = "",
) -> Response:
    """Show the page for signing in, with what is wrong. `to`: where to go then, if the address does not say it."""
    demo = [name for name, _ in accounts.DEMO] if request.app.state.service.settings.demo_logins else []
    to = to or where_to(request)
    query = f"?to={quote(to, safe='')}" if to else ""
    return page(
        request, language, "staff/sign_in.html", tenant, status=status, problems=problems, login=login,
        demo=demo, demo_password=accounts.DEMO_PASSWORD, member=None, ended="ended" in request.query_params,
        has_provider=tenant.id in request.app.state.providers.of, query=query,
        behind_language=f"staff/sign-in{query}",
    )  # fmt: skip


def wait_text(language: str, error: TooManyAttempts) -> str:
    """Say for how long to wait."""
    minutes = -(-int(str(error.extra["seconds"])) // 60)
    return translate(language, WAIT_ONE) if minutes == 1 else translate(language, WAIT, minutes=minutes)


def _wait(language: str, error: TooManyAttempts, field: str) -> Problem:
    return Problem(field, wait_text(language, error))


def _waiting(error: TooManyAttempts, answer: Response) -> Response:
    answer.headers["Retry-After"] = str(error.extra["seconds"])
    return answer


def _code_page(
    request: Request, tenant: Tenant, language: str, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    return page(request, language, "staff/code.html", tenant, status=status, problems=problems, member=None)


def _code_address(language: str, to: str) -> str:
    return f"/{language}/staff/sign-in/code" + (f"?to={quote(to, safe='')}" if to else "")


def _language(request: Request) -> str:
    first = request.url.path.strip("/").partition("/")[0]
    return first if first in LANGUAGES else preferred_language(request, None)


def _known_name(request: Request) -> str:
    return "__Host-known" if request.url.scheme == "https" else "known"


def _remember(request: Request, answer: Response, tenant: Tenant, login: str) -> None:
    """Let the browser show later that this account has signed in with it; it opens nothing."""
    mark = request.app.state.signing_in.known_mark(tenant.id, login)
    answer.set_cookie(
        _known_name(request), mark, max_age=_KNOWN_SECONDS, httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip
