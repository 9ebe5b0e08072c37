"""Renders pages: one template each, in the language of the address, with the tenant's name and links around it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from babel import Locale, negotiate_locale
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from httpx import codes
from jinja2 import Environment

from services.gateway import assets, csrf
from services.gateway.doors import CurrentTenant
from shared import languages
from shared.errors import NotFound
from shared.tenants import Tenant

HERE = Path(__file__).parent
LANGUAGES = languages.available(HERE)
_WANTED = re.compile(r"([a-zA-Z]{1,8}(?:-\w{1,8})*)(?:\s*;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?(?=\s*(?:,|$))")

# A page with what somebody typed or booked stays in no cache: phones are shared. Of the others a browser may keep
# a copy to go back to, with what was typed in it.

PERSONAL, COMMON = "no-store", "no-cache, private"


class PageNotFound(NotFound):
    """There is no such page."""


@dataclass(frozen=True)
class Problem:
    """Something to put right; `field` is the id of the input it stands at, empty for the whole page."""

    field: str
    text: str


async def get_language(lang: str, tenant: CurrentTenant) -> str:
    """Return the language of the address; raises `PageNotFound` for one that this tenant does not offer."""
    if lang not in languages.offered(tenant, LANGUAGES):
        raise PageNotFound("There is no such page.")
    return lang


CurrentLanguage = Annotated[str, Depends(get_language)]


def go(address: str) -> RedirectResponse:
    """Lead on to another page; no cache keeps where."""
    return RedirectResponse(address, 303, {"Cache-Control": PERSONAL})


def preferred_language(request: Request, tenant: Tenant | None) -> str:
    """Return the offered language that the browser asks for first, otherwise the tenant's first."""
    offered = languages.offered(tenant, LANGUAGES) if tenant else list(LANGUAGES)
    found = _WANTED.findall(request.headers.get("accept-language", ""))
    wanted = [language for language, _ in sorted(found, key=lambda one: float(one[1] or 1), reverse=True)]
    return negotiate_locale(wanted, offered, sep="-") or offered[0]


def in_preferred_language(request: Request, tenant: Tenant, cache: str = PERSONAL) -> RedirectResponse:
    """Go on from an address that knows no language, as those in mails do, to the same one in the browser's."""
    path = quote(request.scope["path"])
    headers = {"Vary": "Accept-Language", "Cache-Control": cache}
    return RedirectResponse(f"/{preferred_language(request, tenant)}{path}", 302, headers)


def page(
    request: Request,
    language: str,
    template: str,
    tenant: Tenant | None,
    *,
    status: int = 200,
    problems: Sequence[Problem] = (),
    cache: str = PERSONAL,
    behind_language: str | None = None,
    **values: Any,  # noqa: ANN401  what the template needs
) -> HTMLResponse:
    """Render a page. `behind_language`: where its like is found in another language, when not at the same address.

    What came by a form has no address of its own: there another language begins at the homepage.
    """
    rest = behind_language
    if rest is None:
        has_address = request.method == "GET" and status != codes.NOT_FOUND
        rest = request.url.path.removeprefix(f"/{language}/") if has_address else ""
        if rest and request.url.query:
            rest += f"?{request.url.query}"
    offered = languages.offered(tenant, LANGUAGES) if tenant else [language]
    common = {
        "language": language,
        "others": [(code, native_name(code), f"/{code}/{rest}") for code in offered if code != language],
        "tenant": tenant,
        "problems": problems,
        "at": {problem.field: problem for problem in problems},
        "csrf_token": lambda: csrf.token(request),
    }
    if hidden := values.keys() & common.keys():
        raise TypeError(f"{template} would not see these values: {', '.join(sorted(hidden))}")
    text = environment(language).get_template(template).render(values | common)
    response = HTMLResponse(text, status, {"Cache-Control": cache, "Content-Language": language})
    csrf.set_cookie(request, response)
    return response


def translate(language: str, text: str, **values: object) -> str:
    """Return a sentence in the language; mark it with `N_` where it is written."""
    return _catalogue(language).gettext(text) % values


def N_(text: str) -> str:  # noqa: N802  the name that tools for gettext know
    """Mark a text for translation."""
    return text


@cache
def environment(language: str) -> Environment:
    """Return the templates in a language."""
    made = languages.environment(HERE, language)
    made.globals |= {"asset": assets.url}
    made.filters |= {
        "in_language": lambda texts: pick(texts, language),
        "language_name": lambda code: Locale.parse(code).get_display_name(languages.locale(language)),
        "names": lambda concerns: [pick(concern["name"], language) for concern in concerns],
        # What several concerns ask for is named once.
        "papers": lambda concerns: list(dict.fromkeys(p for c in concerns for p in pick(c["papers"], language) or ())),
    }
    return made


@cache
def _catalogue(language: str) -> NullTranslations:
    return languages.catalogue(HERE, language)


def pick(texts: Mapping[str, Any], language: str) -> Any:  # noqa: ANN401  text or list of texts
    """Return the wording in the language."""
    return languages.pick(texts, language)


def native_name(code: str) -> str:
    """Return what those who speak a language call it."""
    return str(Locale.parse(code).get_display_name(code)).capitalize()
