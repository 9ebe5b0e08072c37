"""Why a paper is refused, for good; and which parts can be away, for a while."""

from typing import Literal, get_args

from shared.errors import NotFound, Unavailable

Reason = Literal[
    "too-large",
    "empty",
    "wrong-type",
    "too-many-pixels",
    "too-many-pages",
    "damaged",
    "encrypted",
    "infected",
    "too-complex",
]
REASONS: tuple[Reason, ...] = get_args(Reason)


class DocumentRefused(Exception):
    """The paper cannot be accepted, and trying again will not help; pages and mails translate the stable `reason`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class WorkerAway(Unavailable):
    """The child process could not be started or was ended from outside; the paper is not to blame."""


class ScannerAway(Unavailable):
    """The malware scanner gave no verdict."""


class StoreAway(Unavailable):
    """The document store did not answer, or refused."""


class ObjectMissing(NotFound):
    """The store answers, and has nothing by that name."""
