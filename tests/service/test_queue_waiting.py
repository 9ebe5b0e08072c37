"""How long people wait, as they are told: from the desks that are open and the conversations that were measured."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import clock
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.inprocess import moved_clock
from tests.harness.queue import QueueOffice, found
from tests.service.conftest import MONDAY

# Conversations of the last days, all of the same length: what is told can be reckoned.
_TALKED = """
    INSERT INTO tickets (id, tenant, office_id, day, number, kind, state, team_id, concern_id, arrived_at, called_at,
    ended_at, version)
    SELECT gen_random_uuid(), 'musterstadt', 'mitte', '2026-09-01', n, 'walk-in', 'served', 'eingang', 'unterlagen',
    at, at, at + make_interval(mins => :minutes), 3 FROM CAST(:day AS timestamptz) AS at, generate_series(1, 40) AS n
"""

_WAITS = """
    INSERT INTO plans (tenant, office_id, version, document, sha256, published_at, in_force_from)
    VALUES ('musterstadt', 'mitte', 99, CAST(:document AS jsonb), 'waits', :published, :at)
"""


@pytest.fixture
async def office(mitte: Counter) -> AsyncIterator[QueueOffice]:
    empty = await QueueOffice.empty(mitte)
    mitte.booking.app.state.waits.forget()
    yield empty
    mitte.booking.app.state.waits.forget()


async def waiting(office: QueueOffice) -> dict[str, Any]:
    office.mitte.booking.app.state.waits.forget()
    return found(await office.mitte.client.get("/offices/mitte/waiting"))


async def test_it_is_told_by_concern_and_nothing_where_no_desk_is_open(office: QueueOffice) -> None:
    told = await waiting(office)
    assert told["open_desks"] == 0
    assert {one["concern"]["id"]: (one["open"], one["waiting"], one["expected"]) for one in told["concerns"]} == {
        "neuantrag": (True, 0, None), "unterlagen": (True, 0, None), "veraenderung": (True, 0, None),
        "bescheid": (True, 0, None), "weiterbewilligung": (True, 0, None), "arbeitsberatung": (True, 0, None),
    }  # fmt: skip
    problem_of(await office.mitte.client.get("/offices/nowhere/waiting"), 404, "unknown-office")


async def test_whoever_waits_behind_others_is_told_how_long_these_take_as_measured(office: QueueOffice) -> None:
    await office.mitte.rows(_TALKED, day=MONDAY.replace(day=1), minutes=6)
    [desk, *_] = await office.desks()
    await office.desk.ask("PUT", f"/offices/mitte/desks/{desk}/presence")
    [at_once] = [one for one in (await waiting(office))["concerns"] if one["concern"]["id"] == "unterlagen"]
    assert at_once["expected"] == {"from_minutes": 0, "to_minutes": 1}
    tickets = [await office.drawn() for _ in range(10)]
    office.mitte.booking.app.state.waits.forget()
    last = (await office.see(tickets[-1])).json()
    first = (await office.see(tickets[0])).json()
    assert (first["position"], first["expected"]) == (1, {"from_minutes": 0, "to_minutes": 1})
    assert last["position"] == 10
    assert 40 <= last["expected"]["from_minutes"] <= 54 <= last["expected"]["to_minutes"] <= 70, "nine times six"
    [now] = [one for one in (await waiting(office))["concerns"] if one["concern"]["id"] == "unterlagen"]
    assert now["waiting"] == 10
    assert now["expected"]["from_minutes"] >= last["expected"]["from_minutes"]


async def expected(office: QueueOffice, concern: str = "unterlagen") -> dict[str, int] | None:
    """Return what somebody is told who comes now."""
    [one] = [one for one in (await waiting(office))["concerns"] if one["concern"]["id"] == concern]
    told: dict[str, int] | None = one["expected"]
    return told


async def serve_one(office: QueueOffice, desk: int) -> None:
    called = await office.call(desk)
    assert called
    for action in ("start", "serve"):
        await office.acted(called, action)


async def test_a_desk_that_pauses_is_reckoned_with_until_it_may_not_come_back(office: QueueOffice) -> None:
    await office.mitte.rows(_TALKED, day=MONDAY.replace(day=1), minutes=6)
    [desk, *_] = await office.desks()
    await office.drawn()
    await serve_one(office, desk)
    await office.desk.ask("DELETE", f"/offices/mitte/desks/{desk}/presence")
    assert await expected(office)
    with moved_clock(clock.now() + timedelta(minutes=31)):
        assert await expected(office) is None


async def test_who_is_there_before_the_desks_open_is_told_too(office: QueueOffice) -> None:
    opens = MONDAY.replace(hour=6)  # 08:00 in Berlin
    with moved_clock(opens - timedelta(minutes=5)):
        assert await expected(office) is None, "nobody knows yet how many desks there are on a usual day"
        await office.mitte.rows(_TALKED, day=MONDAY.replace(day=1), minutes=6)
        assert await expected(office) is None, "no ticket is to be had before"
    with moved_clock(opens + timedelta(minutes=5)):
        assert await expected(office)
    with moved_clock(opens + timedelta(minutes=20)):
        assert await expected(office) is None, "so late they should be open"


@pytest.mark.parametrize(("somebody_waits", "minutes", "noted"), [(True, 20, 20), (True, 50, None), (False, 20, None)])
async def test_a_pause_is_measured_where_somebody_waited_for_its_end(
    office: QueueOffice, *, somebody_waits: bool, minutes: int, noted: int | None
) -> None:
    [desk, *_] = await office.desks()
    await office.drawn()
    if somebody_waits:
        await office.drawn()
    await serve_one(office, desk)
    await office.desk.ask("DELETE", f"/offices/mitte/desks/{desk}/presence")
    with moved_clock(clock.now() + timedelta(minutes=minutes)):
        if not somebody_waits:
            await office.drawn()
        called = await office.call(desk)
        assert called
    [row] = await office.mitte.rows("SELECT gap FROM tickets WHERE label = :label", label=called["label"])
    assert (row["gap"] and round(row["gap"] / timedelta(minutes=1))) == noted


async def test_who_is_put_back_or_passed_on_leaves_the_measurement_whole(office: QueueOffice) -> None:
    await office.mitte.rows(_TALKED, day=MONDAY.replace(day=1), minutes=6)
    [desk, *_] = await office.desks()
    await office.drawn()
    waits, *_ = await office.drawn(), await office.drawn()
    await serve_one(office, desk)
    with moved_clock(clock.now() + timedelta(minutes=3)):
        called = await office.call(desk)
        assert called
        assert called["id"] == waits["id"]
        await office.acted(called, "return")
        assert await expected(office)
        assert (await office.see(waits)).json()["expected"]


async def test_an_appointment_of_a_concern_that_the_team_has_no_more_is_reckoned_with(office: QueueOffice) -> None:
    await office.mitte.rows(_TALKED, day=MONDAY.replace(day=1), minutes=6)
    with moved_clock(MONDAY - timedelta(days=3)):
        await office.mitte.booked("2026-09-07T07:30:00Z")
    await office.mitte.rows(
        "UPDATE appointments SET concern_id = 'arbeitsberatung' WHERE tenant = 'musterstadt' "
        "AND starts_at = '2026-09-07T07:30Z'"
    )
    [desk, *_] = await office.desks()
    await office.desk.ask("PUT", f"/offices/mitte/desks/{desk}/presence")
    for _ in range(8):
        await office.drawn()
    assert await expected(office)


async def test_an_office_that_wants_nobody_to_wait_in_vain_gives_no_ticket_then(
    office: QueueOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.mitte.rows(_TALKED, day=MONDAY.replace(day=1), minutes=200)
    [desk, *_] = await office.desks()
    await office.desk.ask("PUT", f"/offices/mitte/desks/{desk}/presence")
    await office.drawn(key="the-first-one")
    office.mitte.booking.app.state.waits.forget()
    assert (await office.draw(key="the-second")).status_code == 201, "as an office can want it as well"
    service = office.mitte.booking.service
    monkeypatch.setattr(service, "settings", service.settings.model_copy(update={"tickets_until_closing_only": True}))
    office.mitte.booking.app.state.waits.forget()
    problem = problem_of(await office.draw(), 409, "no-tickets-now")
    assert (problem["reason"], "closes" in problem["detail"]) == ("too-many", True)
    assert (await office.draw(key="the-first-one")).status_code == 201, "has one already"


async def test_a_closed_office_tells_when_it_opens_by_the_plan_in_force_then(office: QueueOffice) -> None:
    opened = [(await waiting(office))["opens_at"]]
    for day, hour in ((7, 12), (9, 12), (11, 12)):
        with moved_clock(MONDAY.replace(day=day, hour=hour)):
            opened.append((await waiting(office))["opens_at"])
    thursday, next_week = "2026-09-10T08:00:00+02:00", "2026-09-14T08:00:00+02:00"
    assert opened == [None, "2026-09-08T08:00:00+02:00", thursday, next_week]
    hours = [{"days": ["sat"], "from": "10:00", "to": "11:00"}]
    document = json.dumps({"teams": {"eingang": {"concerns": ["unterlagen"], "hours": hours}}})
    saturday = datetime(2026, 9, 11, 22, tzinfo=UTC)  # midnight in Berlin
    await office.mitte.rows(_WAITS, document=document, published=MONDAY, at=saturday)
    try:
        with moved_clock(MONDAY.replace(day=11, hour=12)):
            assert (await waiting(office))["opens_at"] == "2026-09-12T10:00:00+02:00", "on Saturday, from midnight on"
    finally:
        await office.mitte.rows("DELETE FROM plans WHERE sha256 = 'waits'")
