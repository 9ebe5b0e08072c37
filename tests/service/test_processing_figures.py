"""Figures of applications: how long they stay in each state."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import shuffle
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from shared.api_figures import ProcessingFigures
from shared.contracts.applications import ApplicationStatusChanged
from tests.harness.events import status_changed
from tests.harness.identity import Signed
from tests.harness.inprocess import moved_clock, unstarted
from tests.harness.installation import Installation, Running
from tests.harness.receiving import receive

NOW = datetime(2026, 9, 8, 10, 0, tzinfo=UTC)


@pytest.fixture
async def statistics(installation: Installation) -> AsyncIterator[Running]:
    async with unstarted(installation, "statistics") as running:
        yield running


def left(days: float, *, ago: float = 1, benefit: str = "l1") -> ApplicationStatusChanged:
    """Return that somebody's application left `received` after so many days, so many days ago."""
    at = NOW - timedelta(days=ago)
    changed = {"changed_at": at, "previous_since": at - timedelta(days=days), "benefit_id": benefit}
    return status_changed(application_id=uuid4(), version=2, **changed)


async def figures(statistics: Running, tenant: str = "musterstadt") -> ProcessingFigures:
    with moved_clock(NOW):
        answer = await statistics.client.get("/processing", auth=Signed("statistics", tenant))
    assert answer.status_code == 200, answer.text
    return ProcessingFigures.model_validate(answer.json())


async def test_median_and_four_of_five_by_benefit_and_state(installation: Installation, statistics: Running) -> None:
    told = [left(days) for days in (2, 4, 6, 8, 10)]
    told += [left(100, ago=181), *(left(1, benefit="l2") for _ in range(4))]
    shuffle(told)
    *others, last = told
    await receive(installation, statistics, *others)
    id_ = uuid7()
    for _ in range(2):  # the same event twice is once
        await receive(installation, statistics, last, id_=id_)
    [figure] = (await figures(statistics)).states
    assert (figure.benefit, figure.state, figure.cases) == ("l1", "received", 5)
    assert (figure.median_days, figure.p80_days) == (6.0, 8.4)


async def test_another_tenant_sees_none_of_it(statistics: Running) -> None:
    assert (await figures(statistics, "duesseldorf")).states == []
