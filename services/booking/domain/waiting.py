"""How long somebody who comes now will wait: the queue played through many times by the rule, from measured durations.

How it is computed, and what it was measured to be: docs/queue.md. In the played queue times are minutes from now.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from heapq import heapify, heapreplace
from math import exp, floor, inf
from random import Random
from typing import Literal, NamedTuple

from services.booking.domain.line import Line, Queued
from services.booking.domain.queue import GRACE, SOON

PATHS = 150
# By how much all conversations of a day together are longer or shorter than those of other days. Assumed.
DAYS_DIFFER = 0.06
# How late desks open, in minutes. Assumed.
LATE = (0.0, 0.0, 1.0, 2.0, 3.0, 5.0)
PAUSE = 5.0  # minutes: a desk that is closed for a while will take no less between two people
_AROUND = 100  # so many gaps, measured around the same time of day
_STEP, _STEPS = 10, 30  # by the ten minutes, for five hours
_MINUTE = 60.0
_GRACE, _SOON = GRACE.total_seconds() / _MINUTE, SOON.total_seconds() / _MINUTE

# Why no range can be told: no desk is open, or the people before them will probably take until the office closes.
Untold = Literal["no-desk", "too-many"]


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

    `me`: one of those who wait, or `Waiting(uuid4(), line.now)` for who would come now. With an appointment the
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
        self._gaps = _between(line)
        pauses = sorted(gap for _, gap in line.gaps.between if gap >= PAUSE) or [PAUSE]
        self._idle = [0.0] * max(0, line.desks - len(line.serving))
        self._serving = [_rest(self._pools[one.concern], _minutes(line.now, one.since)) for one in line.serving]
        self._away = [_rest(pauses, _minutes(line.now, since)) for since in line.paused]
        self._away += [_rest(LATE, _minutes(line.now, line.opens_at))] * line.unopened
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
        place = _Place(due, min(0.0, _minutes(waiting.arrived_at, now)), waiting.number, one.concern, is_me)
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
        slow = exp(chance.gauss(0.0, DAYS_DIFFER))
        free = self._desks(draw)
        urgent, others, due = self._urgent[::-1], self._others[::-1], self._due_today(draw)
        while True:
            now = free[0]
            if urgent:
                one: _Place | None = urgent.pop()
            else:
                one = _pop_due(due, now, now + _SOON) or (others.pop() if others else _pop_due(due, now, inf))
            if one is None or one.is_me:
                return now
            pool, gaps = self._pools[one.concern], self._gaps[min(int(now / _STEP), _STEPS - 1)]
            heapreplace(free, now + slow * pool[int(draw() * len(pool))] + gaps[int(draw() * len(gaps))])

    def _desks(self, draw: Callable[[], float]) -> list[float]:
        """Return a heap of when each desk can call somebody."""
        gaps = self._gaps[0]
        free = [*self._idle, *(rest[int(draw() * len(rest))] for rest in self._away)]
        free += [rest[int(draw() * len(rest))] + gaps[int(draw() * len(gaps))] for rest in self._serving]
        heapify(free)
        return free

    def _due_today(self, draw: Callable[[], float]) -> list[_Place]:
        """Return who comes in time for their appointment, in the order of these; who comes later waits behind me."""
        due = self._due.copy()
        for at, concern in self._expected:
            comes = self._comes(at, draw())
            if comes is not None and comes <= at + _GRACE:
                due.append(_Place(at, comes, 0, concern))
        due.sort()
        return due


def _pop_due(due: list[_Place], now: float, until: float) -> _Place | None:
    """Take the first who is there, of those due until then."""
    for n, one in enumerate(due):
        if one.due > until:
            break
        if one.comes <= now:
            return due.pop(n)
    return None


def _between(line: Line) -> list[list[float]]:
    """Return the gaps to draw from in each ten minutes from now on, those measured around the same time of day."""
    measured = sorted((at.hour * 60.0 + at.minute, gap) for at, gap in line.gaps.between) or [(0.0, 0.0)]
    begins = line.now.hour * 60.0 + line.now.minute
    pools = []
    for step in range(_STEPS):
        middle = bisect_right(measured, (begins + step * _STEP, inf))
        first = max(0, min(middle - _AROUND // 2, len(measured) - _AROUND))
        pools.append([gap for _, gap in measured[first : first + _AROUND]])
    return pools


def _rest(pool: Sequence[float], spent: float) -> list[float]:
    """Return how much longer something may take, by what took longer; by the longest, where nothing did."""
    longer = pool[bisect_right(pool, spent) :]
    if longer:
        return [one - spent for one in longer]
    tail = pool[-max(1, len(pool) // 10) :]
    return [one - tail[0] for one in tail]


def _minutes(at: datetime, since: datetime) -> float:
    return (at - since).total_seconds() / _MINUTE
