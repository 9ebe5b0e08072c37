"""What may be done with a ticket in which state, and what becomes of somebody who arrives. Pure.

A ticket waits, is called (up to three times), is served at a desk, and is closed: served, no-show or left.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from services.booking.domain.errors import CalledEnough, CalledTooSeldom, NoTicketsNow, OutcomeWrong, TicketStateWrong
from services.booking.domain.queue import GRACE
from services.booking.domain.slots import Rules, in_utc

OPEN = ("waiting", "called", "serving")
MOST_CALLS = 3
# Whoever comes so long before their time is told when it will be their turn.
EARLY = timedelta(minutes=30)
# When an office opens is looked for on so many days; farther off, it is not known.
FARTHEST_OPENING_DAYS = 62
# I and O would be read as 1 and 0.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_AWAY = {"desk_id": None, "called_at": None, "calls": 0, "started_at": None, "ended_at": None, "gap": None}

Fields = Mapping[str, Any]  # of a ticket: state, calls, called_at, started_at
Outcome = Literal["checked-in", "early", "late", "wrong-office", "cancelled", "not-today"]

_IS = {
    "waiting": "is waiting and has not been called",
    "called": "is called to a desk",
    "serving": "is being served",
    "served": "has been served",
    "no-show": "was called three times and nobody came",
    "left": "was given back: the person has left",
}


def letter_of(team: str, teams: list[str]) -> str:
    """Return the letter of a team's tickets, by its place in the opening plan."""
    return _LETTERS[teams.index(team) % len(_LETTERS)]


def label_of(letter: str, number: int) -> str:
    """`A`, 17 → `A017`."""
    return f"{letter}{number:03}"


def call(ticket: Fields, desk_id: int, now: datetime) -> dict[str, Any]:
    """Return what changes when somebody is called to a desk."""
    _check(ticket, "waiting")
    return {"state": "called", "desk_id": desk_id, "called_at": now, "calls": 1}


def call_again(ticket: Fields, seen: int | None) -> dict[str, Any]:
    """Return what changes when somebody who did not come is called again; raise `CalledEnough`.

    `seen`: how many calls whoever presses knew of; pressed twice, or at two desks, it is one call.
    """
    _check(ticket, "called")
    if seen is not None and seen != ticket["calls"]:
        detail = f"Number {ticket['label']} has been called {ticket['calls']} times. Please look at the list again."
        raise TicketStateWrong(detail, state=ticket["state"])
    if ticket["calls"] >= MOST_CALLS:
        raise CalledEnough("This number has been called three times. Please note that nobody came, or put it back.")
    return {"calls": ticket["calls"] + 1}


def start(ticket: Fields, now: datetime) -> dict[str, Any]:
    """Return what changes when somebody has come to the desk."""
    _check(ticket, "called")
    return {"state": "serving", "started_at": now}


def serve(ticket: Fields, now: datetime) -> dict[str, Any]:
    """Return what changes when somebody has been served; whoever pressed nothing before began when they called."""
    _check(ticket, "called", "serving")
    return {"state": "served", "started_at": ticket["started_at"] or ticket["called_at"], "ended_at": now}


def miss(ticket: Fields, now: datetime) -> dict[str, Any]:
    """Return what changes when nobody came; raise `CalledTooSeldom` before the third call."""
    _check(ticket, "called")
    if ticket["calls"] < MOST_CALLS:
        raise CalledTooSeldom(
            f"This number has been called {ticket['calls']} of {MOST_CALLS} times. Please call it again first.",
            calls=ticket["calls"],
        )
    return {"state": "no-show", "ended_at": now}


def put_back(ticket: Fields, now: datetime) -> dict[str, Any]:
    """Return what changes when somebody waits again, at their place; also when they were taken for missing, or gone."""
    _check(ticket, "called", "serving", "no-show", "left")
    return {"state": "waiting", **_AWAY, **_freed(ticket, now)}


def pass_on(ticket: Fields, team: str, concern: str, now: datetime) -> dict[str, Any]:
    """Return what changes when another team is to go on; their place is that of their arrival still."""
    _check(ticket, *OPEN)
    return {
        "state": "waiting",
        "team_id": team,
        "concern_id": concern,
        "passed_on": True,
        **_AWAY,
        **_freed(ticket, now),
    }


def set_urgency(ticket: Fields, urgency: str) -> dict[str, Any]:
    """Return what changes when somebody says that they cannot wait."""
    _check(ticket, "waiting")
    return {"urgency": urgency}


def leave(ticket: Fields, now: datetime) -> dict[str, Any]:
    """Return what changes when somebody does not want to wait any longer; nothing when they have left already."""
    if ticket["state"] == "left":
        return {}
    _check(ticket, "waiting", "called")
    return {"state": "left", "ended_at": now}


def end_of_day(now: datetime) -> dict[str, Any]:
    """Return what changes when the office has closed and somebody's visit was never ended."""
    return {"state": "left", "ended_at": now}


