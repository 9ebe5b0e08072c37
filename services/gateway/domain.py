"""The arithmetic of the waiting room: who comes in when. Pure; moments are seconds since 1970.

A place in a lane is the moment when somebody took it. Their turn follows from that moment, from how many took a place
earlier, and from the rush's beginning and pace: nothing has to run, and who does not come back is in nobody's way.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil

# Whoever takes a place up to so long after they arrived has the place of their arrival: a slow phone loses nothing.
GRACE_SECONDS = 3
# Nobody comes in sooner: all who are before them have to be counted first, after the grace and by all processes.
SETTLED_SECONDS = 5
# The slow lane's share: one of so many, while anybody waits in the quick one.
SLOW_SHARE = 4


class Lane:
    """How many people took a place in which second. Within a second, places follow the fraction of it."""

    def __init__(self, people: Mapping[int, int] | None = None) -> None:
        self._people = dict(people or {})
        self._seconds = sorted(self._people)
        self._before = list(accumulate((self._people[second] for second in self._seconds), initial=0))

    @property
    def total(self) -> int:
        """How many people there are."""
        return self._before[-1]

    def before(self, moment: float) -> float:
        """Return how many are before a moment; between two people of one second it is a fraction."""
        second = int(moment)
        before = self._before[bisect_left(self._seconds, second)]
        return before + (moment - second) * self._people.get(second, 0)


@dataclass(frozen=True)
class Rush:
    """One rush at one tenant: since when, how many a minute come in, and who has taken a place so far.

    Whose device has shown the proof of work stands in the quick lane, others in the slow one.
    """

    opened_at: float
    per_minute: int
    quick: Lane = field(default_factory=Lane)
    slow: Lane = field(default_factory=Lane)

    def turn(self, place: float, *, quick: bool) -> float:
        """Return when it is the turn of somebody who took their place at that moment."""
        if place <= self.opened_at:  # in the rush before this one
            return self.opened_at
        return max(place + SETTLED_SECONDS, self.opened_at + self._ahead(place, quick=quick) * 60 / self.per_minute)

    def people_before(self, place: float, now: float, *, quick: bool) -> int:
        """Return how many come in before them."""
        return max(0, ceil(self._ahead(place, quick=quick) - self._admitted(now)))

    def waiting(self, now: float) -> int:
        """Return how many people wait."""
        admitted = self._admitted(now)
        admitted_slowly = max(admitted / SLOW_SHARE, admitted - self.quick.total)
        return ceil(max(0.0, self.quick.total - admitted) + max(0.0, self.slow.total - admitted_slowly))

    def _ahead(self, place: float, *, quick: bool) -> float:
        if quick:
            return self.quick.before(place)
        # Its own share, or all that the quick lane leaves.
        before = self.slow.before(place)
        return min(SLOW_SHARE * before, self.quick.total + before)

    def _admitted(self, now: float) -> float:
        return (now - self.opened_at) * self.per_minute / 60


def place(arrived_at: float, now: float) -> float:
    """Return the place that somebody takes now."""
    return max(arrived_at, now - GRACE_SECONDS)
