"""Closing a day: the plan that follows."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from services.booking.domain.errors import UnknownTeam
from services.booking.domain.plan import Closure, OtherHours, Plan

KEPT = timedelta(days=366)


def close(plan: Plan, day: date, team: str | None, reason: Mapping[str, str]) -> Plan:
    """Return the plan in which nobody, or nobody of a team, receives people on a day; closed already, the same plan.

    Raises `UnknownTeam`.
    """
    if is_closed(plan, day, team):
        return plan
    plan = _without_past(plan, day - KEPT)
    days = {"from": day, "to": day, "reason": dict(reason)}
    if team is None:
        return plan.model_copy(update={"closures": [*plan.closures, Closure.model_validate(days)]})
    found = plan.teams[team]
    kept = [part for one in found.exceptions for part in _without(one, day)]
    exceptions = [*kept, OtherHours.model_validate(days | {"hours": []})]
    return plan.model_copy(update={"teams": {**plan.teams, team: found.model_copy(update={"exceptions": exceptions})}})


def _without_past(plan: Plan, before: date) -> Plan:
    """Return the plan without closures and exceptions that are long over: a plan holds so many."""
    teams = {
        name: team.model_copy(update={"exceptions": [one for one in team.exceptions if one.last >= before]})
        for name, team in plan.teams.items()
    }
    closures = [one for one in plan.closures if one.last >= before]
    return plan.model_copy(update={"teams": teams, "closures": closures})


def _without(exception: OtherHours, day: date) -> Iterator[OtherHours]:
    """Yield what is left of an exception when a day is taken out of it."""
    if not exception.covers(day):
        yield exception
        return
    if exception.first < day:
        yield exception.model_copy(update={"last": day - timedelta(days=1)})
    if day < exception.last:
        yield exception.model_copy(update={"first": day + timedelta(days=1)})


def is_closed(plan: Plan, day: date, team: str | None) -> bool:
    """Tell whether the plan closes the office, or a team, on a day already; raise `UnknownTeam`."""
    if team is not None and team not in plan.teams:
        raise UnknownTeam("This office has no such team. Please choose one from the list.")
    if plan.closure(day):
        return True
    return team is not None and not plan.teams[team].windows(day)
