"""Searches for free times: counted where they are answered, told in one event a minute, office and concern."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from services.booking import searches as module
from services.booking.searches import Searches
from shared.contracts.booking import SearchesCounted
from shared.db import Database, Session, is_transient
from tests.harness.chaos import count
from tests.harness.identity import Signed
from tests.harness.inprocess import moved_clock, unstarted
from tests.harness.installation import Installation, Running
from tests.harness.messaging import waiting_for_a_lock
from tests.harness.waiting import eventually

TODAY = {"from": "2026-09-07", "to": "2026-10-07"}  # a Monday, from which Tuesday is the first bookable day
SUNDAY = {"from": "2026-09-13", "to": "2026-09-13"}
MONDAY = datetime(2026, 9, 7, 7, 0, 12, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("on_monday")


@pytest.fixture
async def booking(installation: Installation) -> AsyncIterator[Running]:
    """Booking without its background: searches are told when a test says so."""
    async with unstarted(installation, "booking", "musterstadt") as running:
        yield running


def counted_by(running: Running) -> Searches:
    found: Searches = running.app.state.searches
    return found


async def search(running: Running, period: dict[str, str], times: int = 1, **changes: str) -> None:
    where = {"office": "mitte", "concern": "neuantrag", "tenant": "musterstadt"} | changes
    for _ in range(times):
        answer = await running.client.get(
            f"/offices/{where['office']}/slots",
            params={"concern": where["concern"], **period},
            auth=Signed("booking", where["tenant"]),
        )
        assert answer.status_code == 200, answer.text


async def told(installation: Installation) -> list[SearchesCounted]:
    """Return the events that wait in booking's outbox, in their order."""
    query = "SELECT payload, key, topic FROM outbox WHERE type = 'booking.searches-counted.v1' ORDER BY id"
    rows = await installation.rows("booking", query)
    assert {row["topic"] for row in rows} <= {"booking.office"}
    events = [SearchesCounted.model_validate_json(row["payload"]) for row in rows]
    assert [event.key for event in events] == [row["key"] for row in rows]
    return events


async def all_told(installation: Installation, searches: int) -> bool:
    return sum(event.searches for event in await told(installation)) == searches


def figures(event: SearchesCounted) -> tuple[int, int, dict[int, int]]:
    return event.searches, event.with_result, {each.days: each.searches for each in event.days_to_next}


async def test_a_thousand_searches_of_a_minute_are_one_event_per_office_and_concern(
    installation: Installation, booking: Running
) -> None:
    with moved_clock(MONDAY):
        await search(booking, TODAY, 600)
        await search(booking, SUNDAY, 50)
        await search(booking, TODAY, 300, concern="unterlagen")
        await search(booking, TODAY, 50, office="nord", tenant="duesseldorf")
        assert await count(installation, "booking", "outbox") == 0
        await counted_by(booking).flush(booking.service.database)
    events = {(event.office.id, event.concern_id): event for event in await told(installation)}
    assert {place: figures(event) for place, event in events.items()} == {
        ("mitte", "neuantrag"): (650, 600, {1: 600}),
        ("mitte", "unterlagen"): (300, 300, {1: 300}),
        ("nord", "neuantrag"): (50, 50, {1: 50}),
    }
    tenants = await installation.rows("booking", "SELECT tenant FROM outbox ORDER BY id")
    assert [row["tenant"] for row in tenants] == ["musterstadt", "musterstadt", "duesseldorf"]
    event = events["mitte", "neuantrag"]
    assert event.counted_from == MONDAY.replace(second=0)
    assert event.counted_from < event.counted_to
    assert event.office.name == "Jobcenter Musterstadt, Standort Mitte"

    await counted_by(booking).flush(booking.service.database)
    assert await count(installation, "booking", "outbox") == 3, (
        "what is told is not told again, and nothing is no event"
    )


async def test_only_a_search_from_the_earliest_day_on_tells_days_to_the_next_free_time(
    installation: Installation, booking: Running
) -> None:
    expected = {
        ("2026-09-01", "2026-09-20"): (1, 1, {1: 1}),  # from before today
        ("2026-09-07", "2026-09-20"): (1, 1, {1: 1}),  # from today
        ("2026-09-08", "2026-09-20"): (1, 1, {1: 1}),  # from the earliest day that can be booked
        ("2026-09-09", "2026-09-20"): (1, 1, {}),  # later: says nothing about the wait
        ("2026-09-18", "2026-09-18"): (1, 1, {}),
        ("2026-09-13", "2026-09-13"): (1, 0, {}),  # a Sunday
        ("2026-09-07", "2026-09-07"): (1, 0, {}),  # cannot be booked any more
        ("2027-06-01", "2027-06-02"): (1, 0, {}),  # cannot be booked yet
    }
    for first, last in expected:
        await search(booking, {"from": first, "to": last})
        await counted_by(booking).flush(booking.service.database)
    found = [figures(event) for event in await told(installation)]
    assert dict(zip(expected, found, strict=True)) == expected


async def test_days_are_those_of_the_offices_calendar(installation: Installation, booking: Running) -> None:
    expected = {
        "2026-09-07T21:59:00Z": 1,  # a Monday, one minute before midnight in Berlin: Tuesday is next
        "2026-09-07T22:01:00Z": 2,  # Tuesday: Wednesday is closed
        "2026-10-24T21:30:00Z": 2,  # Saturday, 23:30; the clock changes before Monday
        "2026-10-25T22:30:00Z": 1,  # Sunday, 23:30 again, an hour later in UTC
    }
    for moment in expected:
        now = datetime.fromisoformat(moment)
        with moved_clock(now):
            await search(booking, {"from": f"{now:%Y-%m-%d}", "to": f"{now + timedelta(days=20):%Y-%m-%d}"})
            await counted_by(booking).flush(booking.service.database)
    found = [figures(event)[2] for event in await told(installation)]
    assert dict(zip(expected, found, strict=True)) == {moment: {days: 1} for moment, days in expected.items()}


