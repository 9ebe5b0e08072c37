"""The promise while plans are published and holds end: exactly the free desks are won, and nobody meets an error."""

import asyncio
import time
import uuid
from collections import Counter as Tally
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared import clock
from tests.harness.answers import problem_of
from tests.harness.counter import Counter, counter
from tests.harness.inprocess import moved_clock, unstarted
from tests.harness.installation import Installation
from tests.harness.load import add_desks
from tests.harness.planner import Planner, closure

CLIENTS, ROUNDS, DESKS = 200, 50, 3
ENDS_MEANWHILE = timedelta(seconds=20)


class Office:
    """The office `mitte`, asked at two replicas; its plan is published at a third."""

    def __init__(self, mitte: Counter, replicas: list[Counter], manager: Planner) -> None:
        self.mitte, self.replicas, self.manager = mitte, replicas, manager
        self.answered = 0
        self.half = asyncio.Event()

    async def ask(self, number: int, start: str) -> httpx.Response:
        """Book, or hold: every fifth does that first."""
        replica = self.replicas[number % len(self.replicas)]
        answer = await (replica.hold(str(uuid.uuid4()), start) if number % 5 == 0 else replica.book(start))
        self.answered += 1
        if self.answered == CLIENTS // 2:
            self.half.set()
        return answer

    def race(self, start: str) -> "asyncio.Future[list[httpx.Response]]":
        """Let everybody ask for one time at once; `half` is set when half of them have their answer."""
        self.answered = 0
        self.half.clear()
        return asyncio.gather(*(self.ask(number, start) for number in range(CLIENTS)))

    async def publish(self, **changes: Any) -> int:
        """Publish the next version of the plan; whoever has an appointment keeps it. Return how many have one."""
        in_force = await self.manager.in_force()
        await self.manager.published(in_force["document"] | changes, expect=in_force["version"], stranded="keep")
        return await self.mitte.count("occupancies")

    async def publish_all_the_while(self) -> None:
        """Publish again and again, each time with another day in the far future on which the office is closed."""
        day = datetime(2030, 1, 1, tzinfo=UTC).date()
        while True:
            day += timedelta(days=1)
            await self.publish(closures=[closure(day.isoformat())])
            await asyncio.sleep(0.02)  # a town does not publish without a break

    async def hold_desks(self, start: str, count: int, until: timedelta) -> None:
        """Let so many desks be held until then."""
        for _ in range(count):
            assert (await self.mitte.hold(holder := str(uuid.uuid4()), start)).status_code == 201, holder
        for table in ("holds", "occupancies"):
            statement = f"UPDATE {table} SET held_until = :until WHERE starts_at = :start AND held_until IS NOT NULL"
            await self.mitte.rows(statement, until=clock.now() + until, start=datetime.fromisoformat(start))

    async def deadlocks(self) -> int:
        """Return how many deadlocks the database has resolved."""
        [found] = await self.mitte.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(found["deadlocks"])


@pytest.fixture
async def office(installation: Installation, on_monday: datetime) -> AsyncIterator[Office]:  # noqa: ARG001  moves the clock
    async with (
        counter(installation) as mitte,
        unstarted(installation, "booking", "musterstadt") as other,
        unstarted(installation, "booking", "musterstadt") as third,
    ):
        manager = Planner(Counter(installation, third, mitte.key))
        yield Office(mitte, [mitte, Counter(installation, other, mitte.key)], manager)


def times() -> list[str]:
    """Return one time for each round."""
    days = [datetime(2026, 9, day, 6, 0, tzinfo=UTC) for day in (8, 10, 11, 14, 15, 17, 18)]
    return [(day + timedelta(minutes=30 * n)).isoformat() for day in days for n in range(8)][:ROUNDS]


@contextmanager
def all_the_while(work: Any) -> Iterator[None]:
    """Do something beside the body, which fails when that does."""
    task = asyncio.create_task(work)
    try:
        yield
        assert not task.done(), task
    finally:
        task.cancel()


async def test_two_hundred_race_fifty_times_while_plans_change_and_holds_end(office: Office) -> None:
    """In turn: nothing is held; a desk whose hold has just ended; two; one held; one whose hold ends in the middle."""
    before, begun = await office.deadlocks(), time.perf_counter()
    with all_the_while(office.publish_all_the_while()):
        for number, start in enumerate(times()):
            desks, until = [
                (0, timedelta()),
                (1, timedelta(seconds=-1)),
                (2, timedelta(seconds=-1)),
                (1, timedelta(minutes=9)),
                (1, ENDS_MEANWHILE),
            ][number % 5]
            await office.hold_desks(start, desks, until)
            race = office.race(start)
            with ExitStack() as later:
                if until == ENDS_MEANWHILE:
                    await office.half.wait()
                    later.enter_context(moved_clock(clock.now() + until))
                answers = await race
                assert await office.mitte.free(start) == 0
            free = DESKS - (desks if until > ENDS_MEANWHILE else 0)
            assert Tally(answer.status_code for answer in answers) == {201: free, 409: CLIENTS - free}, start
            for answer in answers:
                if answer.status_code == 409:
                    assert "choose another" in problem_of(answer, 409, "slot-taken")["detail"]
            assert await office.mitte.overlaps() == 0
    plans = await office.mitte.count("plans WHERE (tenant, office_id) = ('musterstadt', 'mitte')")
    deadlocks = await office.deadlocks() - before
    print(f"{plans - 1} plans published, {deadlocks} deadlocks, {time.perf_counter() - begun:.0f} s")
    assert plans > ROUNDS


async def test_nobody_gets_a_time_by_the_former_plan_once_a_new_one_is_published(
    installation: Installation, office: Office
) -> None:
    """There are desks for all; in the middle of the race a plan is published that closes the day."""
    await add_desks(installation, CLIENTS)
    former = 0
    for start in times()[:40:8]:  # each on a day of its own
        race = office.race(start)
        await office.half.wait()
        taken = await office.publish(closures=[closure(start[:10])])
        answers = await race
        assert await office.mitte.count("occupancies") == taken
        booked = Tally(answer.status_code for number, answer in enumerate(answers) if number % 5)
        assert booked == {201: taken - former, 422: booked.total() - taken + former}
        # What was held has ended with the plan, and nothing is held after it.
        held = {answer.status_code for number, answer in enumerate(answers) if number % 5 == 0}
        assert held <= {201, 422}
        former = taken
        assert {problem_of(a, 422, "slot-not-offered")["reason"] for a in answers if a.status_code == 422} == {
            "closure"
        }
        assert await office.mitte.overlaps() == 0
