"""A team's days one after the other: what was measured on those before, and what people are told from it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from statistics import median_low

from services.booking.domain import Durations, Gaps, Line, Punctuality, Range, expected_wait, in_order
from services.booking.queue.waiting import OPENING
from tests.simulation import patterns
from tests.simulation.figures import Figures, Told
from tests.simulation.office import Opening, Person, Seen

CONVERSATIONS = 300  # of a concern that are kept
OPENINGS = 20  # that are measured


class History:
    """One team and what it has measured. The same seed makes the same days, whatever the rule makes of them."""

    def __init__(self, team: patterns.Team, seed: int) -> None:
        self._team, self._seed = team, seed
        self._begun = 0
        self._durations: dict[str, deque[float]] = {concern: deque(maxlen=CONVERSATIONS) for concern in team.concerns}
        self._seen: deque[Seen] = deque(maxlen=OPENINGS)

    def warm_up(self, days: Iterable[patterns.Day]) -> None:
        """Let days happen, and learn from them; nobody is told anything."""
        for day in days:
            for hours in day.openings:
                self._learn(self._opening(day, hours).run())

    def live(self, day: patterns.Day) -> Figures:
        """Let a day happen on which everybody without an appointment is told how long they will wait; learn from it."""
        return Figures.of([self._tell(self._opening(day, hours)) for hours in day.openings])

    def _opening(self, day: patterns.Day, hours: patterns.Opening) -> Opening:
        self._begun += 1
        return Opening(self._team, day, hours, Random(f"{self._seed} {self._begun}"))

    def _tell(self, opening: Opening) -> Figures:
        told: list[tuple[Person, Range, float]] = []
        figures = Figures()

        def asks(person: Person) -> None:
            line = self._measured(opening.line())
            shown = expected_wait(line, person.queued)
            if person.waiting.urgency:
                return
            if isinstance(shown, Range):
                told.append((person, shown, self._formula(line, person)))
            else:
                figures.untold[shown] += 1

        seen = opening.run(asks)
        figures.told = [
            Told(shown, formula, person.called - person.comes) for person, shown, formula in told if person.served
        ]
        figures.delays = [
            max(0.0, one.called - max(one.due, one.comes))
            for one in seen.people
            if one.due is not None and one.served and not one.waiting.is_late
        ]
        self._learn(seen)
        return figures

    def _learn(self, seen: Seen) -> None:
        for concern, minutes in seen.durations:
            self._durations[concern].append(minutes)
        self._seen.append(seen)

    def _measured(self, line: Line) -> Line:
        """Add to what the office knows of the moment what it has measured before this opening."""
        seen = self._seen
        usual = median_low([day.at_once for day in seen]) if seen else 0
        opening = abs(line.now - line.opens_at) < OPENING
        return replace(
            line,
            unopened=max(0, usual - line.desks - len(line.paused)) if opening else 0,
            durations={
                concern: Durations(about.planned, tuple(self._durations[concern]))
                for concern, about in self._team.concerns.items()
            },
            punctuality=Punctuality([x for day in seen for x in day.offsets], sum(day.missed for day in seen)),
            gaps=Gaps([gap for day in seen for gap in day.between]),
        )

    def _formula(self, line: Line, person: Person) -> float:
        """Return what ZMS would say: minutes by place in line, by counters. Its minutes are typed in; here: planned.

        Counters that open late are counted as open, as their clerks would have said.
        """
        order = in_order([*(one.waiting for one in line.waiting), person.waiting], line.now)
        minutes = sum(about.planned * about.share for about in self._team.concerns.values())
        return minutes * (order.index(person.waiting) + 1) / max(1, line.desks + line.unopened)
