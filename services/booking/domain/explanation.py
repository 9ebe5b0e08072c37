"""Why a time can be booked or not: the one rule that decides, named so that a person can act on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.booking.domain.errors import SlotNotOffered
from services.booking.domain.plan import Window
from services.booking.domain.slots import (
    Busy,
    Rules,
    Slot,
    bookable_days,
    desks_at,
    free_desks,
    in_utc,
    is_received,
    offered_at,
)
from shared.api import SlotRule

MOST_DAYS_AHEAD = 366

_DETAILS: dict[SlotRule, str] = {
    "holiday": "This is a public holiday. Please choose another day.",
    "closure": "The office is closed on this day. Please choose another.",
    "closed": "Nobody is received for this on that day. Please choose another.",
    "outside-hours": "The office does not receive people for this then. Please choose another time.",
    "walk-in-only": "At this time people come without an appointment. Please choose another.",
    "kept-desks": "This time is given by phone and at the counter only. Please call, or choose another.",
    "not-a-start": "No appointment begins at this time. Please choose another.",
}


@dataclass(frozen=True)
class Explanation:
    """`rule` is `free`, or what is in the way; `slot`: the time the plan offers then, taken or not."""

    rule: SlotRule
    detail: str
    slot: Slot | None = None


def explain(rules: Rules, start: datetime, now: datetime, busy: Iterable[Busy] = ()) -> Explanation:
    """Return whether a time can be booked online, and if not, the first rule that blocks it."""
    if start <= now:
        return Explanation("past", "This time is past. Please choose a later one.")
    start, day = start.astimezone(UTC), start.astimezone(rules.zone).date()
    earliest, latest = bookable_days(rules, now)
    if day < earliest:
        return Explanation("too-soon", f"Appointments can be booked from {earliest} on.")
    if day > latest:
        return Explanation("too-far", f"Appointments can be booked until {latest}.")
    slot = offered_at(rules, start, now)
    if slot is None:
        rule = blocking(rules, start)
        return Explanation(rule, _DETAILS[rule])
    if not free_desks(slot, {one.desk_id: one for one in busy}):
        return Explanation("taken", "All desks are taken at this time. Please choose another.", slot)
    return Explanation("free", "This time can be booked.", slot)


def find_offered(rules: Rules, start: datetime, now: datetime) -> Slot:
    """Return the offered time that starts then; raise `SlotNotOffered` with the reason when there is none."""
    found = explain(rules, start, now)
    if found.slot is None:
        raise SlotNotOffered(found.detail, reason=found.rule)
    return found.slot


def blocking(rules: Rules, start: datetime) -> SlotRule:
    """Return what is in the way of a time that is not offered, on a day that can be booked."""
    if (
        rules.coming
        and rules.changes_at
        and rules.changes_at <= start
        and desks_at(rules, start, start + timedelta(minutes=rules.minutes))
    ):
        rules = rules.coming
    day = start.astimezone(rules.zone).date()
    return _rule_of_the_day(rules, day) or _rule_of_the_time(rules, day, start)


def find_overbookable(rules: Rules, start: datetime, now: datetime) -> Slot:
    """Return a time that staff may give although nobody is free, or nothing begins then: its desks may be none.

    Any time to come within a year, while a team receives people for all of it, with an appointment or without; also by
    the plan that is in force then. Raises `SlotNotOffered`.
    """
    if slot := offered_at(rules, start, now):
        return slot
    day = start.astimezone(rules.zone).date()
    if start <= now:
        raise SlotNotOffered("This time is past. Please choose a later one.", reason="past")
    if day > now.astimezone(rules.zone).date() + timedelta(days=MOST_DAYS_AHEAD):
        raise SlotNotOffered("This is more than a year away. Please check the year.", reason="too-far")
    begins = start.astimezone(UTC)
    if begins.second or begins.microsecond:
        raise SlotNotOffered("An appointment begins at a full minute. Please give such a time.", reason="not-a-start")
    ends = begins + timedelta(minutes=rules.minutes)
    coming = rules.coming if rules.changes_at and rules.changes_at <= begins else None
    for each in (rules, coming or rules):
        if not is_received(each, begins, ends):
            rule = _rule_of_the_day(each, day) or "outside-hours"
            raise SlotNotOffered(_DETAILS[rule], reason=rule)
    return Slot(begins, ends, ())


def _rule_of_the_day(rules: Rules, day: date) -> SlotRule | None:
    if day in rules.holidays:
        return "holiday"
    if rules.plan.closure(day):
        return "closure"
    return None if any(team.windows(day) for team, _ in rules.teams) else "closed"


def _rule_of_the_time(rules: Rules, day: date, start: datetime) -> SlotRule:
    end = start + timedelta(minutes=rules.minutes)
    present = [  # the teams that receive people all the while
        (team, desks)
        for team, desks in rules.teams
        if any(opens <= start and end <= closes for opens, closes in _in_utc(rules, day, team.windows(day)))
    ]
    if not present:
        return "outside-hours"
    walk_in = [_in_utc(rules, day, team.walk_in_windows(day)) for team, _ in present]
    if all(any(begins < end and start < ends for begins, ends in windows) for windows in walk_in):
        return "walk-in-only"
    return "not-a-start" if any(desks for _, desks in present) else "kept-desks"


def _in_utc(rules: Rules, day: date, windows: Iterable[Window]) -> list[tuple[datetime, datetime]]:
    return [in_utc(day, window, rules.zone) for window in windows]
