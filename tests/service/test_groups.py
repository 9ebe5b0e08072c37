"""Works that come in at the same time share a transaction, and none of them pays for another's fault."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import text

from shared import groups as module
from shared import outbox
from shared.db import Database, Session
from shared.errors import Conflict, Unavailable
from shared.groups import MOST, Groups
from shared.tracing import current_traceparent, span
from tests.harness.chaos import count
from tests.harness.events import TENANT, booked
from tests.harness.installation import Installation
from tests.harness.messaging import waiting_for_a_lock
from tests.harness.waiting import eventually

Work = Callable[[Session], Coroutine[Any, Any, int]]
LOCK = "plan/musterstadt/mitte"
_TRANSACTION = text("SELECT txid_current()")
_TAKE_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:lock, 0))")


@pytest.fixture
async def database(installation: Installation) -> AsyncIterator[Database]:
    """Booking's database, with no service beside that would send what is in the outbox."""
    database = Database(installation.settings("booking").database)
    yield database
    await database.close()


async def publish(session: Session) -> int:
    """Publish an event and tell the transaction."""
    outbox.add(session, booked())
    return int((await session.execute(_TRANSACTION)).scalar_one())


async def together(
    installation: Installation, database: Database, *works: Work, groups: Groups | None = None
) -> list[int | BaseException]:
    """Run works that all come in while the first one's transaction waits for a lock; return theirs, without its."""
    groups = groups or Groups(database)
    async with database.transaction() as session:
        await session.execute(_TAKE_LOCK, {"lock": LOCK})
        first = asyncio.create_task(groups.run(publish, TENANT, LOCK))
        await eventually(lambda: waiting_for_a_lock(installation, "booking", "%pg_advisory_xact_lock_shared%"))
        others = [asyncio.create_task(groups.run(work, TENANT, LOCK)) for work in works]
        await asyncio.sleep(0)
    await first
    return await asyncio.gather(*others, return_exceptions=True)


async def test_what_comes_in_meanwhile_shares_the_next_transaction(
    installation: Installation, database: Database
) -> None:
    found = await together(installation, database, *[publish] * (MOST + 3))
    assert len(set(found[:MOST])) == 1
    assert len(set(found[MOST:])) == 1
    assert len(set(found)) == 2, f"no more than {MOST} in one"
    assert await count(installation, "booking", "outbox") == 1 + MOST + 3


async def test_a_work_that_is_refused_hears_it_and_the_others_are_committed(
    installation: Installation, database: Database
) -> None:
    async def refused(_: Session) -> int:
        raise Conflict("Taken. Please choose another.")

    one, error, other = await together(installation, database, publish, refused, publish)
    assert isinstance(error, Conflict)
    assert one == other
    assert await count(installation, "booking", "outbox") == 3


async def test_after_a_failure_each_runs_again_in_a_transaction_of_its_own(
    installation: Installation, database: Database
) -> None:
    async def failing(session: Session) -> int:
        outbox.add(session, booked())
        await session.execute(text("SELECT 1 / 0"))
        raise AssertionError

    one, error, other = await together(installation, database, publish, failing, publish)
    assert "division by zero" in str(error)
    assert one != other
    assert await count(installation, "booking", "outbox") == 3, "nothing twice, and nothing of what failed"


async def test_each_work_keeps_the_trace_of_its_request(database: Database) -> None:
    traces: list[tuple[str | None, str | None]] = []

    def traced(groups: Groups) -> Awaitable[int]:
        with span("request", ""):
            mine = current_traceparent()

            async def work(_: Session) -> int:
                traces.append((mine, current_traceparent()))
                return 0

            return asyncio.create_task(groups.run(work, TENANT, LOCK))

    groups = Groups(database)
    await asyncio.gather(*(traced(groups) for _ in range(5)))
    assert len({mine for mine, _ in traces}) == 5
    assert all(mine == seen for mine, seen in traces)


async def test_somebody_who_goes_away_takes_nobody_along(installation: Installation, database: Database) -> None:
    groups = Groups(database)
    async with database.transaction() as session:
        await session.execute(_TAKE_LOCK, {"lock": LOCK})
        gone = asyncio.create_task(groups.run(publish, TENANT, LOCK))
        await eventually(lambda: waiting_for_a_lock(installation, "booking", "%pg_advisory_xact_lock_shared%"))
        stays = asyncio.create_task(groups.run(publish, TENANT, LOCK))
        await asyncio.sleep(0)
        gone.cancel()
    assert await stays
    assert gone.cancelled()
    assert await count(installation, "booking", "outbox") == 2, "what was begun is finished"


async def test_what_has_waited_too_long_is_refused_and_was_not_begun(
    installation: Installation, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_WAIT", -1.0)
    with pytest.raises(Unavailable, match="try again"):
        await Groups(database).run(publish, TENANT, LOCK)
    assert await count(installation, "booking", "outbox") == 0


async def test_another_lock_does_not_wait(database: Database) -> None:
    groups = Groups(database)
    async with database.transaction() as session:
        await session.execute(_TAKE_LOCK, {"lock": LOCK})
        waits = asyncio.create_task(groups.run(publish, TENANT, LOCK))
        assert await groups.run(publish, TENANT, "plan/musterstadt/nord")
        assert not waits.done()
    assert await waits