def arrival(appointment: Fields, office: str, zone: ZoneInfo, now: datetime) -> Outcome:
    """Return what becomes of somebody who arrives at an office; `late`: they wait like people without appointment."""
    starts_at = appointment["starts_at"]
    if appointment["state"] == "cancelled":
        return "cancelled"
    if starts_at.astimezone(zone).date() != now.astimezone(zone).date():
        return "not-today"
    if appointment["office_id"] != office:
        return "wrong-office"
    if now > starts_at + GRACE:
        return "late"
    return "early" if now < starts_at - EARLY else "checked-in"


def check_outcome(outcome: str | None, appointment: Fields, now: datetime, *, is_here: bool) -> None:
    """Raise `OutcomeWrong` when staff cannot set this of an appointment: only missed, once it is too late to come."""
    if appointment["state"] != "booked":
        raise OutcomeWrong("This appointment is not booked (any more), so there is nothing to note.")
    if is_here or appointment["outcome"] == "served":
        raise OutcomeWrong("The person is here or was served. Please use their ticket.")
    if outcome == "missed" and now <= appointment["starts_at"] + GRACE:
        raise OutcomeWrong("They can still come: somebody is missing from 15 minutes after their time.")
    begins = appointment["starts_at"].astimezone(ZoneInfo(appointment["zone"])).date()
    if outcome == "excused" and begins > now.astimezone(ZoneInfo(appointment["zone"])).date():
        raise OutcomeWrong("The appointment is on a later day. Please cancel it, so that others can have the time.")


def was_cancelled_late(appointment: Fields, limit: timedelta) -> bool:
    """Whether a citizen cancelled so short before the beginning that hardly anybody could use the time."""
    if appointment["state"] != "cancelled" or appointment["cancelled_by"] != "citizen":
        return False
    late: bool = appointment["cancelled_at"] > appointment["starts_at"] - limit
    return late


def openings(rules: Rules, team: str, now: datetime) -> list[tuple[datetime, datetime]]:
    """Return when a team receives people on this day, appointments or not, in UTC."""
    return _openings_on(rules, team, now.astimezone(rules.zone).date())


def next_opening(rules: Rules, now: datetime) -> datetime | None:
    """Return when a team receives people next, in UTC; `None` when one does now, or none will in the next weeks.

    From its moment on, the plan to come decides.
    """
    today = now.astimezone(rules.zone).date()
    for n in range(FARTHEST_OPENING_DAYS):
        for opens, closes in sorted(_openings_of_all(rules, today + timedelta(days=n))):
            if closes > now:
                return opens if opens > now else None
    return None


def _openings_of_all(rules: Rules, day: date) -> Iterator[tuple[datetime, datetime]]:
    """Yield when anybody receives people on a day, by the plan in force and by the one to come."""
    for part, first, last in ((rules, None, rules.changes_at), (rules.coming, rules.changes_at, None)):
        for name, team in part.plan.teams.items() if part else ():
            for opens, closes in _openings_on(part, name, day) if part and team.concerns else ():
                begins, ends = max(opens, first or opens), min(closes, last or closes)
                if begins < ends:  # on the day of the clock change, an hour may not exist
                    yield begins, ends


def _openings_on(rules: Rules, team: str, day: date) -> list[tuple[datetime, datetime]]:
    if day in rules.holidays or rules.plan.closure(day):
        return []
    return sorted(in_utc(day, window, rules.zone) for window in rules.plan.teams[team].windows(day))


def teams_for(rules: Rules) -> list[str]:
    """Return the teams that handle the concerns."""
    return [name for name, team in rules.plan.teams.items() if set(rules.concern_ids) <= set(team.concerns)]


def open_teams(rules: Rules, now: datetime) -> list[str]:
    """Return the teams that handle the concerns and receive people now; raise `NoTicketsNow` when there is none."""
    times = {team: openings(rules, team, now) for team in teams_for(rules)}
    found = [team for team, hours in times.items() if any(opens <= now < closes for opens, closes in hours)]
    if found:
        return found
    later = min((opens for hours in times.values() for opens, _ in hours if opens > now), default=None)
    if later is None:
        raise NoTicketsNow("The office has closed for this today. Please come on another day.", reason="closed")
    opens = later.astimezone(rules.zone)
    raise NoTicketsNow(f"The office opens for this at {opens:%H:%M}.", reason="not-yet", opens_at=opens.isoformat())


def shortest(teams: list[str], waiting: Mapping[str, int], desks: Mapping[str, int]) -> str:
    """Return the team where a desk is open and the fewest wait for each desk; the first of equals."""
    return min(teams, key=lambda team: (not desks.get(team), (waiting.get(team, 0) + 1) / (desks.get(team) or 1)))


def _freed(ticket: Fields, now: datetime) -> dict[str, Any]:
    if ticket["desk_id"] is None or ticket["ended_at"] is not None:
        return {}
    return {"left_desk_id": ticket["desk_id"], "left_desk_at": now}


def _check(ticket: Fields, *states: str) -> None:
    if ticket["state"] not in states:
        detail = f"Number {ticket['label']} {_IS[ticket['state']]}. Please look at the list again."
        raise TicketStateWrong(detail, state=ticket["state"])
