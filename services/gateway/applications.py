"""The door to applications: what people apply for, what opens theirs, and how long it usually takes."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import httpx
from fastapi import Depends, Path, Request

from services.gateway.attempts import counted_as
from services.gateway.backend import Backend, ServiceAway, slug_of
from services.gateway.codes import bearer
from services.gateway.doors import Applications, CurrentTenant
from services.gateway.remembered import Remembered
from shared import references
from shared.errors import Conflict, NotFound, TooManyRequests, Unauthenticated

Application = Mapping[str, Any]
PATIENCE_SECONDS = 2.0  # nobody waits longer for a figure beside the page
NOT_OPENED = "No application is opened by this. Please check what you typed, or ask your office for a new code."
CLOSED = "Please open your application again: the time is over, or access has changed."


class ApplicationNotFound(NotFound):
    """No application is opened by this."""


class ApplicationClosed(Unauthenticated):
    """Whoever asks has not opened this application, or so long ago that it has closed again."""


class NotAllowedNow(Conflict):
    """The application's state, or what was shown to open it, does not allow this."""


class UsualTimes:
    """How long others' applications stay in a state; of the last minutes, as statistics tells."""

    def __init__(self, statistics: Backend) -> None:
        self._known = Remembered(partial(statistics.get, "/processing"), fresh=300, old=3600)

    async def of(self, tenant: str, application: Application) -> Mapping[str, Any] | None:
        """Return the times of the state that an application is in; `None` when they are not known, or away."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await self._known.get(tenant)
        except (ServiceAway, TimeoutError):
            return None
        wanted = application["benefit_id"], application["state"]
        row = next((one for one in found["states"] if (one["benefit"], one["state"]) == wanted), None)
        return row and {name: row[name] for name in ("median_days", "p80_days", "cases")}


@dataclass(frozen=True)
class ApplicationDoor:
    """The door to one tenant's applications. `client`: what the address that asks is counted as, as a keyed hash."""

    tenant: str
    backend: Backend
    usual_times: UsualTimes
    client: str

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: str | None = None
    ) -> httpx.Response:
        """Ask applications, and return what it answers."""
        return await self.backend.ask(method, path, self.tenant, headers=headers, body=body)

    async def ask_for_access(self, reference: str, body: str) -> httpx.Response:
        """Ask for a bearer."""
        return await self.ask("POST", f"/applications/{reference}/access", headers={"Client": self.client}, body=body)

    async def ask_where_it_stands(self, reference: str, opened: str) -> httpx.Response | dict[str, Any]:
        """Return the application with the usual times of its state; an answer when there is none to return."""
        answer = await self.ask("GET", f"/applications/{reference}", headers=bearer(opened))
        if not answer.is_success:
            return answer
        found: dict[str, Any] = answer.json()
        return found | {"usual": await self.usual_times.of(self.tenant, found)}

    async def benefits(self) -> Sequence[Mapping[str, Any]]:
        """Return what can be applied for; raise `ServiceAway`."""
        found: Sequence[Mapping[str, Any]] = await self.backend.get("/benefits", self.tenant)
        return found

    async def apply(self, body: str, key: str) -> tuple[Mapping[str, Any], str]:
        """Send an application; return what was sent, and the slug of why not; raise `ServiceAway`."""
        answer = await self.ask("POST", "/applications", headers={"Idempotency-Key": key}, body=body)
        if answer.is_success:
            return answer.json(), ""
        if answer.status_code in (httpx.codes.UNPROCESSABLE_ENTITY, httpx.codes.NOT_FOUND):
            return {}, slug_of(answer)
        raise self.backend.away(f"status {answer.status_code}")

    async def open(self, reference: str, **given: str) -> str:
        """Return a bearer for the code, the link's token or the birth date.

        Raises `ApplicationNotFound`, `TooManyRequests`, `ServiceAway`.
        """
        answer = await self.ask_for_access(reference, json.dumps(given))
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            seconds = int(answer.headers["retry-after"])
            raise TooManyRequests("There were too many wrong tries. Please wait.", seconds=seconds)
        if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY):
            raise ApplicationNotFound(NOT_OPENED)
        return str(self._read(answer)["bearer"])

    async def look(self, reference: str, opened: str) -> Application:
        """Return where an application stands; raise `ApplicationClosed`, `ServiceAway`."""
        found = await self.ask_where_it_stands(reference, opened)
        return self._read(found) if isinstance(found, httpx.Response) else found

    async def inquire(self, reference: str, opened: str) -> str:
        """Ask for a mail that says where it stands; return what becomes of it. Raises as `look` does."""
        path = f"/applications/{reference}/status-inquiries"
        return str(self._read(await self.ask("POST", path, headers=bearer(opened)))["mail"])

    async def withdraw(self, reference: str, opened: str) -> None:
        """Withdraw it; raises as `look` does, and `NotAllowedNow`."""
        self._read(await self.ask("POST", f"/applications/{reference}/withdrawal", headers=bearer(opened)))

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise ApplicationClosed(CLOSED)
        if answer.status_code in (httpx.codes.CONFLICT, httpx.codes.FORBIDDEN):
            raise NotAllowedNow("The application's present state does not allow this.")
        if not answer.is_success:
            raise self.backend.away(f"status {answer.status_code}")
        found: dict[str, Any] = answer.json()
        return found


async def get_application_door(request: Request, tenant: CurrentTenant, backend: Applications) -> ApplicationDoor:
    """Return the door to the tenant's applications."""
    address = counted_as(request.client.host if request.client else "")
    client = request.app.state.clients.digest(tenant.id, address).hex()
    return ApplicationDoor(tenant.id, backend, request.app.state.usual_times, client)


async def get_reference(reference: Annotated[str, Path(max_length=100)]) -> str:
    """Return the reference in the request's path; what cannot be one (`..`, say) becomes no path."""
    if not references.is_reference(reference):
        raise ApplicationNotFound(NOT_OPENED)
    return references.normalise(reference)


CurrentApplications = Annotated[ApplicationDoor, Depends(get_application_door)]
Reference = Annotated[str, Depends(get_reference)]
