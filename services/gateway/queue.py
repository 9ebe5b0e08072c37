"""The gateway's way to the queue of an office: arriving, drawing a ticket, looking at it, giving it back."""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import Depends, Request

from services.gateway import csrf
from services.gateway.attempts import counted_as
from services.gateway.backend import Backend, slug_of
from services.gateway.codes import AppointmentDoor, CurrentDoor, bearer
from services.gateway.doors import AppointmentNotFound, Booking, CurrentTenant
from services.gateway.phones import Phone, counted
from services.gateway.render import N_
from shared.api_queue import ArrivalRequest, TicketRequest
from shared.errors import NotFound, TooManyRequests

Document = Mapping[str, Any]

LONGEST, LONGEST_SHOWN = 100, 20  # more was never a number, a code or a token; nor the code of an office
_KEY = re.compile(r"[A-Za-z0-9_-]{8,100}")

MISSING = {"number": N_("Please enter the number."), "code": N_("Please enter the code.")}
NOT_FOUND = N_("No appointment has this number and this code. Please compare both with your confirmation.")
TOO_MANY = N_("There were too many wrong tries. Please go to the reception.")
MANY_TICKETS = N_("Several tickets were drawn with this phone just now. For another one please go to the reception.")
# By the slug with which booking refuses, or its reason: the field, and what to do.
WHY = {
    "office-code-wrong": (
        "shown",
        N_("This is not the code that the display shows now. Please look at it once more."),
    ),
    "idempotency-key-reused": (
        "concern",
        N_("You have drawn a ticket for something else already. For another one please begin again."),
    ),
    "not-confirmed": (
        "number",
        N_("This appointment was not confirmed. Please draw a ticket, or ask at the reception."),
    ),
    "phone-arrival-off": (
        "number",
        N_("Please check in at the kiosk or at the reception; by phone it is not possible now."),
    ),
    "switched-off": ("concern", N_("There are no tickets at the moment. Please ask at the reception.")),
    "closed": (
        "concern",
        N_("Nobody without an appointment is received any more today. Please book one, or ask at the reception."),
    ),
    "not-yet": ("concern", N_("There are no tickets yet. Please come back when we are open.")),
    "too-many": ("concern", N_("More people are waiting than we can receive today. Please ask at the reception.")),
}
UNKNOWN_CONCERN = N_("Please choose what it is about.")


def request_key(given: str) -> str:
    """Return the key with which a ticket is drawn once; a new one when a form's is none."""
    return given if _KEY.fullmatch(given) else secrets.token_urlsafe()


class TicketNotFound(NotFound):
    """There is no such ticket."""


class Refused(Exception):
    """Somebody has to put something right in the field of this name; `text` says what."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field, self.text = field, text


def read_scanned(typed: Mapping[str, str]) -> tuple[str, str]:
    """Return number and code, typed, or from the link in a confirmation's QR code; raise `Refused`."""
    number, code = (typed.get(name, "").strip() for name in ("number", "code"))
    _, is_link, rest = re.split("[?#]", number, maxsplit=1)[0].partition("/appointments/")
    if is_link:
        number, _, code = rest.partition("/")
    number, code = number[:LONGEST].strip(), code.partition("/")[0][:LONGEST].strip()
    for name, value in (("number", number), ("code", code)):
        if not value:
            raise Refused(name, MISSING[name])
    return number, code


