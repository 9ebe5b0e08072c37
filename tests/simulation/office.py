"""A day's opening of one team, event by event; who is called next says the real rule."""

import heapq
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID

from services.booking.domain import Expected, Line, Queued, Serving, Waiting, in_order
from tests.simulation import patterns

MIDNIGHT = datetime(2026, 9, 8, tzinfo=UTC)
HALF_HOUR = 30.0


@dataclass
class Person:
    """Somebody who comes, in minutes since midnight. `due`: when their appointment begins."""

    waiting: Waiting
    concern: str
    comes: float
    due: float | None
    takes: float
    leaves: float = math.inf
    called: float = math.inf
    served: bool = False

    def waits_at(self, minutes: float) -> bool:
        return self.comes <= minutes < self.called

    @property
    def queued(self) -> Queued:
        return Queued(self.waiting, self.concern)


@dataclass
class Seen:
    """What an opening leaves to measure: of nobody and no desk in particular."""

    durations: list[tuple[str, float]] = field(default_factory=list)
    offsets: list[float] = field(default_factory=list)  # minutes after the time of the appointment
    missed: int = 0
    free: list[tuple[float, float]] = field(default_factory=list)  # from an end to the next call at that desk
    people: list[Person] = field(default_factory=list)

    @cached_property
    def at_once(self) -> int:
        """How many desks served somebody at once, at most."""
        served = [one for one in self.people if one.served]
        steps = sorted([(one.called, 1) for one in served] + [(one.called + one.takes, -1) for one in served])
        return max(accumulate((step for _, step in steps)), default=0)

    @cached_property
    def between(self) -> list[tuple[datetime, float]]:
        """As `Gaps.between` wants it: where somebody waited at the end, and a minute before the call."""
        return [
            (at(ended), called - ended)
            for ended, called in self.free
            if self._somebody_waits(ended) and self._somebody_waits(max(ended, called - 1))
        ]

    def _somebody_waits(self, minutes: float) -> bool:
        return any(one.waits_at(minutes) for one in self.people)


def at(minutes: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)


