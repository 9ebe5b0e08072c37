"""Errors over HTTP: RFC 9457 problem+json, mapped from slugs once, for every service."""

from collections.abc import Mapping
from http import HTTPStatus

import structlog
from asyncpg import PostgresError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from shared.db import DatabaseAway, is_transient
from shared.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    PreconditionFailed,
    ServiceError,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)

log = structlog.get_logger()

STATUS: Mapping[type[ServiceError], int] = {
    BadRequest: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    PreconditionFailed: 412,
    TooLarge: 413,
    UnsupportedMediaType: 415,
    Invalid: 422,
    TooManyRequests: 429,
    Unavailable: 503,
}
HEADERS = {STATUS[Unauthenticated]: {"WWW-Authenticate": "X-Identity"}, STATUS[Unavailable]: {"Retry-After": "5"}}
MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 20


class BodyTooLarge(HTTPException):
    """A body is over the limit. An `HTTPException`, as FastAPI lets nothing else pass while it reads one."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"At most {limit} bytes are accepted.", {"Connection": "close"})


def problem(status: int, slug: str, title: str, detail: str, **extra: object) -> JSONResponse:
    """Return a problem document. `type` is relative: it names the problem, nobody has to be able to open it."""
    content = {"type": f"/problems/{slug}", "title": title, "status": status, "detail": detail, **extra}
    headers = {"Cache-Control": "no-store"} | HEADERS.get(status, {})
    return JSONResponse(content, status, headers, MEDIA_TYPE)


def of_error(error: ServiceError) -> JSONResponse:
    """Render an expected error."""
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    answer = problem(status, error.slug, error.title, error.detail, **error.extra)
    if isinstance(error, TooManyRequests):
        answer.headers["Retry-After"] = str(error.extra["seconds"])
    return answer


def install(app: FastAPI) -> None:
    """Make an app answer with problem documents only."""

    @app.exception_handler(ServiceError)
    async def _expected(_: Request, error: ServiceError) -> JSONResponse:
        return of_error(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [{"field": _field(e["loc"]), "message": e["msg"]} for e in error.errors()[:MOST_ERRORS]]
        fields = ", ".join(sorted({e["field"] for e in errors}))
        return problem(422, "invalid-request", "Invalid request", f"Please correct: {fields}.", errors=errors)

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        title = "Body too large" if isinstance(error, BodyTooLarge) else HTTPStatus(error.status_code).phrase
        answer = problem(error.status_code, title.lower().replace(" ", "-"), title, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(DBAPIError)
    @app.exception_handler(PostgresError)
    @app.exception_handler(DatabaseAway)
    @app.exception_handler(ConnectionError)
    @app.exception_handler(TimeoutError)
    async def _database(request: Request, error: Exception) -> JSONResponse:
        if not is_transient(error):
            return await _unexpected(request, error)
        log.warning("database is away", error=type(error).__name__)
        part = request.app.state.service.name
        detail = f"The {part} service is away at the moment. Please try again soon."
        return problem(503, "service-away", "Service away", detail, part=part)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        route = getattr(request.scope.get("route"), "path", "")
        log.error("unexpected error", route=route, exc_info=error)
        return problem(500, "internal-error", "Internal error", "This should not happen. Nothing was changed.")


def _field(location: tuple[int | str, ...]) -> str:
    name = ".".join(str(part) for part in location[1:]) or str(location[0])
    return name[:100].encode(errors="replace").decode()  # half a surrogate pair could not be sent
