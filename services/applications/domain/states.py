"""The states of an application: which follows which, who acts next, and by when.

`received → documents-missing ⇄ in-review → decided | withdrawn`; a withdrawal ends it from every state but the end.
Steps back are possible and have to be explained to the person.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from services.applications.domain.errors import ExplanationNeeded, StateJump
from shared.contracts.applications import Actor, State

STATES: tuple[State, ...] = get_args(State)
ENDED: frozenset[State] = frozenset({"decided", "withdrawn"})

_FORWARD: Mapping[State, frozenset[State]] = {
    "received": frozenset({"documents-missing", "in-review", "withdrawn"}),
    "documents-missing": frozenset({"in-review", "withdrawn"}),
    "in-review": frozenset({"documents-missing", "decided", "withdrawn"}),
    "decided": frozenset(),
    "withdrawn": frozenset(),
}
_BACKWARD: Mapping[State, frozenset[State]] = {
    "received": frozenset(),
    "documents-missing": frozenset({"received"}),
    "in-review": frozenset({"received"}),
    "decided": frozenset({"in-review"}),
    "withdrawn": frozenset({"received", "in-review"}),
}
_NEXT: Mapping[State, Actor] = {
    "received": "office",
    "documents-missing": "citizen",
    "in-review": "office",
    "decided": "nobody",
    "withdrawn": "nobody",
}


def possible(state: State) -> list[State]:
    """Return where an application can go, forward first."""
    return [*(one for one in STATES if one in _FORWARD[state]), *(one for one in STATES if one in _BACKWARD[state])]


def check_change(state: State, wanted: State, explanation: str) -> None:
    """Raise `StateJump` or `ExplanationNeeded`. To the state it has already no application goes."""
    if wanted in _FORWARD[state]:
        return
    if wanted not in _BACKWARD[state]:
        others = possible(state)
        raise StateJump(f"From {state} it cannot go to {wanted}. Possible: {', '.join(others)}.", possible=others)
    if not explanation:
        raise ExplanationNeeded("This is a step back. Please explain it: the person reads it on their page.")


def is_backward(state: State, wanted: State) -> bool:
    """Tell whether a possible change is a step back."""
    return wanted in _BACKWARD[state]


def next_actor(state: State) -> Actor:
    """Return who has to do something now."""
    return _NEXT[state]


def states_of(actor: Actor) -> list[State]:
    """Return the states in which it is somebody's turn."""
    return [state for state in STATES if _NEXT[state] == actor]


def due(state: State, since: datetime, days: Mapping[State, int], zone: ZoneInfo) -> datetime | None:
    """Return by when it is somebody's turn: the last minute of a day in the office's zone; `None` at the end."""
    if state not in days or state in ENDED:
        return None
    last = since.astimezone(zone) + timedelta(days=days[state])
    return last.replace(hour=23, minute=59, second=0, microsecond=0).astimezone(UTC)


def automatic(state: State, *, missing: bool, back: bool) -> State:
    """Return the state that follows from the papers: whose turn it is must be true without anybody pressing.

    With the last of the missing papers it is the office's turn again; when one does not do (`back`), it is the
    person's. Whoever went on although papers are missing is not sent back by one that is fine.
    """
    if state == "documents-missing" and not missing:
        return "in-review"
    if state == "in-review" and missing and back:
        return "documents-missing"
    return state