class Opening:
    """One opening of one team."""

    def __init__(self, team: patterns.Team, day: patterns.Day, opening: patterns.Opening, chance: Random) -> None:
        self.team, self.opening, self.chance = team, opening, chance
        self.opens, self.closes = opening.opens * 60, opening.closes * 60
        self.slow = math.exp(chance.gauss(0, patterns.SLOW_DAYS))
        self.seen = Seen()
        self.now = self.opens
        self.waiting: list[Person] = []
        self.serving: dict[int, tuple[str, float]] = {}
        self.expected: dict[UUID, tuple[float, str]] = {}
        self.open: set[int] = set()
        self.idle: set[int] = set()
        self._ended: dict[int, float] = {}  # when a desk's last conversation ended
        self._numbers = iter(range(1, 10_000))
        self._events: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._order = iter(range(1_000_000))
        for person in [*self._appointments(), *self._walk_ins(day.more)]:
            self._at(person.comes, self._arrives, person)
        for desk in range(team.desks):
            late = chance.gauss(patterns.OPENS_LATE, patterns.OPENS_LATE_SPREAD)
            self._at(self.opens + min(max(0.0, late), patterns.OPENS_LATEST), self._opens, desk)
            self._at(self.opens + chance.uniform(*patterns.PAUSE_AFTER), self._wants_to_pause, desk)
        self._pausing: set[int] = set()
        self._paused: dict[int, float] = {}

    def run(self, asks: Callable[[Person], None] = lambda _: None) -> Seen:
        """Let everything happen. `asks`: is called for everybody who comes without appointment, before they wait."""
        self._asks = asks
        while self._events:
            self.now, _, happens, to = heapq.heappop(self._events)
            happens(to)
        self.seen.missed = len(self.expected)
        return self.seen

    def line(self) -> Line:
        """Return what the office knows now; what it measured before is added by who asks."""
        return Line(
            now=at(self.now),
            opens_at=at(self.opens),
            closes_at=at(self.closes),
            desks=len(self.open),
            durations={},
            waiting=[one.queued for one in self.waiting],
            serving=[Serving(concern, at(since)) for concern, since in self.serving.values()],
            paused=[at(since) for since in self._paused.values()],
            expected=[Expected(at(due), concern) for due, concern in self.expected.values()],
        )

    def _at(self, minutes: float, happens: Callable[[Any], None], to: Person | int) -> None:
        heapq.heappush(self._events, (minutes, next(self._order), happens, to))

    def _person(self, concern: str, comes: float, due: float | None = None, *, urgent: bool = False) -> Person:
        about, number = self.team.concerns[concern], next(self._numbers)
        spread = math.sqrt(math.log1p(about.cv**2))
        takes = self.slow * about.mean * self.chance.lognormvariate(-(spread**2) / 2, spread)
        waiting = Waiting(
            UUID(int=number), at(comes), None if due is None else at(due), "no-means" if urgent else "", number
        )
        return Person(waiting, concern, comes, due, takes)

    def _concern(self) -> str:
        concerns = self.team.concerns
        return self.chance.choices(list(concerns), [one.share for one in concerns.values()])[0]

    def _appointments(self) -> Iterator[Person]:
        """Fill each desk's time from the opening on, one after the other; not all of the times are booked."""
        for _ in range(self.team.desks):
            due = self.opens
            while due + self.team.concerns[concern := self._concern()].planned <= self.closes:
                if self.chance.random() < self.team.booked:
                    yield from self._appointment(due, concern)
                due += self.team.concerns[concern].planned

    def _appointment(self, due: float, concern: str) -> Iterator[Person]:
        offset = self.chance.gauss(-patterns.EARLY, patterns.SPREAD)
        if self.chance.random() < patterns.MUCH_TOO_LATE:
            offset = self.chance.uniform(0, patterns.LATEST)
        person = self._person(concern, due + offset, due)
        self.expected[person.waiting.id] = due, concern
        if self.chance.random() >= patterns.NO_SHOW:
            yield person

    def _walk_ins(self, more: float) -> Iterator[Person]:
        """Let them come by chance, most when the doors open."""
        concerns = self.team.concerns.values()
        planned = sum(one.planned * one.share for one in concerns)
        time = self.team.desks * (self.closes - self.opens)
        full = math.exp(self.chance.gauss(0, patterns.FULL_DAYS))
        many = more * full * self.team.walk_ins * time / planned / sum(self.opening.rush)
        for half_hour, strength in enumerate(self.opening.rush):
            begins = self.opens + half_hour * HALF_HOUR
            comes, end = begins if half_hour else begins - patterns.DOORS, begins + HALF_HOUR
            rate = many * strength / (end - comes)
            while (comes := comes + self.chance.expovariate(rate)) < end:
                person = self._person(self._concern(), comes, urgent=self.chance.random() < patterns.URGENT)
                if self.chance.random() < patterns.LEAVE_SILENTLY:
                    person.leaves = comes + self.chance.uniform(*patterns.PATIENCE)
                yield person

    def _arrives(self, person: Person) -> None:
        if person.due is None:
            self._asks(person)
        else:
            del self.expected[person.waiting.id]
            self.seen.offsets.append(person.comes - person.due)
        self.seen.people.append(person)
        self.waiting.append(person)
        self._wakes()

    def _wakes(self) -> None:
        """Let a desk that has nothing to do see that somebody waits."""
        if self.waiting and self.idle:
            self._is_free(self.idle.pop())

    def _opens(self, desk: int) -> None:
        self._is_there(desk)

    def _wants_to_pause(self, desk: int) -> None:
        self._pausing.add(desk)
        if desk in self.idle:
            self.idle.remove(desk)
            self._pauses(desk)

    def _pauses(self, desk: int) -> None:
        self._pausing.remove(desk)
        self.open.discard(desk)
        self._paused[desk] = self._ended.get(desk, self.now)
        self._wakes()
        self._at(self.now + self.chance.uniform(*patterns.PAUSE), self._comes_back, desk)

    def _comes_back(self, desk: int) -> None:
        del self._paused[desk]
        self._is_there(desk)

    def _is_there(self, desk: int) -> None:
        self.open.add(desk)
        self._calls(desk)

    def _is_free(self, desk: int) -> None:
        self._at(self.now + self.chance.expovariate(1 / patterns.REACTION), self._calls, desk)

    def _calls(self, desk: int) -> None:
        if desk in self._pausing:
            self._pauses(desk)
            return
        order = in_order((one.waiting for one in self.waiting), at(self.now))
        if not order:
            self.idle.add(desk)
            return
        person = next(one for one in self.waiting if one.waiting is order[0])
        self.waiting.remove(person)
        person.called = self.now
        if person.leaves <= self.now:
            self._at(self.now + patterns.IN_VAIN, self._calls, desk)
            return
        person.served = True
        if desk in self._ended:
            self.seen.free.append((self._ended[desk], self.now))
        self.serving[desk] = person.concern, self.now
        self._at(self.now + person.takes, self._ends, desk)

    def _ends(self, desk: int) -> None:
        concern, since = self.serving.pop(desk)
        self._ended[desk] = self.now
        self.seen.durations.append((concern, self.now - since))
        self._is_free(desk)
