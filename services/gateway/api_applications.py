"""The public JSON API for applications: sent, opened, looked at, asked for, withdrawn."""

from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.gateway.api import CONFLICT, PROBLEMS, IdempotencyKey, hand_on, problem_of, secret_of
from services.gateway.applications import CurrentApplications, Reference
from services.gateway.codes import bearer
from services.gateway.doors import JsonBody
from shared import api_applications as api

Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, scheme_name="Access", description="From `…/access`.")),
]
OPENED: dict[int | str, dict[str, Any]] = {
    401: problem_of("Not opened, or so long ago that it has closed again: ask for access once more."),
    403: problem_of("With the date of birth alone this cannot be done."),
}
WAIT: dict[int | str, dict[str, Any]] = {429: problem_of("Too many wrong tries; `Retry-After` says how long to wait.")}

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["applications"])


@router.get("/benefits", response_model=list[api.BenefitOffer])
async def list_benefits(door: CurrentApplications) -> Response:
    """Return what can be applied for, and which papers that needs."""
    return hand_on(await door.ask("GET", "/benefits"))


@router.post("/applications", status_code=201, response_model=api.ApplicationSent)
async def apply(
    request: api.ApplicationRequest, key: IdempotencyKey, _: JsonBody, door: CurrentApplications
) -> Response:
    """Make an application: the time at which it comes in counts. Reference and code open it, and so does the link."""
    headers = {"Idempotency-Key": key}
    return hand_on(await door.ask("POST", "/applications", headers=headers, body=request.model_dump_json()))


@router.post("/applications/{reference}/access", response_model=api.Access, responses=WAIT)
async def open_application(
    reference: Reference, given: api.AccessRequest, _: JsonBody, door: CurrentApplications
) -> Response:
    """Exchange code, link's token or birth date for a bearer. What does not open always looks the same."""
    return hand_on(await door.ask_for_access(reference, given.model_dump_json(exclude_none=True)))


@router.get("/applications/{reference}", response_model=api.ApplicationStatus, responses=OPENED)
async def get_application(reference: Reference, given: Bearer, door: CurrentApplications) -> Response:
    """Return where an application stands, and how long its state usually lasts."""
    found = await door.ask_where_it_stands(reference, secret_of(given))
    if isinstance(found, httpx.Response):
        return hand_on(found)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


@router.post(
    "/applications/{reference}/status-inquiries", status_code=201, response_model=api.Inquiry, responses=OPENED
)
async def inquire(reference: Reference, given: Bearer, door: CurrentApplications) -> Response:
    """Let the address on file be told where the application stands."""
    path = f"/applications/{reference}/status-inquiries"
    return hand_on(await door.ask("POST", path, headers=bearer(secret_of(given))))


@router.post("/applications/{reference}/withdrawal", response_model=api.ApplicationStatus, responses=OPENED | CONFLICT)
async def withdraw(reference: Reference, given: Bearer, door: CurrentApplications) -> Response:
    """Withdraw an application. Doing so again changes nothing."""
    path = f"/applications/{reference}/withdrawal"
    return hand_on(await door.ask("POST", path, headers=bearer(secret_of(given))))
