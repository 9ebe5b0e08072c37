"""What booking does with the gateway's switches: refuses kindly what is off, whatever order events come in."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared import clock, switches
from shared.contracts.gateway import SwitchSet
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.desk import Desk
from tests.harness.line import Line
from tests.harness.receiving import receive

TUESDAY, LATER, FRIDAY = "2026-09-08T06:00:00Z", "2026-09-08T06:30:00Z", "2026-09-11T06:00:00Z"


def switched(name: str, version: int, *, is_on: bool | None, office: str = "mitte") -> SwitchSet:
    return SwitchSet(
        switch_id=switches.key("musterstadt", office, name), version=version, office_id=office, switch=name,
        is_on=is_on, set_at=clock.now(),
    )  # fmt: skip


@pytest.fixture
async def office(mitte: Counter) -> AsyncIterator[Counter]:
    """An office for which nothing has ever been switched."""
    yield mitte
    for table in ("switches", "aggregate_versions WHERE topic = 'gateway.switch'"):
        await mitte.rows(f"DELETE FROM {table}")


async def tell(office: Counter, *events: SwitchSet) -> None:
    await receive(office.installation, office.booking, *events)


async def states(office: Counter) -> list[tuple[Any, ...]]:
    rows = await office.rows("SELECT office_id, name, is_on, version FROM switches ORDER BY 1, 2")
    return [tuple(row.values()) for row in rows]


async def test_without_online_booking_nobody_books_holds_or_moves_and_all_else_goes_on(office: Counter) -> None:
    own, kept = await office.booked(TUESDAY, key="the-first-booking"), await office.booked(FRIDAY)
    await tell(office, switched("online-booking", 1, is_on=False))
    refused = [
        await office.book(LATER),
        await office.hold("a-browser-of-somebody", LATER),
        await office.change_own("PATCH", own, start=LATER),
        await office.client.get(
            "/offices/mitte/days", params={"concern": "neuantrag", "from": "2026-09-08", "to": "2026-09-09"}
        ),
    ]
    for answer in refused:
        problem_of(answer, 409, "online-booking-off")
        assert "Please call +49" in answer.json()["detail"]
    explained = (
        await office.client.get("/offices/mitte/slots/explain", params={"concern": "neuantrag", "at": LATER})
    ).json()
    assert (explained["bookable"], explained["rule"]) == (False, "online-booking-off")
    again = await office.book(TUESDAY, key="the-first-booking")
    assert (again.status_code, again.json()["id"]) == (201, own["id"]), "a repeated request gets its answer"
    assert (await office.change_own("PATCH", own, start=TUESDAY)).status_code == 200, "it has this time already"
    assert (await office.cancel(kept)).json()["state"] == "cancelled"
    assert (await Desk(office).book(LATER)).status_code == 201, "staff book for callers"
    await tell(office, switched("online-booking", 2, is_on=True))
    await office.booked("2026-09-08T07:00:00Z")


async def test_without_a_waitlist_nobody_joins_and_nobody_is_offered_anything(office: Counter) -> None:
    line = Line(office)
    await line.join(FRIDAY)
    freed, outside = await office.booked(TUESDAY), await office.booked(LATER, email="aylin@oez.example")
    await tell(office, switched("waitlist", 1, is_on=False))
    problem_of(await office.change_own("PUT", outside, "/waitlist", email=None), 409, "waitlist-off")
    problem_of(await Desk(office).join(outside), 409, "waitlist-off")
    await office.cancel(freed)
    assert await line.offers() == []
    await tell(office, switched("waitlist", 2, is_on=True))
    await office.cancel(outside)
    assert len(await line.offers()) == 1, "who waited has kept the place"


async def test_an_offer_that_was_made_can_be_accepted_whatever_is_switched_off_since(office: Counter) -> None:
    line = Line(office)
    waiting = await line.join(FRIDAY)
    await office.cancel(await office.booked(TUESDAY))
    await tell(office, switched("waitlist", 1, is_on=False), switched("online-booking", 1, is_on=False))
    assert (await line.answer(waiting, "accept")).json()["state"] == "accepted"


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({"": False}, 409),
        ({"": False, "mitte": True}, 201),
        ({"": True, "mitte": False}, 409),
        ({"": None, "mitte": None, "elsewhere": False}, 201),
        ({"": None, "mitte": False}, 409),
    ],
)
async def test_what_is_set_for_an_office_wins_over_its_tenant(
    office: Counter, settings: dict[str, bool | None], status: int
) -> None:
    await tell(office, *(switched("online-booking", 1, is_on=set_, office=id_) for id_, set_ in settings.items()))
    assert (await office.book(TUESDAY)).status_code == status


async def test_older_events_and_a_replay_from_the_beginning_change_nothing(office: Counter) -> None:
    history = [switched("online-booking", n, is_on=n % 2 == 1) for n in (1, 2, 3)]
    await tell(office, history[0], history[2])
    await tell(office, history[1])
    assert await states(office) == [("mitte", "online-booking", True, 3)]
    await office.rows("DELETE FROM inbox")  # long ago: ids and versions are forgotten
    await office.rows("DELETE FROM aggregate_versions")
    for event in history:
        await tell(office, event)
        assert await states(office) == [("mitte", "online-booking", True, 3)]
