"""Simulated days of several teams, day after day: how long appointments are delayed, and what people are told.

No service runs: the real rule and the real estimate decide, on the patterns of `tests/simulation/patterns.py`.
"""

import multiprocessing
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from uuid import UUID

from services.booking.domain import (
    Durations,
    Expected,
    Gaps,
    Line,
    Punctuality,
    Queued,
    Serving,
    Waiting,
    expected_wait,
)
from tests.simulation.figures import Figures
from tests.simulation.history import History
from tests.simulation.patterns import DAYS, TEAMS

SEED = 6
WARM_UP_DAYS, ROUNDS = 20, 12  # of each kind of day, for each team
NOW = datetime(2026, 9, 8, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CONCERNS = {"a": 10, "b": 20, "c": 30}


KINDS = tuple(DAYS)


def simulate() -> dict[str, dict[str, Figures]]:
    """Return the figures by team and kind of day; two teams are simulated at a time."""
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        return dict(zip(TEAMS, pool.map(_simulate_team, TEAMS), strict=True))


def all_teams(by_team: Mapping[str, Mapping[str, Figures]], day: str) -> Figures:
    """Put the figures of all teams on one kind of day together."""
    return Figures.of([by_day[day] for by_day in by_team.values()])


def milliseconds(desks: int = 10, waiting: int = 40) -> float:
    """Return the processor time that one estimate takes, the median of some, with long lines and much measured."""
    line = _long_line(desks, waiting)
    taken = []
    for _ in range(9):
        begun = time.process_time()
        expected_wait(line, Queued(Waiting(UUID(int=0), NOW, number=999), "a"))
        taken.append(time.process_time() - begun)
    return median(taken) * 1000


def _simulate_team(team: str) -> dict[str, Figures]:
    history = History(TEAMS[team], SEED)
    tuesday, thursday, _ = DAYS.values()
    history.warm_up(thursday if day % 5 == 3 else tuesday for day in range(WARM_UP_DAYS))
    days: dict[str, list[Figures]] = {kind: [] for kind in DAYS}
    for _ in range(ROUNDS):
        for kind, day in DAYS.items():
            days[kind].append(history.live(day))
    return {kind: Figures.of(figures) for kind, figures in days.items()}


def _long_line(desks: int, waiting: int) -> Line:
    chance = Random(SEED)

    def concern() -> str:
        return chance.choice(list(CONCERNS))

    def queued(number: int) -> Queued:
        due = NOW + chance.choice((0, 5, 10)) * MINUTE if number % 3 == 0 else None
        return Queued(Waiting(UUID(int=number), NOW - chance.uniform(0, 50) * MINUTE, due, number=number), concern())

    return Line(
        now=NOW,
        opens_at=NOW - 60 * MINUTE,
        closes_at=NOW + 300 * MINUTE,
        desks=desks,
        durations={
            name: Durations(planned, [planned * chance.lognormvariate(0, 0.5) for _ in range(300)])
            for name, planned in CONCERNS.items()
        },
        waiting=[queued(number) for number in range(1, waiting + 1)],
        serving=[Serving(concern(), NOW - chance.uniform(0, 15) * MINUTE) for _ in range(desks)],
        expected=[Expected(NOW + number // 3 * 10 * MINUTE, concern()) for number in range(60)],
        punctuality=Punctuality([chance.gauss(-10, 10) for _ in range(1500)], 200),
        gaps=Gaps([(NOW + chance.uniform(-60, 180) * MINUTE, chance.uniform(0, 2)) for _ in range(2000)]),
    )
