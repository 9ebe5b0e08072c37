"""How long somebody who comes now will wait: the queue played through many times by the rule, from measured durations.

How it is computed, and what it was measured to be: docs/queue.md. Times in minutes are counted from now. Nothing here
knows who somebody is, or who sits at a desk.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapify, heapreplace
from math import exp, floor, inf, log1p, sqrt
from random import Random
from statistics import NormalDist
from typing import Literal, NamedTuple

from services.booking.domain.queue import GRACE, SOON, Waiting

PATHS = 200
FEW = 30  # conversations: below, the planned minutes speak as well
# How much conversations vary when too few were measured: deviation by mean. Assumed.
VARIATION = 0.6
_PRIOR = 10
_MINUTE = 60.0
_GRACE, _SOON = GRACE.total_seconds() / _MINUTE, SOON.total_seconds() / _MINUTE

# Why no range can be told: no desk is open, or the people before them will take until the office closes.
Untold = Literal["no-desk", "too-many"]


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
    """When the desks of a team are not at work, in minutes, as measured on the last days; of no desk in particular.

    `between`: from the end of a conversation to the next call at that desk, where somebody waited already: a moment
    mostly, a pause sometimes. `late`: from the beginning of an opening until a desk was open.
    """

    between: Sequence[float] = ()
    late: Sequence[float] = ()


@dataclass(frozen=True)
class Line:
    """A team of an office right now: all that decides how long people wait for it.

    `opens_at`, `closes_at`: of the present opening, or of the next one shortly before it. `desks`: how many are open,
    those that serve somebody included. `unopened`: how many more will open soon (they did on the last days, and the
    opening has just begun, or will soon); 0 when in doubt. `paused`: since when desks are closed that were open in
    this opening and will come back; leave out who has been away for longer than any pause.
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


class Range(NamedTuple):
    """Eight of ten wait from so many to so many minutes.

    The first is cut to whole minutes, the second is the whole minute after: who is called at once was told 0 to 1.
    """

    from_minutes: int
    to_minutes: int


class _Place(NamedTuple):
    """Somebody in the played queue; `due` and `comes` in minutes from now."""

    due: float
    comes: float
    number: int
    concern: str
    is_me: bool = False


def expected_wait(line: Line, me: Queued) -> Range | Untold:
    """Return how long somebody will wait from now until they are called, or why that cannot be told.

    `me`: one of those who wait, or somebody who would come now (`Waiting(uuid4(), line.now)`). With an appointment the
    wait begins at its time, if that is still to come. The same state gives the same answer.
    """
    if not line.desks + line.unopened + len(line.paused):
        return "no-desk"
    chance = Random(0)  # noqa: S311  hides nothing: everybody is to see the same
    play = _Play(line, me)
    waits = sorted(play.once(chance) for _ in range(PATHS))
    low, high = waits[PATHS // 10], waits[-PATHS // 10 - 1]
    if high > _minutes(line.closes_at, line.now):
        return "too-many"
    begins = max(0.0, _minutes(me.waiting.due_at, line.now)) if me.waiting.due_at else 0.0
    return Range(floor(max(0.0, low - begins)), floor(max(0.0, high - begins)) + 1)


class _Play:
    """The queue made ready to be played through."""

    def __init__(self, line: Line, me: Queued) -> None:
        self._pools = {concern: durations.pool() for concern, durations in line.durations.items()}
        self._gaps, late = sorted(line.gaps.between) or [0.0], sorted(line.gaps.late) or [0.0]
        self._idle = [0.0] * max(0, line.desks - len(line.serving))
        self._serving = [_rest(self._pools[one.concern], _minutes(line.now, one.since)) for one in line.serving]
        self._away = [_rest(self._gaps, _minutes(line.now, since)) for since in line.paused]
        self._away += [_rest(late, _minutes(line.now, line.opens_at))] * line.unopened
        self._urgent: list[_Place] = []
        self._due: list[_Place] = []
        self._others: list[_Place] = []
        everybody = [one for one in line.waiting if one.waiting.id != me.waiting.id]
        for one in sorted([*everybody, me], key=lambda one: (one.waiting.arrived_at, one.waiting.number)):
            self._add(one, line.now, one is me)
        self._expected = [(_minutes(one.due_at, line.now), one.concern) for one in line.expected]
        self._offsets = sorted(line.punctuality.minutes) or [0.0]
        self._missed = line.punctuality.missed

    def _add(self, one: Queued, now: datetime, is_me: bool) -> None:  # noqa: FBT001
        waiting = one.waiting
        due = inf if waiting.due_at is None or waiting.is_late else _minutes(waiting.due_at, now)
        place = _Place(due, _minutes(waiting.arrived_at, now), waiting.number, one.concern, is_me)
        (self._urgent if waiting.urgency else self._others if due == inf else self._due).append(place)

    def _comes(self, due: float, draw: float) -> float | None:
        """Return when somebody comes who is not here yet; `None`: never."""
        first = bisect_right(self._offsets, -due)
        still = len(self._offsets) - first
        index = int(draw * (still + self._missed))
        return due + self._offsets[first + index] if index < still else None

    def once(self, chance: Random) -> float:
        """Play until it is my turn; return when."""
        draw = chance.random
        gaps = self._gaps
        free = [*self._idle, *(rest[int(draw() * len(rest))] for rest in self._away)]
        free += [rest[int(draw() * len(rest))] + gaps[int(draw() * len(gaps))] for rest in self._serving]
        heapify(free)
        urgent, others, due = self._urgent[::-1], self._others[::-1], self._due.copy()
        for at, concern in self._expected:
            comes = self._comes(at, draw())
            if comes is not None and comes <= at + _GRACE:  # who comes later waits behind me
                due.append(_Place(at, comes, 0, concern))
        due.sort()
        while True:
            now = free[0]
            ready = next((n for n, one in enumerate(due) if one.due - _SOON > now or one.comes <= now), len(due))
            if urgent:
                one = urgent.pop()
            elif ready < len(due) and due[ready].due - _SOON <= now:
                one = due.pop(ready)
            elif others:
                one = others.pop()
            else:
                one = due.pop(next(n for n, one in enumerate(due) if one.comes <= now))
            if one.is_me:
                return now
            pool = self._pools[one.concern]
            heapreplace(free, now + pool[int(draw() * len(pool))] + gaps[int(draw() * len(gaps))])


def _rest(pool: Sequence[float], spent: float) -> list[float]:
    """Return how much longer something may take, by what took longer; by the longest, where nothing did."""
    longer = pool[bisect_right(pool, spent) :]
    if longer:
        return [one - spent for one in longer]
    tail = pool[-max(1, len(pool) // 10) :]
    return [one - tail[0] for one in tail]


def _minutes(at: datetime, since: datetime) -> float:
    return (at - since).total_seconds() / _MINUTE
