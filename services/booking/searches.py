"""Searches for free times: counted in memory, told once a minute in one event per office and concern.

An event per read would be a write per read. What a killed process had counted since the last full minute is lost.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from uuid_utils.compat import uuid7

from services.booking.settings import BookingSettings
from shared import clock, outbox
from shared.contracts.booking import DaysToNext, SearchesCounted
from shared.contracts.values import Office
from shared.db import Database, is_transient
from shared.service import Service

log = structlog.get_logger()

SECONDS = 60.0
STOP_SECONDS = 3.0  # a database that is away must not keep the process from ending


@dataclass
class _Count:
    """What was searched in one office for one concern since the last full minute."""

    office: Mapping[str, Any]
    since: datetime
    searches: int = 0
    with_result: int = 0
    days: Counter[int] = field(default_factory=Counter)


class Searches:
    """The searches that this process answered and has not told yet.

    Days to the next free time are days of the office's calendar from today to the first free day: 0 is today. Only
    a search that begins today or earlier, or at the earliest day that can be booked, tells them: the first free day
    of one that begins later says what somebody wished, not how long one has to wait. A search without a result tells
    none either, so they are to be read beside the share of searches that had one.
    """

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, str], _Count] = {}
        self._untold: dict[str, list[SearchesCounted]] = {}  # by tenant; an attempt to write them may have succeeded

    def count(
        self, tenant: str, office: Mapping[str, Any], now: datetime, first_free: date | None, *, from_earliest: bool
    ) -> None:
        """Count one search; `office`: as `queries.load_rules` returns it, `first_free`: the first day with a time."""
        key = tenant, office["office_id"], office["concern_id"]
        if (found := self._counts.get(key)) is None:
            # The minute, not the moment: when a single person searched is nobody's business.
            found = self._counts[key] = _Count(office, now.replace(second=0, microsecond=0))
        found.searches += 1
        if first_free:
            found.with_result += 1
            if from_earliest:
                found.days[(first_free - now.astimezone(ZoneInfo(office["zone"])).date()).days] += 1

    async def run(self, service: Service[BookingSettings]) -> None:
        """Tell at every full minute, and once more when the process is stopped."""
        try:
            while True:
                await asyncio.sleep(SECONDS - clock.now().timestamp() % SECONDS)
                try:
                    await self.flush(service.database)
                except Exception as error:
                    if not is_transient(error):
                        raise
                    log.warning("searches could not be told, trying again", error=type(error).__name__)
        finally:
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await self.flush(service.database)
            except Exception as error:
                log.warning("the searches of the last minute are lost", error=type(error).__name__)

    async def flush(self, database: Database) -> None:
        """Publish what was counted; what a failure leaves behind goes with the next call.

        When it fails, the database may have committed all the same. So the same events, under the same ids, are
        written again, and statistics takes each window once. Meanwhile new searches are counted apart, so that of
        an office and concern no more than one event and one count wait, however long the database is away.
        """
        await self._write(database)
        now, counts, self._counts = clock.now(), self._counts, {}
        for (tenant, _, concern), count in counts.items():
            self._untold.setdefault(tenant, []).append(_event(concern, count, now))
        await self._write(database)

    async def _write(self, database: Database) -> None:
        if self._untold:
            async with database.transaction() as session:
                for tenant, events in self._untold.items():
                    await session.set_tenant(tenant)
                    for event in events:
                        outbox.add(session, event)
            self._untold = {}


def _event(concern: str, count: _Count, now: datetime) -> SearchesCounted:
    row = count.office
    return SearchesCounted(
        window_id=uuid7(),
        version=1,
        office=Office(
            id=row["office_id"], name=row["office_name"], address=row["address"], zone=row["zone"], phone=row["phone"]
        ),
        concern_id=concern,
        counted_from=count.since,
        counted_to=now,
        searches=count.searches,
        with_result=count.with_result,
        days_to_next=[DaysToNext(days=days, searches=n) for days, n in sorted(count.days.items())],
    )
