"""The door to an appointment: opens for its code or link, and waits for whoever guesses codes.

A code has 40 bits, because people type it; a link's token has 128 and cannot be guessed, so links never wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import httpx
from fastapi import Depends, Request

from services.gateway.backend import Backend, slug_of
from services.gateway.doors import AppointmentNotFound, Booking, CurrentTenant, read_number
from services.gateway.throttle import Throttle
from shared import links
from shared.api import AppointmentMove, WaitlistJoin
from shared.errors import TooManyRequests

Appointment = Mapping[str, Any]


@dataclass(frozen=True)
class AppointmentDoor:
    """The door to one tenant's appointments."""

    tenant: str
    booking: Backend
    throttle: Throttle

    async def open(self, number: str, secret: str) -> Appointment:
        """Return an appointment; raise `AppointmentNotFound`, `TooManyRequests`, `ServiceAway`."""
        return self._read(await self.ask("GET", read_number(number), secret))

    async def cancel(self, number: str, secret: str) -> bool:
        """Cancel an appointment; tell whether that was possible still. Raises as `open` does."""
        answer = await self.ask("DELETE", read_number(number), secret)
        if answer.status_code == httpx.codes.CONFLICT:
            return False
        self._read(answer)
        return True

    async def move(self, number: str, secret: str, start: datetime) -> str:
        """Move an appointment; return the slug of why not, empty when it was moved. Raises as `open` does."""
        answer = await self.ask("PATCH", read_number(number), secret, AppointmentMove(start=start).model_dump_json())
        refused = httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY, httpx.codes.NOT_FOUND
        if answer.status_code in refused and not _is_wrong(answer):
            return slug_of(answer)
        self._read(answer)
        return ""

    async def confirm(self, number: str, secret: str) -> bool:
        """Confirm an appointment; tell whether that was possible still. Raises as `open` does."""
        answer = await self.ask("POST", read_number(number), secret, path="/confirm")
        if answer.status_code == httpx.codes.CONFLICT:
            return False
        self._read(answer)
        return True

    async def wait_for_earlier(self, number: str, secret: str, email: str) -> str:
        """Put an appointment on the waitlist; return the slug of why not, empty when it is. Raises as `open` does."""
        body = WaitlistJoin(email=email or None).model_dump_json()
        answer = await self.ask("PUT", read_number(number), secret, body, "/waitlist")
        if answer.status_code in (httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY):
            return slug_of(answer)
        self._read(answer)
        return ""

    async def stop_waiting(self, number: str, secret: str) -> None:
        """Take an appointment off the waitlist. Raises as `open` does."""
        self._read(await self.ask("DELETE", read_number(number), secret, path="/waitlist"))

    async def ask(
        self, method: str, number: str, secret: str, body: str | None = None, path: str = ""
    ) -> httpx.Response:
        """Ask booking, and return what it answers; raise `TooManyRequests` after too many wrong codes."""
        characters = links.normalise(secret)
        headers = bearer(links.grouped(characters) if links.is_number(characters) else secret)
        return await self._ask(method, f"/appointments/{number}{path}", number, secret, headers, body)

    async def arrive(self, office: str, number: str, code: str, body: str) -> httpx.Response:
        """Check somebody in at an office; raise `AppointmentNotFound`, `TooManyRequests`, `ServiceAway`."""
        answer = await self._ask("POST", f"/offices/{office}/arrivals", read_number(number), code, {}, body)
        if _is_wrong(answer):
            raise AppointmentNotFound("No appointment has this number and code. Please check both.")
        return answer

    async def _ask(
        self, method: str, path: str, number: str, secret: str, headers: dict[str, str], body: str | None
    ) -> httpx.Response:
        if not links.is_number(links.normalise(secret)):
            return await self.booking.ask(method, path, self.tenant, headers=headers, body=body)
        name = f"{self.tenant} {number}"
        if seconds := self.throttle.seconds_to_wait(name):
            raise TooManyRequests("Too many wrong codes. Please try again later, or use your link.", seconds=seconds)
        self.throttle.failed(name)  # until it proves otherwise: many at once are counted too
        wrong = False
        try:
            answer = await self.booking.ask(method, path, self.tenant, headers=headers, body=body)
            wrong = _is_wrong(answer)
        finally:
            if not wrong:  # right, or nobody could say
                self.throttle.take_back(name)
        return answer

    def _read(self, answer: httpx.Response) -> Appointment:
        if _is_wrong(answer):
            raise AppointmentNotFound("No appointment has this number and code. Please check both.")
        if not answer.is_success:
            raise self.booking.away(f"status {answer.status_code}")
        found: Appointment = answer.json()
        return found


def _is_wrong(answer: httpx.Response) -> bool:
    """Whether number and code do not belong together; a concern that the office has given up is not found either."""
    return answer.status_code == httpx.codes.NOT_FOUND and slug_of(answer) == "appointment-not-found"


def bearer(secret: str) -> dict[str, str]:
    """Return the header that shows a code or a token; what cannot be in a header cannot be one either."""
    return {"Authorization": f"Bearer {quote(secret)}"} if secret else {}


async def get_door(request: Request, tenant: CurrentTenant, booking: Booking) -> AppointmentDoor:
    """Return the door to the tenant's appointments."""
    return AppointmentDoor(tenant.id, booking, request.app.state.throttle)


CurrentDoor = Annotated[AppointmentDoor, Depends(get_door)]
