"""An appointment on its own pages: opened by whoever has its code or link, and rendered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from services.gateway import moments
from services.gateway.codes import Appointment, AppointmentDoor, CurrentDoor
from services.gateway.doors import CurrentTenant
from services.gateway.render import CurrentLanguage, Problem, go, page
from services.gateway.switches import Switches
from shared import clock
from shared.switches import Name
from shared.tenants import Tenant


@dataclass(frozen=True)
class Visit:
    """One request to the pages of an appointment."""

    request: Request
    tenant: Tenant
    language: str
    door: AppointmentDoor
    number: str
    token: str

    async def open(self) -> Appointment:
        """Return the appointment; raise `AppointmentNotFound`, `TooManyRequests`, `ServiceAway`."""
        return await self.door.open(self.number, self.token)

    def page(
        self,
        template: str,
        appointment: Appointment,
        problems: Sequence[Problem] = (),
        status: int = 200,
        **values: Any,  # noqa: ANN401  what the template needs
    ) -> HTMLResponse:
        """Render one of its pages."""
        start, end = (datetime.fromisoformat(appointment[name]) for name in ("start", "end"))
        return page(
            self.request,
            self.language,
            f"appointment/{template}.html",
            self.tenant,
            status=status,
            problems=problems,
            appointment=appointment,
            moment=moments.Moment.of(start, self.language),
            minutes=(end - start) // timedelta(minutes=1),
            address=address_of(self.language, appointment),
            site=appointment["link"].partition("/appointments/")[0],
            over=_is_over(appointment),
            here_today=_is_here_today(appointment),
            until=_until(appointment, self.language),
            can_move=self._is_on(appointment, "online-booking"),
            has_waitlist=self._is_on(appointment, "waitlist"),
            **values,
        )

    def _is_on(self, appointment: Appointment, name: Name) -> bool:
        known: Switches = self.request.app.state.switches
        return known.is_on(self.tenant.id, appointment["office"]["id"], name)

    def shown(
        self,
        appointment: Appointment,
        problems: Sequence[Problem] = (),
        status: int = 200,
        **values: Any,  # noqa: ANN401  what the template needs
    ) -> HTMLResponse:
        """Render it as it is: booked, cancelled, over, or not confirmed yet."""
        template = "unconfirmed" if appointment["state"] == "unconfirmed" else "show"
        return self.page(template, appointment, problems, status, **values)

    def go_to(self, appointment: Appointment, path: str = "") -> RedirectResponse:
        """Redirect to one of its pages."""
        address = address_of(self.language, appointment) + path
        return go(address)


def address_of(language: str, appointment: Appointment) -> str:
    """Return the path of an appointment's own pages."""
    token = appointment["link"].rpartition("/")[2]
    return f"/{language}/appointments/{appointment['number']}/{token}"


def can_change(appointment: Appointment) -> bool:
    """Tell whether it can be moved still."""
    return appointment["state"] == "booked" and not _is_over(appointment)


def can_confirm(appointment: Appointment) -> bool:
    """Tell whether it waits to be confirmed, and can be."""
    return appointment["state"] == "unconfirmed" and not _is_late(appointment)


def can_cancel(appointment: Appointment) -> bool:
    """Tell whether it can be cancelled still; what waits to be confirmed can be, too."""
    return can_change(appointment) or can_confirm(appointment)


def _is_late(appointment: Appointment) -> bool:
    return datetime.fromisoformat(appointment["confirm_until"]) <= clock.now()


def _until(appointment: Appointment, language: str) -> moments.Moment | None:
    """Return until when it can be confirmed; `None` when that is past, or was never asked for."""
    if not can_confirm(appointment):
        return None
    return moments.Moment.of(datetime.fromisoformat(appointment["confirm_until"]), language)


def _is_over(appointment: Appointment) -> bool:
    return datetime.fromisoformat(appointment["start"]) <= clock.now()


def _is_here_today(appointment: Appointment) -> bool:
    """Tell whether somebody may stand at the office now and say so; late is no matter."""
    start = datetime.fromisoformat(appointment["start"])
    is_today = clock.now().astimezone(start.tzinfo).date() == start.date()
    return is_today and appointment["state"] == "booked" and appointment["kind"] == "office"


async def get_visit(
    request: Request, number: str, token: str, tenant: CurrentTenant, language: CurrentLanguage, door: CurrentDoor
) -> Visit:
    """Return the visit that this request is."""
    return Visit(request, tenant, language, door, number, token)


CurrentVisit = Annotated[Visit, Depends(get_visit)]
