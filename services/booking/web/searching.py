"""A search for free times, for citizens and staff alike: what is asked, and what is found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Query

from services.booking import domain, queries, switches
from shared import api, clock
from shared.db import Database

Also = Annotated[list[api.Slug], Query(max_length=api.MOST_CONCERNS - 1)]


@dataclass(frozen=True)
class State:
    """All that decides which times are free; `place`: as `queries.load_rules` returns it."""

    rules: domain.Rules
    place: Mapping[str, Any]
    first: date  # of what was asked for, the days that can be booked
    last: date
    busy: Sequence[domain.Busy]
    now: datetime
    from_earliest: bool  # whether the search began at the first day that can be booked, or before

    def list_free(self, day: date | None = None) -> list[domain.Slot]:
        """Return the free times of a day, or of all that were asked for, in order."""
        return domain.list_free(self.rules, day or self.first, day or self.last, self.now, self.busy)

    def free_days(self, day: date | None) -> api.FreeDays:
        """Return the days with free times, and the times of one: of `day`, or of the first when there is none on it."""
        days = domain.list_free_days(self.rules, self.first, self.last, self.now, self.busy)
        shown = day if day in days else next(iter(days), None)
        return api.FreeDays(days=days, slots=self.documents(self.list_free(shown)) if shown else [])

    def documents(self, free: Iterable[domain.Slot]) -> list[api.Slot]:
        """Return what is told of free times."""
        zone = self.rules.zone
        return [
            api.Slot(start=slot.starts_at.astimezone(zone), end=slot.ends_at.astimezone(zone), free=len(slot.desks))
            for slot in free
        ]


@dataclass(frozen=True)
class Search:
    """Free times of an office, from the first to the last day, both included."""

    office: str
    concern: str
    also: Sequence[str]
    first: date
    last: date

    async def read(self, database: Database, tenant: str, *, for_staff: bool = False) -> State:
        """Read what decides what is free now.

        Raises `UnknownOffice`, `UnknownConcern`, `NotTogether`, and not for staff `OnlineBookingOff`.
        """
        now = clock.now()
        async with database.transaction(tenant) as session:
            rules, place = await queries.load_rules(session, self.office, once(self.concern, self.also))
            if for_staff:
                rules = domain.for_staff(rules)
            else:
                await switches.check_online_booking(session, self.office, place["phone"])
            earliest, latest = domain.bookable_days(rules, now)
            first, last = max(self.first, earliest), min(self.last, latest)
            busy: list[domain.Busy] = []
            if first <= last:
                start, end = _day_start(first, rules.zone), _day_start(last + timedelta(days=1), rules.zone)
                busy = await queries.list_busy(session, rules.desk_ids, start, end, now)
        return State(rules, place, first, last, busy, now, from_earliest=first == earliest)


async def get_search(
    office: api.Slug,
    concern: api.Slug,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
    also: Also = [],  # noqa: B006  FastAPI copies it
) -> Search:
    """Return what a request asks for; raise `PeriodTooLong`."""
    if last < first:
        raise domain.PeriodTooLong("`to` lies before `from`.")
    if (last - first).days >= domain.LONGEST_PERIOD_DAYS:
        raise domain.PeriodTooLong(f"Please ask for at most {domain.LONGEST_PERIOD_DAYS} days at once.")
    return Search(office, concern, also, first, last)


CurrentSearch = Annotated[Search, Depends(get_search)]


def once(concern: str, also: Sequence[str]) -> list[str]:
    """Return all concerns in their order, each once."""
    return list(dict.fromkeys([concern, *also]))


def _day_start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
