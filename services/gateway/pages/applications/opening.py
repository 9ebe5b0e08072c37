"""Opening an application without an account: with its reference and the letter's code, or by the personal link."""

from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.gateway import drafts
from services.gateway.applications import ApplicationNotFound, CurrentApplications, Reference
from services.gateway.doors import CurrentTenant
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.applications.case import address_of, forget, let_in
from services.gateway.render import (
    COMMON,
    N_,
    PERSONAL,
    CurrentLanguage,
    Problem,
    go,
    in_preferred_language,
    page,
    translate,
)
from services.gateway.wishes import BIRTH_DATE, read_birth_date
from shared import references
from shared.tenants import Tenant

router = APIRouter(include_in_schema=False)
links = APIRouter(include_in_schema=False)

LONGEST = 100  # more was never a reference or a code
DRAFT = "reference"
FIELDS = ("reference", "code", "birth_date")
REFERENCE_MISSING = N_("Please enter the reference of your application.")
MISTYPED = N_("There is a slip in this reference: please compare each character with your letter.")
CODE_MISSING = N_("Please enter the code from your letter, or further below your date of birth.")
NOT_OPENED = N_("No application is opened by this. Please compare it with your letter, or ask us for a new code.")
CLOSED = N_("Please open your application again: the time is over, or access to it has changed.")


@links.get("/applications/{reference}/{token}")
async def find_language(request: Request, tenant: CurrentTenant) -> RedirectResponse:
    """Go on from the link in a mail, which knows no language."""
    return in_preferred_language(request, tenant)


@router.get("/{lang}/applications/open")
async def ask(request: Request, tenant: CurrentTenant, language: CurrentLanguage) -> HTMLResponse:
    """Ask for reference and code, also once more after those that open nothing."""
    typed = drafts.unseal(request, DRAFT, request.query_params.get("draft", ""))
    if typed:
        problems = _missing(typed, language) or [Problem("reference", translate(language, NOT_OPENED))]
        return _page(request, language, tenant, typed, problems)
    known = {"reference": request.query_params.get("reference", "")[:LONGEST]}
    closed = request.query_params.get("problem") == "closed"
    return _page(request, language, tenant, known, [Problem("code", translate(language, CLOSED))] if closed else [])


@router.post("/{lang}/applications/open")
async def open_it(
    request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage, door: CurrentApplications
) -> Response:
    """Open it. The birth date counts only without a code: it shows less. Whoever tries too many has to wait."""
    typed = {name: form.get(name, "").strip()[:LONGEST] for name in FIELDS}
    if problems := check_genuine(request, form, language):
        return _page(request, language, tenant, typed, problems, 403)
    if not _missing(typed, language):
        reference, born = references.normalise(typed["reference"]), read_birth_date(typed["birth_date"])
        given = {"code": typed["code"][:40]} if typed["code"] else {"birth_date": str(born)}
        with suppress(ApplicationNotFound):
            opened = await door.open(reference, **given)
            return let_in(request, go(address_of(language, reference)), opened)
    return go(f"/{language}/applications/open?{urlencode({'draft': drafts.seal(request, DRAFT, typed)})}")


@links.get("/{lang}/applications/{reference}/{token}")
async def open_link(
    request: Request, reference: Reference, token: str, language: CurrentLanguage, door: CurrentApplications
) -> Response:
    """Open it by the personal link, and leave the link: no history of a shared phone shall open it again.

    Nothing is changed by this: link scanners open links, too.
    """
    opened = await door.open(reference, token=token[:LONGEST])
    return let_in(request, go(address_of(language, reference)), opened)


@router.post("/{lang}/applications/leave")
async def leave(request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage) -> Response:
    """Let this phone forget everything, also for whoever has let it forget before."""
    if problems := check_genuine(request, form, language):
        return _page(request, language, tenant, {}, problems, 403)
    return forget(request, go(f"/{language}/applications/left"))


@router.get("/{lang}/applications/left")
async def say_left(request: Request, tenant: CurrentTenant, language: CurrentLanguage) -> Response:
    """Say that this phone knows nothing more."""
    return page(request, language, "application/left.html", tenant, cache=COMMON)


def _missing(typed: Mapping[str, str], language: str) -> list[Problem]:
    reference, has_code = typed.get("reference", ""), bool(typed.get("code"))
    born = typed.get("birth_date", "")
    told = {
        "reference": (not reference and REFERENCE_MISSING) or (not references.is_reference(reference) and MISTYPED),
        "code": not has_code and not born and CODE_MISSING,
        "birth_date": not has_code and bool(born) and read_birth_date(born) is None and BIRTH_DATE,
    }
    return [Problem(field, translate(language, text)) for field, text in told.items() if text]


def _page(
    request: Request,
    language: str,
    tenant: Tenant,
    typed: Mapping[str, str],
    problems: list[Problem],
    status: int = 422,
) -> HTMLResponse:
    return page(
        request, language, "application/open.html", tenant, status=status if problems else 200, problems=problems,
        cache=PERSONAL if any(typed.values()) else COMMON, form=typed,
    )  # fmt: skip
