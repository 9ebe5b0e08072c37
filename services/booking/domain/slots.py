"""Which times an office offers for a concern, and which of them are free."""

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.booking.domain.plan import Plan, TeamPlan, Window

LONGEST_PERIOD_DAYS = 92


_ZERO = datetime(2000, 1, 1, tzinfo=UTC)


def ticks(moment: datetime) -> int:
    """Return a moment as PostgreSQL keeps it: in microseconds since 2000."""
    return (moment - _ZERO) // timedelta(microseconds=1)


class Busy(NamedTuple):
    """When a desk is taken: begins and ends in `ticks`, in order, none overlapping another."""

    desk_id: int
    starts: Sequence[int]
    ends: Sequence[int]

    def leaves_free(self, start: int, end: int) -> bool:
        """Whether nothing is in the way of that time."""
        before_end = bisect_left(self.starts, end)
        return before_end == 0 or self.ends[before_end - 1] <= start


class Slot(NamedTuple):
    """A time that can be booked, in UTC, and the desks still free then."""

    starts_at: datetime
    ends_at: datetime
    desks: tuple[int, ...]


@dataclass(frozen=True)
class Rules:
    """All that decides which times one office offers for one concern, or for several in one appointment.

    Those of online booking, unless they are made `for_staff`. `coming`: those of the plan that comes into force at
    `changes_at`: nobody is given a time that it will not keep.
    """

    zone: ZoneInfo
    holidays: Container[date]
    plan: Plan
    desks: Mapping[str, Sequence[int]]
    concern_ids: Sequence[str]
    minutes: int
    lead_days: int
    horizon_days: int
    kept_desks_too: bool = False
    coming: "Rules | None" = None
    changes_at: datetime | None = None

    @property
    def teams(self) -> Iterator[tuple[TeamPlan, tuple[int, ...]]]:
        """The teams that handle all the concerns, each with its desks that can be booked."""
        for team, plan in self.plan.teams.items():
            if all(concern in plan.concerns for concern in self.concern_ids):
                desks = tuple(self.desks.get(team, ()))
                kept = 0 if self.kept_desks_too else plan.kept_desks
                yield plan, desks[: max(0, len(desks) - kept)]

    @property
    def desk_ids(self) -> list[int]:
        """The desks of all teams that handle the concerns."""
        return sorted(desk for _, desks in self.teams for desk in desks)


def for_staff(rules: Rules) -> Rules:
    """Return the rules by which staff book by phone and at the counter: desks kept for that too, and today already."""
    return replace(rules, lead_days=0, kept_desks_too=True)


def bookable_days(rules: Rules, now: datetime) -> tuple[date, date]:
    """Return the first and last day that can be booked now.

    With a lead of one day, tomorrow can be booked until midnight: at 00:00:00 it has become today.
    """
    today = now.astimezone(rules.zone).date()
    return today + timedelta(days=rules.lead_days), today + timedelta(days=rules.horizon_days)


def list_offered(rules: Rules, first: date, last: date, now: datetime) -> Iterator[Slot]:
    """Yield the times the plan offers within these days, taken or not, with all desks that could serve them.

    Within each opening of a team, a concern's times follow each other without gaps. Steps are made in UTC, so
    that on the days of the clock change no local hour is missed or doubled.
    """
    earliest, latest = bookable_days(rules, now)
    length = timedelta(minutes=rules.minutes)
    day = max(first, earliest)
    while day <= min(last, latest):
        offered: dict[datetime, tuple[int, ...]] = {}
        for opens, closes, of_team in openings(rules, day):
            start = opens
            while start + length <= closes:
                if start > now and (desks := _that_stay(rules, start, start + length, of_team)):
                    others = offered.get(start)
                    offered[start] = tuple(dict.fromkeys((*others, *desks))) if others else desks
                start += length
        for start in sorted(offered):
            yield Slot(start, start + length, offered[start])
        day += timedelta(days=1)


