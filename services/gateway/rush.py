"""Opens the waiting room of a tenant in a rush, and knows at every moment who may come in.

Each process counts arrivals in memory. Above the threshold it writes one row, which the others see within a second or
two. While a rush is on, each adds up who takes a place and exchanges sums once a second: no request waits for the
database, and while it is away everything goes on with what was known last.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from services.gateway.domain import Lane, Rush
from services.gateway.models import rush_places, rushes
from services.gateway.slips import Slip
from shared import clock, metrics
from shared.db import Database, Session, is_transient
from shared.service import Service

log = structlog.get_logger()

WINDOW_SECONDS = 60
SHORTEST_SECONDS = 60  # a rush lasts so long at least: its first arrivals have to be counted by all
POLL_SECONDS = 1.0
MOST_REMEMBERED = 100_000  # slips that were counted, about 20 MB

# One row a lane, however long the rush.
_LANES = select(
    rush_places.c.tenant,
    rush_places.c.opened_at,
    rush_places.c.quick,
    func.array_agg(rush_places.c.second).label("seconds"),
    func.array_agg(rush_places.c.people).label("people"),
).group_by(rush_places.c.tenant, rush_places.c.opened_at, rush_places.c.quick)

Key = tuple[str, float, bool, int]  # tenant, opened_at, quick, second


class WaitingRoom:
    """The waiting rooms of all tenants, as this process knows them."""

    def __init__(self, threshold: int, admitted_per_minute: int) -> None:
        """Take how many arrivals a minute open a rush (0: none does), and how many a minute then come in."""
        self._threshold = threshold
        self._per_minute = admitted_per_minute
        self._arrivals: dict[str, deque[float]] = {}
        self._crowded: set[str] = set()
        self._wake = asyncio.Event()
        self._rushes: dict[str, Rush] = {}
        self._pending: Counter[Key] = Counter()
        self._counted: dict[tuple[str, bool], None] = {}
        self._away = False

    @property
    def opens(self) -> bool:
        """Whether any crowd opens it."""
        return self._threshold > 0

    def rush(self, tenant: str) -> Rush | None:
        """Return the tenant's rush; `None` in normal times."""
        return self._rushes.get(tenant)

    def arrived(self, tenant: str) -> None:
        """Count somebody who begins to book; too many within a minute open the waiting room."""
        if not self.opens:
            return
        latest = self._arrivals.setdefault(tenant, deque(maxlen=self._threshold + 1))
        now = clock.now().timestamp()
        latest.append(now)
        if len(latest) > self._threshold and now - latest[0] < WINDOW_SECONDS and tenant not in self._rushes:
            self._crowded.add(tenant)
            self._wake.set()

    def count(self, tenant: str, rush: Rush, slip: Slip) -> None:
        """Count the place that a slip takes in its lane; again and again it takes only one."""
        quick = slip.kind == "quick"
        known = (slip.number, quick)
        if known in self._counted:
            return
        self._counted[known] = None
        if len(self._counted) > MOST_REMEMBERED:
            del self._counted[next(iter(self._counted))]
        self._pending[tenant, rush.opened_at, quick, int(slip.moment)] += 1

    async def keep_up(self, service: Service[Any]) -> None:
        """Keep up with the other processes, for ever: a background task."""
        while True:
            self._wake.clear()
            await self.exchange(service.database)
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def exchange(self, database: Database) -> None:
        """Tell the others what was counted here, and learn what they have counted."""
        crowded, self._crowded = self._crowded, set()
        pending, self._pending = self._pending, Counter()

        async def work(session: Session) -> dict[str, Rush]:
            await _write(session, crowded, pending)
            return await _end(session, await _read(session, self._per_minute))

        try:
            self._rushes = await database.run(work)
        except Exception as error:
            if not is_transient(error):
                raise
            self._pending.update(pending)
            if not self._away:
                log.warning("the waiting room works without the database", error=type(error).__name__)
            self._away = True
        else:
            self._away = False
        self._show()

    def _show(self) -> None:
        now = clock.now().timestamp()
        for tenant in self._arrivals.keys() | self._rushes.keys():
            rush = self._rushes.get(tenant)
            metrics.RUSH_OPEN.labels(tenant).set(int(rush is not None))
            metrics.RUSH_WAITING.labels(tenant).set(rush.waiting(now) if rush else 0)


async def _write(session: Session, crowded: set[str], pending: Mapping[Key, int]) -> None:
    if crowded:
        rows = [{"tenant": tenant, "opened_at": clock.now()} for tenant in sorted(crowded)]
        await session.execute(insert(rushes).on_conflict_do_nothing(), rows)
    if pending:
        adding = insert(rush_places)
        people = rush_places.c.people + adding.excluded.people
        adding = adding.on_conflict_do_update(index_elements=rush_places.primary_key, set_={"people": people})
        # Sorted: two processes that write the same rows wait for each other and never both.
        await session.execute(adding, [_row(key, people) for key, people in sorted(pending.items())])


def _row(key: Key, people: int) -> dict[str, Any]:
    tenant, opened_at, quick, second = key
    opened = datetime.fromtimestamp(opened_at, UTC)
    return {"tenant": tenant, "opened_at": opened, "quick": quick, "second": second, "people": people}


async def _read(session: Session, per_minute: int) -> dict[str, Rush]:
    open_ = {row.tenant: row.opened_at for row in await session.execute(select(rushes))}
    if not open_:
        return {}
    lanes: dict[tuple[str, datetime, bool], Lane] = {}
    for row in await session.execute(_LANES):
        lanes[row.tenant, row.opened_at, row.quick] = Lane(dict(zip(row.seconds, row.people, strict=True)))
    found = {}
    for tenant, at in open_.items():
        quick, slow = (lanes.get((tenant, at, is_quick), Lane()) for is_quick in (True, False))
        found[tenant] = Rush(at.timestamp(), per_minute, quick, slow)
    return found


async def _end(session: Session, known: dict[str, Rush]) -> dict[str, Rush]:
    """End the rushes that have nobody waiting any more; return the others."""
    now = clock.now().timestamp()
    going_on = {
        tenant: rush for tenant, rush in known.items() if rush.waiting(now) or now - rush.opened_at < SHORTEST_SECONDS
    }
    if over := known.keys() - going_on.keys():
        await session.execute(delete(rushes).where(rushes.c.tenant.in_(over)))
        await session.execute(delete(rush_places).where(rush_places.c.tenant.in_(over)))
    return going_on
