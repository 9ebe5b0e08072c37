"""The days with free times and the times of one of them: what a page shows, in one answer."""

from collections.abc import AsyncIterator

import pytest

from tests.harness.inprocess import unstarted
from tests.harness.installation import Installation, Running

pytestmark = pytest.mark.usefixtures("on_monday")

PERIOD = {"concern": "neuantrag", "from": "2026-09-07", "to": "2026-10-07"}


@pytest.fixture
async def booking(installation: Installation) -> AsyncIterator[Running]:
    async with unstarted(installation, "booking", "musterstadt") as running:
        yield running


async def test_days_and_times_are_those_of_the_list_of_all_times(booking: Running) -> None:
    slots = (await booking.client.get("/offices/mitte/slots", params=PERIOD)).json()
    days = list(dict.fromkeys(slot["start"][:10] for slot in slots))
    assert len(days) > 5
    for day in days[:3]:
        found = (await booking.client.get("/offices/mitte/days", params=PERIOD | {"day": day})).json()
        assert found["days"] == days
        assert found["slots"] == [slot for slot in slots if slot["start"].startswith(day)]


@pytest.mark.parametrize("day", ["2026-09-13", "2026-09-07", "2031-01-01", "0001-01-01"], ids=str)
async def test_a_day_without_free_times_shows_the_first_that_has_some(booking: Running, day: str) -> None:
    found = (await booking.client.get("/offices/mitte/days", params=PERIOD | {"day": day})).json()
    assert {slot["start"][:10] for slot in found["slots"]} == {found["days"][0]}


async def test_nothing_free_is_no_error(booking: Running) -> None:
    for period in ({"from": "2026-09-13", "to": "2026-09-13"}, {"from": "2031-01-01", "to": "2031-01-02"}):
        answer = await booking.client.get("/offices/mitte/days", params=PERIOD | period)
        assert (answer.status_code, answer.json()) == (200, {"days": [], "slots": []})


async def test_it_counts_as_one_search(booking: Running, installation: Installation) -> None:
    for day in ("2026-09-09", "2026-09-10"):
        await booking.client.get("/offices/mitte/days", params=PERIOD | {"day": day})
    await booking.app.state.searches.flush(booking.service.database)
    [row] = await installation.rows(
        "booking", "SELECT payload::jsonb AS told FROM outbox WHERE type = 'booking.searches-counted.v1'"
    )
    assert '"searches": 2' in str(row["told"]).replace("'", '"')
