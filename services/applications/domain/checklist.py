"""The papers of an application: open, received, accepted or rejected. Whichever way one comes in, it is received."""

from collections.abc import Mapping
from typing import Any

from services.applications.domain.errors import ApplicationEnded, ItemStateWrong
from services.applications.domain.states import ENDED
from shared.contracts.applications import State

NEEDED_AGAIN = ("open", "rejected")  # states of a paper that is not here


def is_missing(item: Mapping[str, Any]) -> bool:
    """Tell whether the person still has to hand the paper in."""
    return bool(item["needed"]) and item["state"] in NEEDED_AGAIN


def check_can_receive(state: State) -> None:
    """Raise `ApplicationEnded`. A paper may come in again and again: it replaces or completes what is there."""
    if state in ENDED:
        raise ApplicationEnded("The application is decided or withdrawn. Please hand papers in at the office.")


def check_can_look_at(item_state: str) -> None:
    """Raise `ItemStateWrong` when there is nothing to accept or reject."""
    if item_state == "open":
        raise ItemStateWrong("This paper has not come in yet. Please note first that it was received.")
