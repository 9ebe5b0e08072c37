"""A team of an office right now, as the estimate of waiting times needs it, and what was measured before.

Nothing here knows who somebody is, or who sits at a desk. Moments are all in one zone; durations are in minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import exp, log1p, sqrt
from statistics import NormalDist

from services.booking.domain.queue import Waiting

FEW = 30  # conversations: below, the planned minutes speak as well
# How much conversations vary when too few were measured: deviation by mean. Assumed.
VARIATION = 0.6
_PRIOR = 10


@dataclass(frozen=True)
class Queued:
    """Somebody who waits, or would: their place by the rule and what they came for (a key of `Line.durations`)."""

    waiting: Waiting
    concern: str


@dataclass(frozen=True)
class Serving:
    """A desk that has somebody: what for, and since when (the moment of the call)."""

    concern: str
    since: datetime


@dataclass(frozen=True)
class Expected:
    """An appointment still to come today: not cancelled, nobody has checked in for it."""

    due_at: datetime
    concern: str


@dataclass(frozen=True)
class Durations:
    """How long a concern takes here, in minutes from the call to the end.

    `planned`: its planned minutes. `measured`: conversations served on the last days, a few hundred are plenty.
    """

    planned: float
    measured: Sequence[float] = ()

    def pool(self) -> list[float]:
        """Return durations to draw from, in order; while few are measured, some around the planned minutes too."""
        found = sorted(self.measured)
        if len(found) >= FEW:
            return found
        spread = sqrt(log1p(VARIATION**2))
        quantiles = (NormalDist().inv_cdf((n + 0.5) / _PRIOR) for n in range(_PRIOR))
        return sorted([*found, *(self.planned * exp(spread * z - spread**2 / 2) for z in quantiles)])


@dataclass(frozen=True)
class Punctuality:
    """When people come who have an appointment, as measured on the last days.

    `minutes`: after its time, negative when before (-8.0 is eight minutes early). `missed`: how many never came.
    Both empty: everybody comes, at their time.
    """

    minutes: Sequence[float] = ()
    missed: int = 0


@dataclass(frozen=True)
class Gaps:
    """When the desks of a team are not at work, as measured on the last days; of no desk in particular.

    `between`: when a conversation ended, and how many minutes until the next call at that desk, wherever somebody
    waited at that end and somebody, perhaps another, a minute before that call: a moment mostly, a pause sometimes.
    The time of day counts. (Whoever is called after a pause has often come meanwhile: to take only people who waited
    at that end would leave out most pauses.)
    """

    between: Sequence[tuple[datetime, float]] = ()


@dataclass(frozen=True)
class Line:
    """A team of an office right now: all that decides how long people wait for it.

    `opens_at`, `closes_at`: of the present opening, or of the next one shortly before it.
    `desks`: how many are open, those that serve somebody included.
    `durations`: by concern; every concern that occurs in the other fields has to be among them.
    `unopened`: how many more desks will open soon (they did on the last days, and the opening has just begun, or will
    soon); 0 when in doubt.
    `paused`: since when desks are closed that were open in this opening and will come back: the end of their last
    conversation. Leave out who has been away for longer than a pause.
    """

    now: datetime
    opens_at: datetime
    closes_at: datetime
    desks: int
    durations: Mapping[str, Durations]
    waiting: Sequence[Queued] = ()
    serving: Sequence[Serving] = ()
    expected: Sequence[Expected] = ()
    unopened: int = 0
    paused: Sequence[datetime] = ()
    punctuality: Punctuality = field(default_factory=Punctuality)
    gaps: Gaps = field(default_factory=Gaps)
