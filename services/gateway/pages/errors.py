"""Errors as pages: what happened, what to do, and a button that sends what was typed once more."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response

from services.gateway.applications import ApplicationNotFound
from services.gateway.devices import DeviceUnknown
from services.gateway.doors import AppointmentNotFound
from services.gateway.headers import HEADERS
from services.gateway.render import LANGUAGES, page, preferred_language
from shared.tenants import UnknownHost

# For programs: they get problem documents.
_PROGRAMS = ("/api/", "/health/", "/metrics", "/static/")
# What is typed there is no page's business to repeat: passwords, codes, and whatever is left on a screen for all.
_UNREPEATED = re.compile(r"/[a-z]+/(staff/(sign-in|accounts?)|office/[^/]+/kiosk)(/.*)?")
_NAMED = ((AppointmentNotFound, "appointment"), (ApplicationNotFound, "application"), (DeviceUnknown, "device"))
# What the template has words for.
_KINDS = ("appointment", "application", "device", 403, 404, 405, 413, 422, 429, 500, 503)

Handler = Callable[[Request, Any], Awaitable[Response]]


def is_repeated(path: str) -> bool:
    """Tell whether a page may repeat what was sent to this path."""
    return not _UNREPEATED.fullmatch(path)


def install(app: FastAPI) -> None:
    """Let every error that a person meets be a page, with the status of the problem document it replaces."""
    for kind, handler in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, _as_page(handler))  # type: ignore[arg-type]


def _as_page(handler: Handler) -> Handler:
    async def handle(request: Request, error: Any) -> Response:  # noqa: ANN401  whatever was raised
        answer = await handler(request, error)
        answer.headers.update(HEADERS)  # what answers an unforeseen error stands outside of all middleware
        if request.url.path.startswith(_PROGRAMS):
            return answer
        seconds = getattr(error, "extra", {}).get("seconds")
        kind = next((name for kind, name in _NAMED if isinstance(error, kind)), answer.status_code)
        shown = error_page(request, answer.status_code, kind, wait_seconds=seconds)
        for name in ("retry-after", "allow", "connection"):
            if name in answer.headers:
                shown.headers[name] = answer.headers[name]
        shown.headers.update(HEADERS)
        return shown

    return handle


def error_page(request: Request, status: int, kind: int | str, wait_seconds: int | None = None) -> Response:
    """Render an error; of a form that was sent, everything is kept for another try, but for secrets."""
    try:
        tenant = request.app.state.service.tenants.of_host(request.headers.get("host", ""))
    except UnknownHost:
        tenant = None
    first = request.url.path.strip("/").partition("/")[0]
    language = first if first in LANGUAGES else preferred_language(request, tenant)
    passes = status in (429, 500, 503)
    form = getattr(request.state, "form", None) if passes and is_repeated(request.url.path) else None
    address = f"{request.url.path}?{request.url.query}".rstrip("?")
    return page(
        request,
        language,
        "error.html",
        tenant,
        status=status,
        kind=kind if kind in _KINDS else 400,
        form=form,
        again=address if passes and request.method == "GET" else "",
        path=request.url.path,
        minutes=max(1, round((wait_seconds or 60) / 60)),
    )
