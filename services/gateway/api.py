"""The public JSON API under /api/v1. The gateway checks what comes in and hands on what the services answer."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.gateway.backend import Params
from services.gateway.codes import CurrentDoor, bearer
from services.gateway.doors import (
    AppointmentNumber,
    Booking,
    BookingFiguresOfTenants,
    CurrentTenant,
    JsonBody,
    Statistics,
)
from services.gateway.turns import require_turn
from shared import api, api_figures, api_queue

Credentials = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, description="The appointment's code, or the secret part of its link.")),
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=100,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the caller, one for each booking. Sent again with the same body: the same answer.",
    ),
]

_HOLDER = {"min_length": 16, "max_length": 100, "pattern": r"^[\x21-\x7e]+$"}
_HOLDER_IS = "Chosen by the caller and kept secret, one for each person: names what that person holds."
Holder = Annotated[str, Header(alias="Holder", description=_HOLDER_IS, **_HOLDER)]
MaybeHolder = Annotated[str | None, Header(alias="Holder", description=_HOLDER_IS, **_HOLDER)]
Also = Annotated[list[api.Slug], Query(max_length=api.MOST_CONCERNS - 1, description="Further concerns.")]


def problem_of(description: str) -> dict[str, Any]:
    """Describe a refusal."""
    return {"description": description, "content": {"application/problem+json": {"schema": {"type": "object"}}}}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: problem_of("There is no such thing."),
    413: problem_of("The body is too large."),
    415: problem_of("The body is not JSON."),
    422: problem_of("A value cannot be accepted; the answer says which and why."),
    503: problem_of("A service is away; `part` says which. Try again soon."),
}
WAIT: dict[int | str, dict[str, Any]] = {429: problem_of("Too many wrong codes; `Retry-After` says how long to wait.")}
RUSH: dict[int | str, dict[str, Any]] = {
    429: problem_of(
        "Very many people want to book: it goes by the website's waiting room. `Retry-After` says when to ask again."
    )
}
CONFLICT: dict[int | str, dict[str, Any]] = {409: problem_of("The present state does not allow it.")}

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)


@router.get("/offices", response_model=list[api.Office], tags=["booking"])
async def list_offices(tenant: CurrentTenant, booking: Booking) -> Response:
    """Return the offices."""
    return hand_on(await booking.ask("GET", "/offices", tenant.id))


@router.get("/offices/{office}/concerns", response_model=list[api.Concern], tags=["booking"])
async def list_concerns(office: api.Slug, tenant: CurrentTenant, booking: Booking) -> Response:
    """Return what an office can be visited for, and which papers to bring."""
    return hand_on(await booking.ask("GET", f"/offices/{office}/concerns", tenant.id))


@router.get("/offices/{office}/waiting", response_model=api_queue.Waiting, tags=["booking"])
async def get_waiting(office: api.Slug, tenant: CurrentTenant, booking: Booking) -> Response:
    """Return how long people without an appointment wait at an office now, by concern."""
    return hand_on(await booking.ask("GET", f"/offices/{office}/waiting", tenant.id))


@router.get("/offices/{office}/slots", response_model=list[api.Slot], responses=CONFLICT, tags=["booking"])
async def list_slots(
    office: api.Slug,
    concern: api.Slug,
    first: Annotated[date, Query(alias="from", description="First day.")],
    last: Annotated[date, Query(alias="to", description="Last day, included.")],
    tenant: CurrentTenant,
    booking: Booking,
    also: Also = [],  # noqa: B006  FastAPI copies it
) -> Response:
    """Return the free times of an office for a concern, or for several in one appointment."""
    params: Params = {"concern": concern, "from": first.isoformat(), "to": last.isoformat(), "also": also}
    return hand_on(await booking.ask("GET", f"/offices/{office}/slots", tenant.id, params=params))


@router.get("/offices/{office}/slots/explain", response_model=api.SlotExplanation, tags=["booking"])
async def explain_slot(
    office: api.Slug,
    concern: api.Slug,
    at: Annotated[api.Start, Query(description="A time, with its offset from UTC.")],
    tenant: CurrentTenant,
    booking: Booking,
    also: Also = [],  # noqa: B006  FastAPI copies it
) -> Response:
    """Return whether a time can be booked online, and if not, the rule that is in the way."""
    params: Params = {"concern": concern, "at": at.isoformat(), "also": also}
    return hand_on(await booking.ask("GET", f"/offices/{office}/slots/explain", tenant.id, params=params))


@router.post(
    "/holds",
    status_code=201,
    response_model=api.Hold,
    responses=CONFLICT | RUSH,
    tags=["booking"],
    dependencies=[Depends(require_turn)],
)
async def hold(
    request: api.HoldRequest, holder: Holder, _: JsonBody, tenant: CurrentTenant, booking: Booking
) -> Response:
    """Keep a time free for ten minutes, in place of what the same `Holder` held before. Held already: unchanged."""
    headers = {"Holder": holder}
    return hand_on(await booking.ask("POST", "/holds", tenant.id, headers=headers, body=request.model_dump_json()))


@router.post("/holds/extend", response_model=api.Hold, responses=CONFLICT, tags=["booking"])
async def extend_hold(holder: Holder, tenant: CurrentTenant, booking: Booking) -> Response:
    """Hold what the `Holder` holds for ten minutes from now on; ten times at most."""
    return hand_on(await booking.ask("POST", "/holds/extend", tenant.id, headers={"Holder": holder}))


@router.delete("/holds", status_code=204, response_class=Response, tags=["booking"])
async def let_hold_go(holder: Holder, tenant: CurrentTenant, booking: Booking) -> Response:
    """Free what the `Holder` holds; nothing held, nothing changes."""
    return hand_on(await booking.ask("DELETE", "/holds", tenant.id, headers={"Holder": holder}))


@router.post(
    "/appointments",
    status_code=201,
    response_model=api.BookedAppointment,
    responses=CONFLICT | RUSH,
    tags=["booking"],
    dependencies=[Depends(require_turn)],
)
async def book(
    request: api.AppointmentRequest,
    key: IdempotencyKey,
    _: JsonBody,
    tenant: CurrentTenant,
    booking: Booking,
    holder: MaybeHolder = None,
) -> Response:
    """Book an appointment. No account and no e-mail address is needed: number and code open it.

    A time that the `Holder` holds is theirs. A concern that is confirmed by mail leads to the state `unconfirmed`.
    """
    headers = {"Idempotency-Key": key} | ({"Holder": holder} if holder else {})
    return hand_on(
        await booking.ask("POST", "/appointments", tenant.id, headers=headers, body=request.model_dump_json())
    )


@router.get("/appointments/{number}", response_model=api.Appointment, responses=WAIT, tags=["booking"])
async def get_appointment(number: AppointmentNumber, given: Credentials, door: CurrentDoor) -> Response:
    """Return an appointment to whoever has its code."""
    return hand_on(await door.ask("GET", number, secret_of(given)))


@router.patch("/appointments/{number}", response_model=api.Appointment, responses=CONFLICT | WAIT, tags=["booking"])
async def move_appointment(
    number: AppointmentNumber, change: api.AppointmentMove, _: JsonBody, given: Credentials, door: CurrentDoor
) -> Response:
    """Move an appointment to another free time. Number, code and links stay; doing so again changes nothing."""
    return hand_on(await door.ask("PATCH", number, secret_of(given), change.model_dump_json()))


@router.delete("/appointments/{number}", response_model=api.Appointment, responses=CONFLICT | WAIT, tags=["booking"])
async def cancel_appointment(number: AppointmentNumber, given: Credentials, door: CurrentDoor) -> Response:
    """Cancel an appointment. Doing so again changes nothing."""
    return hand_on(await door.ask("DELETE", number, secret_of(given)))


@router.post(
    "/appointments/{number}/confirm", response_model=api.Appointment, responses=CONFLICT | WAIT, tags=["booking"]
)
async def confirm_appointment(number: AppointmentNumber, given: Credentials, door: CurrentDoor) -> Response:
    """Book what waits to be confirmed. Doing so again changes nothing."""
    return hand_on(await door.ask("POST", number, secret_of(given), path="/confirm"))


@router.put(
    "/appointments/{number}/waitlist", response_model=api.Appointment, responses=CONFLICT | WAIT, tags=["booking"]
)
async def join_waitlist(
    number: AppointmentNumber, wanted: api.WaitlistJoin, _: JsonBody, given: Credentials, door: CurrentDoor
) -> Response:
    """Ask for offers of an earlier time by mail. Doing so again changes nothing."""
    return hand_on(await door.ask("PUT", number, secret_of(given), wanted.model_dump_json(), "/waitlist"))


@router.delete("/appointments/{number}/waitlist", response_model=api.Appointment, responses=WAIT, tags=["booking"])
async def leave_waitlist(number: AppointmentNumber, given: Credentials, door: CurrentDoor) -> Response:
    """Ask for no more offers. Doing so again changes nothing."""
    return hand_on(await door.ask("DELETE", number, secret_of(given), path="/waitlist"))


@router.get("/offers/{offer}", response_model=api.Offer, tags=["booking"])
async def get_offer(offer: UUID, given: Credentials, tenant: CurrentTenant, booking: Booking) -> Response:
    """Return an offer of an earlier time to whoever has its link."""
    return hand_on(await booking.ask("GET", f"/offers/{offer}", tenant.id, headers=bearer(secret_of(given))))


@router.post("/offers/{offer}/accept", response_model=api.Offer, responses=CONFLICT, tags=["booking"])
async def accept_offer(offer: UUID, given: Credentials, tenant: CurrentTenant, booking: Booking) -> Response:
    """Move the appointment to the offered time. Doing so again changes nothing."""
    return hand_on(await booking.ask("POST", f"/offers/{offer}/accept", tenant.id, headers=bearer(secret_of(given))))


@router.post("/offers/{offer}/decline", response_model=api.Offer, tags=["booking"])
async def decline_offer(offer: UUID, given: Credentials, tenant: CurrentTenant, booking: Booking) -> Response:
    """Keep the appointment as it is. Doing so again changes nothing."""
    return hand_on(await booking.ask("POST", f"/offers/{offer}/decline", tenant.id, headers=bearer(secret_of(given))))


@router.get("/statistics/appointments", response_model=api_figures.AppointmentFigures, tags=["statistics"])
async def appointment_figures(tenant: CurrentTenant, statistics: Statistics) -> Response:
    """Return how many appointments were booked online this month."""
    return hand_on(await statistics.ask("GET", "/appointments", tenant.id))


@router.get("/statistics/waiting", response_model=api_figures.WaitingFigures, tags=["statistics"])
async def waiting_figures(tenant: CurrentTenant, statistics: Statistics) -> Response:
    """Return how late appointments began and how long people waited without one, in the last four weeks."""
    return hand_on(await statistics.ask("GET", "/waiting", tenant.id))


@router.get("/statistics/outcomes", response_model=api_figures.OutcomeFigures, tags=["statistics"])
async def outcome_figures(tenant: CurrentTenant, statistics: Statistics) -> Response:
    """Return what became of the appointments of the last four weeks: served, missed, excused, or cancelled how."""
    return hand_on(await statistics.ask("GET", "/outcomes", tenant.id))


@router.get("/statistics/booking", response_model=api_figures.BookingFigures, tags=["statistics"])
async def booking_figures(tenant: CurrentTenant, known: BookingFiguresOfTenants) -> Response:
    """Return how often a free time is found, how far away it is, and how many appointments are kept."""
    return JSONResponse(await known.get(tenant.id), headers={"Cache-Control": "no-store"})


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> dict[str, Any]:
    """Return the description of this API."""
    schema: dict[str, Any] = request.app.openapi()
    return schema


def secret_of(given: HTTPAuthorizationCredentials | None) -> str:
    """Return what stands in the header; empty without one."""
    return given.credentials if given else ""


def hand_on(answer: httpx.Response) -> Response:
    """Return what a service has answered."""
    headers = {"Cache-Control": "no-store"}
    if "retry-after" in answer.headers:
        headers["Retry-After"] = answer.headers["retry-after"]
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(answer.content, answer.status_code, headers, answer.headers.get("content-type"))
