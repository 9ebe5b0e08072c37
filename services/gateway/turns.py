"""Whose turn it is: what the doors to booking ask of the waiting room before they let a request in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request, Response

from services.gateway import csrf
from services.gateway.domain import Rush, place
from services.gateway.doors import CurrentTenant
from services.gateway.proof import Proof
from services.gateway.rush import WaitingRoom
from services.gateway.slips import PASS_HOURS, Slip, Slips
from shared import clock
from shared.errors import TooManyRequests

ASK_AGAIN_SECONDS = 60


class WaitingRoomOpen(TooManyRequests):
    """Very many people want to book; whoever does has to wait for their turn."""


@dataclass(frozen=True)
class Turns:
    """One request, before the door to booking."""

    request: Request
    tenant: str
    room: WaitingRoom
    slips: Slips
    proof: Proof

    @property
    def rush(self) -> Rush | None:
        """The rush at this tenant; `None` in normal times."""
        return self.room.rush(self.tenant)

    @property
    def now(self) -> float:
        """This moment in seconds since 1970."""
        return clock.now().timestamp()

    def slip(self) -> Slip | None:
        """Return what the browser holds."""
        return self.slips.read(self.request, self.tenant, self.now)

    def is_in(self, rush: Rush) -> bool:
        """Tell whether this browser has been let in, or had begun to fill in the form before the rush."""
        slip = self.slip()
        if slip is not None and slip.kind == "in":
            return True
        begun_at = self.slips.stamped_at(self.tenant, csrf.value_of(self.request))
        return begun_at is not None and begun_at <= rush.opened_at and self.now - begun_at < PASS_HOURS * 3600

    def take_place(self, slip: Slip, lane: Literal["quick", "slow"]) -> Slip:
        """Let a slip take its place in a lane, once."""
        taken = slip.of_kind(lane, place(slip.moment, self.now))
        if rush := self.rush:
            self.room.count(self.tenant, rush, taken)
        return taken

    def stamp(self) -> None:
        """Let the cookie that this page's form sets tell, should there be a rush, that somebody had begun before."""
        csrf.propose(self.request, self.slips.stamp(self.tenant, self.now))

    def hand_out(self, response: Response, slip: Slip) -> None:
        """Give the browser a slip."""
        self.slips.write(self.request, response, self.tenant, slip)


async def get_turns(request: Request, tenant: CurrentTenant) -> Turns:
    """Return the turns of this request."""
    state = request.app.state
    return Turns(request, tenant.id, state.room, state.slips, state.proof)


CurrentTurns = Annotated[Turns, Depends(get_turns)]


async def require_turn(turns: CurrentTurns) -> None:
    """Refuse programs during a rush, unless they show a browser's pass: people have queued for these times."""
    rush = turns.rush
    if rush is not None and not turns.is_in(rush):
        raise WaitingRoomOpen(
            "Very many people want to book at the moment. Until everybody has had their turn, booking goes by the "
            "waiting room of the website. Appointments that are booked can be seen, moved and cancelled.",
            seconds=ASK_AGAIN_SECONDS,
        )
