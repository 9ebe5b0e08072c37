"""What the pages for staff at work with the queue have in common: asking booking, and saying why it refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import Depends, Response

from services.gateway.backend import Backend, slug_of
from services.gateway.doors import Booking
from services.gateway.members import Member, require
from services.gateway.pages.office.place import CurrentPlace, Place
from services.gateway.render import N_, Problem, page, pick, translate

Document = Mapping[str, Any]

# By the slug with which booking refuses.
WHY = {
    "ticket-state-wrong": N_("Somebody was faster: the number is no longer where it was. You see how it is now."),
    "called-too-seldom": N_("Please call the number three times first."),
    "called-enough": N_("The number was called three times. Note that nobody came, or put it back."),
    "desk-busy": N_("This desk has somebody already."),
    "unknown-desk": N_("This desk is gone. Please choose another."),
    "ticket-not-found": N_("This number is of another day, or was never drawn."),
    "appointment-not-found": N_("No appointment of today has this number."),
    "unknown-team": N_("Please choose another team."),
    "no-tickets-now": N_("Nobody without an appointment is received now."),
}
OTHER = N_("This was not possible. You see how it is now.")


@dataclass(frozen=True)
class Counter:
    """A member of staff with the queue of an office."""

    place: Place
    member: Member
    booking: Backend

    @property
    def address(self) -> str:
        """Where the staff's pages of this office are."""
        return f"/{self.place.language}/staff/offices/{self.place.id}"

    async def queue(self) -> Document:
        """Return the queue; raise `ServiceAway`."""
        answer = await self.member.ask(self.booking, "GET", f"/staff/offices/{self.place.id}/queue")
        if not answer.is_success:
            raise self.booking.away(f"status {answer.status_code}")
        found: Document = answer.json()
        return found

    async def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[Document, list[Problem]]:
        """Do something; return what booking answers, and why it refused."""
        text = None if body is None else json.dumps(body)
        answer = await self.member.ask(self.booking, method, f"/staff{path}", body=text, headers=headers)
        if answer.is_server_error:
            raise self.booking.away(f"status {answer.status_code}")
        if answer.is_success:
            return (answer.json() if answer.content else {}), []
        return {}, [Problem("", translate(self.place.language, WHY.get(slug_of(answer), OTHER)))]

    async def act(self, ticket: UUID, action: str, body: Mapping[str, Any] | None = None) -> list[Problem]:
        """Do something with a ticket; return why not."""
        return (await self.ask("POST", f"/tickets/{ticket}/{action}", body))[1]

    def page(
        self,
        template: str,
        queue: Document,
        problems: list[Problem],
        status: int = 200,
        **values: Any,  # noqa: ANN401  what the template needs
    ) -> Response:
        """Render one of the pages; after a refusal with the state as it is."""
        place = self.place
        return page(
            place.request, place.language, f"staff/{template}.html", place.tenant, status=status, problems=problems,
            member=self.member, office=place.office, here=f"{self.address}/{template}", queue=queue,
            clock=lambda text: place.moment(text).time if text else "", name=lambda texts: pick(texts, place.language),
            **values,
        )  # fmt: skip


def status_of(problems: list[Problem]) -> int:
    """Return the status of a page that tells of a refusal, or of none: what is wrong in a field can be put right."""
    if not problems:
        return httpx.codes.OK
    if problems[0].field == "send":  # as `check_genuine` says it
        return httpx.codes.FORBIDDEN
    return httpx.codes.UNPROCESSABLE_ENTITY if problems[0].field else httpx.codes.CONFLICT


def minutes_between(first: str, second: str) -> int:
    """Return whole minutes from one time of a document to another."""
    return int((datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds() // 60)


async def get_counter(
    place: CurrentPlace, member: Annotated[Member, Depends(require("desk"))], booking: Booking
) -> Counter:
    """Return the queue of the address's office for who works with it; raise `SignInNeeded`, `NotAllowed`."""
    return Counter(place, member, booking)


CurrentCounter = Annotated[Counter, Depends(get_counter)]
