"""The rules of booking: which times an opening plan offers, and what may be booked or cancelled when. Pure."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.errors import Conflict, Invalid, NotFound

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_PERIOD_DAYS = 92


class UnknownOffice(NotFound):
    """The tenant has no such office."""


class UnknownConcern(NotFound):
    """The office does not handle such a concern."""


class PeriodTooLong(Invalid):
    """Free times were asked for over too many days."""


class SlotTaken(Conflict):
    """All desks are taken at this time."""


class SlotNotOffered(Invalid):
    """The opening plan does not offer this time."""


class IdempotencyKeyReused(Invalid):
    """The same key came with another request."""


class AppointmentNotFound(NotFound):
    """No appointment has this number and code."""


class AlreadyCancelled(Conflict):
    """The appointment is cancelled: there is nothing to move."""


class AppointmentOver(Conflict):
    """The appointment has begun or is past."""


class _Plan(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="forbid")


class Hours(_Plan):
    """When a team receives people, in the office's local time."""

    days: list[Weekday] = Field(min_length=1)
    opens: time = Field(alias="from")
    closes: time = Field(alias="to")

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "Hours":
        if self.opens >= self.closes:
            raise ValueError(f"opens at {self.opens} but closes at {self.closes}")
        return self


class Closure(_Plan):
    """Days on which the office is closed, first and last included."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    reason: dict[str, str]


class TeamPlan(_Plan):
    """What a team handles, and when."""

    concerns: list[str]
    hours: list[Hours]


class Plan(_Plan):
    """The opening plan of one office, by team."""

    teams: dict[str, TeamPlan]
    closures: list[Closure] = Field(default_factory=list)


class Busy(NamedTuple):
    """A time at which a desk is taken."""

    desk_id: int
    starts_at: datetime
    ends_at: datetime


class Slot(NamedTuple):
    """A time that can be booked, in UTC, and the desks still free then."""

    starts_at: datetime
    ends_at: datetime
    desks: tuple[int, ...]


@dataclass(frozen=True)
class Rules:
    """All that decides which times one office offers for one concern."""

    zone: ZoneInfo
    holidays: Container[date]
    plan: Plan
    desks: Mapping[str, Sequence[int]]
    concern_id: str
    minutes: int
    lead_days: int
    horizon_days: int

    @property
    def desk_ids(self) -> list[int]:
        """The desks of all teams that handle the concern."""
        return sorted(
            desk
            for team, plan in self.plan.teams.items()
            if self.concern_id in plan.concerns
            for desk in self.desks.get(team, ())
        )


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
        offered: dict[datetime, list[int]] = {}
        for opens, closes, desks in _openings(rules, day):
            start = opens
            while start + length <= closes:
                if start > now:
                    at_start = offered.setdefault(start, [])
                    at_start += [desk for desk in desks if desk not in at_start]
                start += length
        for start in sorted(offered):
            yield Slot(start, start + length, tuple(offered[start]))
        day += timedelta(days=1)


def list_free(rules: Rules, first: date, last: date, now: datetime, busy: Iterable[Busy]) -> list[Slot]:
    """Return the times within these days at which at least one desk is free, with the free desks."""
    taken: dict[int, list[Busy]] = {}
    for one in busy:
        taken.setdefault(one.desk_id, []).append(one)
    free = []
    for slot in list_offered(rules, first, last, now):
        desks = tuple(
            desk
            for desk in slot.desks
            if not any(b.starts_at < slot.ends_at and slot.starts_at < b.ends_at for b in taken.get(desk, ()))
        )
        if desks:
            free.append(Slot(slot.starts_at, slot.ends_at, desks))
    return free


def find_offered(rules: Rules, start: datetime, now: datetime) -> Slot:
    """Return the offered time that starts then; raise `SlotNotOffered` with the reason when there is none."""
    if start <= now:
        raise SlotNotOffered("This time is past. Please choose a later one.", reason="past")
    day = start.astimezone(rules.zone).date()
    earliest, latest = bookable_days(rules, now)
    if day < earliest:
        raise SlotNotOffered(f"Appointments can be booked from {earliest} on.", reason="too-soon")
    if day > latest:
        raise SlotNotOffered(f"Appointments can be booked until {latest}.", reason="too-far")
    for slot in list_offered(rules, day, day, now):
        if slot.starts_at == start:
            return slot
    raise SlotNotOffered("The office offers no appointment at this time. Please choose another.", reason="not-in-plan")


def check_can_move(state: str, starts_at: datetime, now: datetime) -> None:
    """Raise `AlreadyCancelled` or `AppointmentOver` when there is nothing to move any more."""
    if state == "cancelled":
        raise AlreadyCancelled("This appointment is cancelled and cannot be moved. Please book a new one.")
    if starts_at <= now:
        raise AppointmentOver("This appointment has begun or is past; it cannot be moved any more.")


def check_can_cancel(state: str, starts_at: datetime, now: datetime) -> bool:
    """Tell whether there is something to cancel; raise `AppointmentOver` when it is too late."""
    if state == "cancelled":
        return False
    if starts_at <= now:
        raise AppointmentOver("This appointment has begun or is past; it cannot be cancelled any more.")
    return True


def _openings(rules: Rules, day: date) -> Iterator[tuple[datetime, datetime, Sequence[int]]]:
    if day in rules.holidays or any(closure.first <= day <= closure.last for closure in rules.plan.closures):
        return
    weekday = WEEKDAYS[day.weekday()]
    for team, plan in rules.plan.teams.items():
        if rules.concern_id not in plan.concerns:
            continue
        for hours in plan.hours:
            if weekday in hours.days:
                yield (
                    datetime.combine(day, hours.opens, rules.zone).astimezone(UTC),
                    datetime.combine(day, hours.closes, rules.zone).astimezone(UTC),
                    rules.desks.get(team, ()),
                )
