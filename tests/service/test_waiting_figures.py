"""Figures of waiting: how late appointments began, and apart from that how long people waited without one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import shuffle
from typing import Any
from uuid import uuid4

import pytest

from shared.api_figures import Spread, WaitingFigures
from shared.contracts.booking import TicketClosed
from tests.harness import events
from tests.harness.identity import Signed
from tests.harness.inprocess import moved_clock, unstarted
from tests.harness.installation import Installation, Running
from tests.harness.receiving import receive

NOW = datetime(2026, 9, 8, 10, 0, tzinfo=UTC)
NINE = NOW - timedelta(hours=1)


@pytest.fixture
async def statistics(installation: Installation) -> AsyncIterator[Running]:
    async with unstarted(installation, "statistics") as running:
        yield running


def visit(waited: float, due: float | None = None, **changes: Any) -> TicketClosed:
    """Somebody came at nine and was called after so many minutes; `due`: minutes from nine to their appointment."""
    called_at = NINE + timedelta(minutes=waited)
    values: dict[str, Any] = {
        "ticket_id": uuid4(), "version": 3, "office": events.OFFICE, "team_id": "eingang", "concern_id": "neuantrag",
        "kind": "walk-in" if due is None else "appointment", "arrived_at": NINE,
        "due_at": None if due is None else NINE + timedelta(minutes=due), "called_at": called_at,
        "started_at": called_at, "ended_at": called_at + timedelta(minutes=5), "outcome": "served", "passed_on": False,
    }  # fmt: skip
    return TicketClosed.model_validate(values | changes)


async def figures(statistics: Running, tenant: str = "musterstadt") -> WaitingFigures:
    with moved_clock(NOW):
        answer = await statistics.client.get("/waiting", auth=Signed("statistics", tenant))
    assert answer.status_code == 200, answer.text
    return WaitingFigures.model_validate(answer.json())


async def test_delays_and_waits_are_told_apart_with_median_and_ninth_tenth(
    installation: Installation, statistics: Running
) -> None:
    walked_in = [visit(minutes) for minutes in (0, 10, 20, 30, 40)]
    in_time = [visit(minutes, due=10) for minutes in (5, 10, 12, 14, 20)]
    not_counted = [
        visit(50, due=-1),  # came too late
        visit(50, passed_on=True),
        visit(50, called_at=None, started_at=None, outcome="left"),
        visit(50, ended_at=NOW - timedelta(days=29)),
    ]
    told = [*walked_in, *in_time, *not_counted]
    shuffle(told)
    await receive(installation, statistics, *told)
    found = await figures(statistics)
    [office] = found.offices
    assert (found.since.isoformat(), office.office) == ("2026-08-11", "mitte")
    assert office.walk_in_wait == Spread(people=5, median_minutes=20, p90_minutes=36)
    assert office.appointment_delay == Spread(people=5, median_minutes=2, p90_minutes=7.6)
    assert (await figures(statistics, "duesseldorf")).offices == []


async def test_too_few_tell_nothing_and_a_visit_counts_once_as_it_ended_last(
    installation: Installation, statistics: Running
) -> None:
    missed = visit(10, outcome="no-show")
    again = missed.model_copy(update={"version": 9, "called_at": NINE + timedelta(minutes=30), "outcome": "served"})
    await receive(installation, statistics, again, missed, again)
    [row] = await installation.rows("statistics", "SELECT outcome, version FROM ticket_facts")
    assert row == {"outcome": "served", "version": 9}
    [office] = (await figures(statistics)).offices
    assert office.walk_in_wait == Spread(people=1, median_minutes=None, p90_minutes=None)
    assert office.appointment_delay.people == 0


async def test_operators_see_both_in_the_metrics(installation: Installation, statistics: Running) -> None:
    await receive(installation, statistics, *(visit(minutes) for minutes in (0, 10, 20, 30, 40)))
    with moved_clock(NOW):
        text = (await statistics.client.get("/metrics")).text
    wait = 'statistics_walk_in_wait_minutes{office="mitte",quantile="0.5",tenant="musterstadt"} 20.0'
    delay = 'statistics_appointment_delay_minutes{office="mitte",quantile="0.9",tenant="musterstadt"} NaN'
    assert (wait in text, delay in text) == (True, True)
