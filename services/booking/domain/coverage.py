"""Whether a plan still has somebody there for an appointment that was given under another plan."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from services.booking.domain.explanation import blocking
from services.booking.domain.plan import Desk, Plan, TeamPlan, of_team
from services.booking.domain.slots import Rules, is_received, whole_openings
from shared.api import SlotRule

Gap = SlotRule | Literal["no-desk", "no-team"]


class Coverage:
    """What one plan offers at all: staff's and walked-in hours apart, it is asked for many appointments."""

    def __init__(
        self, plan: Plan, desks: Mapping[str, Sequence[Desk]], zone: ZoneInfo, holidays: Container[date]
    ) -> None:
        self._rules = Rules(
            zone=zone, holidays=holidays, plan=plan, desks=plan.desk_ids(desks), concern_ids=(), minutes=1, lead_days=0,
            horizon_days=0, kept_desks_too=True,
        )  # fmt: skip
        self._known: dict[tuple[tuple[str, ...], date], list[tuple[datetime, datetime, tuple[int, ...]]]] = {}

    def gap(self, concern_ids: Sequence[str], start: datetime, end: datetime, desk_id: int | None) -> Gap | None:
        """Return why nobody would be there for an appointment; `None`: it is covered, wherever its time would begin.

        `desk_id`: `None` when it takes none, as one that staff have added on top, perhaps while people walk in.
        """
        rules = replace(self._rules, concern_ids=concern_ids)
        if desk_id is None and is_received(rules, start, end):
            return None
        day = start.astimezone(rules.zone).date()
        key = tuple(concern_ids), day
        if key not in self._known:
            self._known[key] = whole_openings(rules, day)
        there = [desks for opens, closes, desks in self._known[key] if opens <= start and end <= closes]
        if any(desk_id in desks for desks in there):
            return None
        if there and desk_id is not None:
            return "no-desk"
        if not any(True for _ in rules.teams):
            return "no-team"
        return blocking(replace(rules, minutes=(end - start) // timedelta(minutes=1)), start)


def desk_names(plan: Plan, desks: Mapping[str, Sequence[Desk]]) -> dict[str, list[str]]:
    """Return the names of the desks that each team has by a plan; those to be added are among them."""
    return {team: list(_names(part, desks.get(team, ()))) for team, part in plan.teams.items()}


def team_names(plan: Plan, desks: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    """Return what teams are called, by language; one without a name as its desks, without their numbers.

    `desks`: the names of each team's; in which language they are is not known (`und`).
    """
    return {
        team: dict(part.name) or {"und": _stem(next(iter(desks.get(team, ())), team))}
        for team, part in plan.teams.items()
    }


def _stem(desk: str) -> str:
    return desk.rpartition(" ")[0] or desk


def _names(part: TeamPlan, desks: Sequence[Desk]) -> Iterator[str]:
    yield from (desk.name for desk in of_team(part, desks)) if part.desks is None else part.desks


def simplest(plan: Plan, desks: Mapping[str, Sequence[Desk]]) -> Plan:
    """Return the plan without what says nothing, so that plans that do the same have the same hash."""
    teams = {
        team: replace_desks(part) if part.desks == list(_names(replace_desks(part), desks.get(team, ()))) else part
        for team, part in plan.teams.items()
    }
    changed = {id_: rules for id_, rules in plan.concerns.items() if rules.model_dump(exclude_none=True)}
    return plan.model_copy(update={"teams": teams, "concerns": changed})


def replace_desks(part: TeamPlan) -> TeamPlan:
    """Return a team's part of a plan with the desks that were there before any plan named some."""
    return part.model_copy(update={"desks": None})
