"""Signing in at the authority's own provider: there, and back."""

from fastapi import APIRouter, Request, Response

from services.gateway import managing, members
from services.gateway.accounts import Account
from services.gateway.doors import CurrentTenant, OffersOfTenants
from services.gateway.mapping import SignInRefused, person_of
from services.gateway.pages.staff.signing_in import sign_in_page, where_to
from services.gateway.providers import LONGEST_SECONDS, NOT_COMPLETED, ProviderAway, Providers, Trip
from services.gateway.render import (
    N_,
    CurrentLanguage,
    PageNotFound,
    Problem,
    go,
    preferred_language,
    translate,
)
from shared.db import Session
from shared.tenants import Tenant

router = APIRouter(include_in_schema=False)

BACK = "/staff/sign-in/back"
AWAY = N_("The sign-in service of your authority does not answer. Please try again soon, or use a local account.")
TOO_LATE = N_("Signing in took too long, or it was begun in another browser. Please try again.")


@router.get("/{lang}/staff/sign-in/provider")
async def leave(request: Request, tenant: CurrentTenant, language: CurrentLanguage) -> Response:
    """Send the browser to the provider. It changes nothing here: all that is needed later is in the cookie."""
    providers: Providers = request.app.state.providers
    if tenant.id not in providers.of:
        raise PageNotFound("There is no such page.")
    trip = Trip.begin(tenant.id, language, where_to(request))
    try:
        address = await providers.address(trip, _back(request))
    except ProviderAway:
        return _problem(request, tenant, language, AWAY, 503)
    answer = go(address)
    secure = request.url.scheme == "https"
    answer.set_cookie(
        _cookie_name(request), providers.seal(trip), max_age=LONGEST_SECONDS, httponly=True, samesite="lax",
        secure=secure,
    )  # fmt: skip
    return answer


@router.get(BACK)
async def come_back(request: Request, tenant: CurrentTenant, offers: OffersOfTenants) -> Response:
    """Sign in whom the provider sends back."""
    providers: Providers = request.app.state.providers
    trip = providers.unseal(request.cookies.get(_cookie_name(request), ""))
    given = request.query_params
    if trip is None or trip.tenant != tenant.id or given.get("state") != trip.state:
        language = trip.language if trip else preferred_language(request, tenant)
        return _problem(request, tenant, language, TOO_LATE, 422)
    language = trip.language
    if "code" not in given:
        return _problem(request, tenant, language, NOT_COMPLETED, 422, trip.to)
    try:
        claims = await providers.claims(trip, given["code"], _back(request))
        person = person_of(providers.of[tenant.id], claims)
        known = [office["id"] for office in (await offers.get(tenant.id)).offices]

        async def work(session: Session) -> Account:
            return await managing.follow(session, person, known)

        account = await request.app.state.service.database.run(work, tenant.id)
    except ProviderAway:
        return _problem(request, tenant, language, AWAY, 503, trip.to)
    except SignInRefused as error:
        return _problem(request, tenant, language, translate(language, error.detail, **error.extra), 403, trip.to)
    old = request.cookies.get(members.cookie_name(request), "")
    key = await request.app.state.signing_in.begin(tenant.id, account, "provider", old)
    answer = go(f"/{language}/staff{trip.to}")
    members.set_cookie(request, answer, key)
    answer.delete_cookie(_cookie_name(request), secure=request.url.scheme == "https", httponly=True, samesite="lax")
    return answer


def _problem(request: Request, tenant: Tenant, language: str, text: str, status: int, to: str = "") -> Response:
    answer = sign_in_page(request, tenant, language, [Problem("", translate(language, text))], status, to=to)
    if status == 503:  # noqa: PLR2004
        answer.headers["Retry-After"] = "30"
    return answer


def _back(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{BACK}"


def _cookie_name(request: Request) -> str:
    return "__Host-trip" if request.url.scheme == "https" else "trip"