async def test_what_is_refused_is_no_search(installation: Installation, booking: Running) -> None:
    for office, concern, last in (
        ("nowhere", "neuantrag", "2026-09-08"),
        ("mitte", "nothing", "2026-09-08"),
        ("mitte", "neuantrag", "2026-09-01"),
    ):
        params = {"concern": concern, "from": "2026-09-07", "to": last}
        assert (await booking.client.get(f"/offices/{office}/slots", params=params)).status_code in {404, 422}
    await counted_by(booking).flush(booking.service.database)
    assert await told(installation) == []


@asynccontextmanager
async def without_relay(installation: Installation) -> AsyncIterator[None]:
    """Let no relay of booking send: events stay in the outbox."""
    async with installation.connection("booking") as connection:
        await connection.execute("SELECT pg_advisory_lock(hashtextextended('outbox-relay', 0))")
        yield


async def test_a_running_process_tells_at_the_full_minute_and_what_is_left_when_it_is_stopped(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with without_relay(installation):
        monkeypatch.setattr(module, "SECONDS", 0.3)
        async with installation.app("booking") as running:
            await search(running, TODAY, 3)
            await eventually(partial(all_told, installation, 3))
        monkeypatch.setattr(module, "SECONDS", 3600.0)
        async with installation.app("booking") as running:
            await search(running, TODAY, 4)
            assert await all_told(installation, 3)
        assert await all_told(installation, 7)


async def test_a_running_process_outlives_a_lost_connection_and_tells_all_at_the_next_full_minute(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.3)
    async with without_relay(installation), installation.app("booking") as running:
        async with installation.connection("booking") as connection, connection.transaction():
            await connection.execute("LOCK TABLE outbox IN EXCLUSIVE MODE")
            await search(running, TODAY, 5)
            waiting = partial(waiting_for_a_lock, installation, "booking", "INSERT INTO outbox%")
            for backend in await eventually(waiting):
                await connection.execute("SELECT pg_terminate_backend($1)", backend)
            await search(running, TODAY, 1)
        await eventually(partial(all_told, installation, 6))
        assert running.service.background.dead == ""


@asynccontextmanager
async def refused(installation: Installation) -> AsyncIterator[None]:
    """Let booking's database end all connections and accept none."""
    name = f"booking_{installation.name}"
    async with installation.parts.admin.connect() as connection:
        await connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        await connection.execute(text(ending), {"name": name})
        yield
        await connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))


async def test_while_the_database_is_away_counts_are_kept_and_told_when_it_is_back(
    installation: Installation, booking: Running
) -> None:
    await search(booking, TODAY, 5)
    async with refused(installation):
        for _ in range(3):
            with pytest.raises(Exception) as caught:  # noqa: PT011  whatever it is, it passes
                await counted_by(booking).flush(booking.service.database)
            assert is_transient(caught.value)
    await search(booking, TODAY, 2)
    await search(booking, SUNDAY, 1)
    await counted_by(booking).flush(booking.service.database)
    assert [figures(event) for event in await told(installation)] == [(5, 5, {1: 5}), (3, 2, {1: 2})]


async def test_however_often_it_fails_no_more_waits_than_one_event_and_one_count_of_an_office_and_concern(
    installation: Installation, booking: Running
) -> None:
    url = installation.settings("booking").database
    nowhere = Database(url.replace(f"booking_{installation.name}", "nowhere"))
    for _ in range(4):
        await search(booking, TODAY, 2)
        with pytest.raises(Exception, match="nowhere"):
            await counted_by(booking).flush(nowhere)
    await nowhere.close()
    await counted_by(booking).flush(booking.service.database)
    assert [figures(event) for event in await told(installation)] == [(2, 2, {1: 2}), (6, 6, {1: 6})]


async def test_a_flush_that_is_broken_off_loses_nothing(installation: Installation, booking: Running) -> None:
    await search(booking, TODAY, 5)
    async with installation.connection("booking") as connection, connection.transaction():
        await connection.execute("LOCK TABLE outbox IN EXCLUSIVE MODE")
        flush = asyncio.create_task(counted_by(booking).flush(booking.service.database))
        await eventually(lambda: waiting_for_a_lock(installation, "booking", "INSERT INTO outbox%"))
        await search(booking, TODAY, 1)
        flush.cancel()
        await asyncio.gather(flush, return_exceptions=True)
    await counted_by(booking).flush(booking.service.database)
    assert [event.searches for event in await told(installation)] == [5, 1]


class AnswerLost(Database):
    """Commits, and loses the connection before it can say so."""

    @asynccontextmanager
    async def transaction(self, tenant: str = "", share_lock: str | None = None) -> AsyncIterator[Session]:
        async with super().transaction(tenant, share_lock) as session:
            yield session
        raise ConnectionResetError


async def test_a_flush_that_committed_without_being_told_so_is_repeated_under_the_same_id(
    installation: Installation, booking: Running
) -> None:
    await search(booking, TODAY, 5)
    losing = AnswerLost(installation.settings("booking").database)
    with pytest.raises(ConnectionResetError):
        await counted_by(booking).flush(losing)
    await losing.close()
    await search(booking, TODAY, 1)
    await counted_by(booking).flush(booking.service.database)
    first, again, rest = await told(installation)
    assert (first, first.searches) == (again, 5)
    assert (rest.searches, rest.window_id != first.window_id) == (1, True)
    ids: list[Any] = await installation.rows("booking", "SELECT DISTINCT ce_id FROM outbox")
    assert len(ids) == 3