@dataclass(frozen=True)
class QueueDoor:
    """The way to the queues of one tenant's offices, for a kiosk or for somebody's own phone."""

    tenant: str
    booking: Backend
    appointments: AppointmentDoor
    phone: Phone

    async def arrive(self, office: str, number: str, code: str, shown: str | None) -> Document:
        """Check somebody in; return the arrival. `shown`: by phone, the code they saw. Raise `Refused`."""
        via = "kiosk" if shown is None else "phone"
        wanted = ArrivalRequest(number=number, code=code, via=via, rotating_code=shown and shown[:LONGEST_SHOWN])
        with self._guess(office, shown):
            try:
                return self._read(await self.appointments.arrive(office, number, code, wanted.model_dump_json()))
            except AppointmentNotFound as error:
                raise Refused("number", NOT_FOUND) from error
            except TooManyRequests as error:
                raise Refused("number", TOO_MANY) from error

    async def draw(self, office: str, concern: str, language: str, key: str, shown: str | None) -> Document:
        """Draw a ticket; the same key gives the same one. `shown`: by phone, the code they saw. Raise `Refused`."""
        via = "kiosk" if shown is None else "phone"
        code = shown and shown[:LONGEST_SHOWN]
        wanted = TicketRequest(concern=concern, language=language, via=via, rotating_code=code)
        key = request_key(key)
        headers, path = {"Idempotency-Key": key}, f"/offices/{office}/tickets"
        with self._guess(office, shown), self._drawing(office, key, shown):
            body = wanted.model_dump_json()
            return self._read(await self.booking.ask("POST", path, self.tenant, headers=headers, body=body))

    async def get(self, ticket: UUID, secret: str) -> Document:
        """Return a ticket to whoever has its secret; raise `TicketNotFound`."""
        answer = await self.booking.ask("GET", f"/tickets/{ticket}", self.tenant, headers=bearer(secret))
        return self._read_ticket(answer)

    async def leave(self, ticket: UUID, secret: str) -> None:
        """Give a ticket back; nothing changes when it cannot be any more. Raise `TicketNotFound`."""
        answer = await self.booking.ask("DELETE", f"/tickets/{ticket}", self.tenant, headers=bearer(secret))
        if answer.status_code != httpx.codes.CONFLICT:
            self._read_ticket(answer)

    async def waiting(self, office: str) -> Document:
        """Return how long people without an appointment wait; raise `ServiceAway`."""
        found: Document = await self.booking.get(f"/offices/{office}/waiting", self.tenant)
        return found

    @contextmanager
    def _guess(self, office: str, shown: str | None) -> Iterator[None]:
        """Count a wrong code of a display. Raise `Refused`."""
        counts = () if shown is None else self.phone.guesses(f"{self.tenant} {office}")
        with counted(counts, Refused("shown", TOO_MANY), _is_wrong_code):
            yield

    @contextmanager
    def _drawing(self, office: str, key: str, shown: str | None) -> Iterator[None]:
        """Count a ticket drawn by phone. Raise `Refused`."""
        counts = () if shown is None else self.phone.tickets(f"{self.tenant} {office}", key)
        with counted(counts, Refused("concern", MANY_TICKETS), lambda error: error is None):
            yield

    def _read(self, answer: httpx.Response) -> Document:
        if answer.is_success:
            found: Document = answer.json()
            return found
        if answer.is_server_error:
            raise self.booking.away(f"status {answer.status_code}")
        reason = str(answer.json().get("reason", slug_of(answer)))
        raise Refused(*WHY.get(reason, ("concern", UNKNOWN_CONCERN)))

    def _read_ticket(self, answer: httpx.Response) -> Document:
        if answer.is_client_error:
            raise TicketNotFound("There is no such ticket.")
        if not answer.is_success:
            raise self.booking.away(f"status {answer.status_code}")
        found: Document = answer.json()
        return found


def _is_wrong_code(error: BaseException | None) -> bool:
    return isinstance(error, Refused) and error.field == "shown"


async def get_queue(request: Request, tenant: CurrentTenant, booking: Booking, door: CurrentDoor) -> QueueDoor:
    """Return the way to the queues of the tenant's offices."""
    address = counted_as(request.client.host if request.client else "")
    return QueueDoor(tenant.id, booking, door, Phone(request.app.state.phones, address, csrf.holder(request)))


CurrentQueue = Annotated[QueueDoor, Depends(get_queue)]