def offered_at(rules: Rules, start: datetime, now: datetime) -> Slot | None:
    """Return the offered time that begins then: the one `list_offered` would yield, without making all of its day."""
    day, length = start.astimezone(rules.zone).date(), timedelta(minutes=rules.minutes)
    start = start.astimezone(UTC)  # steps of a local time are those of its clock, which is changed twice a year
    earliest, latest = bookable_days(rules, now)
    if start <= now or not earliest <= day <= latest:
        return None
    desks = dict.fromkeys(
        desk
        for opens, closes, there in openings(rules, day)
        if opens <= start and start + length <= closes and not (start - opens) % length
        for desk in _that_stay(rules, start, start + length, there)
    )
    return Slot(start, start + length, tuple(desks)) if desks else None


def list_free(rules: Rules, first: date, last: date, now: datetime, busy: Iterable[Busy]) -> list[Slot]:
    """Return the times within these days at which at least one desk is free, with the free desks."""
    taken = {one.desk_id: one for one in busy}
    return [
        Slot(slot.starts_at, slot.ends_at, desks)
        for slot in list_offered(rules, first, last, now)
        if (desks := free_desks(slot, taken))
    ]


def list_free_days(rules: Rules, first: date, last: date, now: datetime, busy: Iterable[Busy]) -> list[date]:
    """Return the days among these on which `list_free` finds a time; each is left at its first."""
    taken = {one.desk_id: one for one in busy}
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if any(free_desks(slot, taken) for slot in list_offered(rules, day, day, now))]


def free_desks(slot: Slot, taken: Mapping[int, Busy]) -> tuple[int, ...]:
    """Return the desks of an offered time that nobody sits at; `taken`: by desk."""
    start, end = ticks(slot.starts_at), ticks(slot.ends_at)
    return tuple([desk for desk in slot.desks if desk not in taken or taken[desk].leaves_free(start, end)])


def in_utc(day: date, window: Window, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a window of a day begins and ends."""
    opens, closes = (datetime.combine(day, edge, zone).astimezone(UTC) for edge in (window.opens, window.closes))
    return opens, closes


def _that_stay(rules: Rules, start: datetime, end: datetime, desks: tuple[int, ...]) -> tuple[int, ...]:
    """Return those of the desks that the plan to come, if there is one, has at that time too."""
    if rules.coming is None or rules.changes_at is None or start < rules.changes_at:
        return desks
    there = desks_at(rules.coming, start, end)
    return tuple(desk for desk in desks if desk in there)


def desks_at(rules: Rules, start: datetime, end: datetime) -> set[int]:
    """Return the desks that are there all of that time, whether or not an appointment can begin just then."""
    day = start.astimezone(rules.zone).date()
    there = (desks for opens, closes, desks in whole_openings(rules, day) if opens <= start and end <= closes)
    return {desk for desks in there for desk in desks}


def whole_openings(rules: Rules, day: date) -> list[tuple[datetime, datetime, tuple[int, ...]]]:
    """Return `openings` with those of a team that follow each other without a gap as one."""
    found: list[tuple[datetime, datetime, tuple[int, ...]]] = []
    for opens, closes, desks in sorted(openings(rules, day), key=lambda one: (one[2], one[0])):
        if found and found[-1][2] == desks and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(closes, found[-1][1]), desks)
        else:
            found.append((opens, closes, desks))
    return found


def is_received(rules: Rules, start: datetime, end: datetime) -> bool:
    """Whether one of the teams receives people all of that time, with an appointment or without."""
    day = start.astimezone(rules.zone).date()
    if day in rules.holidays or rules.plan.closure(day):
        return False
    for team, _ in rules.teams:
        until = start  # windows may follow each other without a gap
        for opens, closes in sorted(in_utc(day, window, rules.zone) for window in team.windows(day)):
            if opens <= until < closes:
                until = closes
        if end <= until:
            return True
    return False


def openings(rules: Rules, day: date) -> Iterator[tuple[datetime, datetime, tuple[int, ...]]]:
    """Yield when appointments are possible on a day: each team's hours without those for people who walk in."""
    if day in rules.holidays or rules.plan.closure(day):
        return
    for team, desks in rules.teams:
        walk_in = sorted(in_utc(day, window, rules.zone) for window in team.walk_in_windows(day))
        for window in team.windows(day):
            opens, closes = in_utc(day, window, rules.zone)
            for begins, ends in walk_in:
                if begins < closes and opens < ends:
                    if opens < begins:
                        yield opens, begins, desks
                    opens = max(opens, ends)
            if opens < closes:
                yield opens, closes, desks
