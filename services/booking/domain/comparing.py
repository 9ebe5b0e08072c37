"""What changes from one plan to another, in pieces that a page can put into words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.booking.domain.plan import WEEKDAYS, ConcernRules, Hours, Plan, TeamPlan


@dataclass(frozen=True)
class Change:
    """`before` and `after`: pieces of the documents; of what is a list, only what is there in one of them alone."""

    what: str
    before: Sequence[Any]
    after: Sequence[Any]
    team: str | None = None
    day: str | None = None
    concern: str | None = None


def compare(
    former: Plan, new: Plan, former_desks: Mapping[str, Sequence[str]], desks: Mapping[str, Sequence[str]]
) -> list[Change]:
    """Return what changes, in the order of the teams; `desks`: the names of each team's, with which it is compared."""
    found: list[Change] = []
    for team in dict.fromkeys([*new.teams, *former.teams]):
        before, after = former.teams.get(team), new.teams.get(team)
        if before is None or after is None:
            found.append(Change("team", [team] * bool(before), [team] * bool(after), team))
        found += _of_team(team, before or _NOTHING, after or _NOTHING)
        found += _difference("desks", former_desks.get(team, ()), desks.get(team, ()), team)
    found += _difference("closures", _documents(former.closures), _documents(new.closures))
    for id_ in sorted({*former.concerns, *new.concerns}):
        was, will = (plan.concerns.get(id_, ConcernRules()).model_dump(exclude_none=True) for plan in (former, new))
        if was != will:
            found.append(Change("rules", [was], [will], concern=id_))
    return found


_NOTHING = TeamPlan(concerns=[], hours=[])


def _of_team(team: str, before: TeamPlan, after: TeamPlan) -> Iterator[Change]:
    if before.name != after.name:
        yield Change("name", [before.name] if before.name else [], [after.name] if after.name else [], team)
    yield from _of_days("hours", team, before.hours, after.hours)
    yield from _of_days("walk-in", team, before.walk_in, after.walk_in)
    yield from _difference("exceptions", _documents(before.exceptions), _documents(after.exceptions), team)
    if before.kept_desks != after.kept_desks:
        yield Change("kept-desks", [before.kept_desks], [after.kept_desks], team)
    yield from _difference("concerns", before.concerns, after.concerns, team)


def _of_days(what: str, team: str, before: Sequence[Hours], after: Sequence[Hours]) -> Iterator[Change]:
    for day in WEEKDAYS:
        was, will = (
            sorted([f"{one.opens:%H:%M}", f"{one.closes:%H:%M}"] for one in hours if day in one.days)
            for hours in (before, after)
        )
        if was != will:
            yield Change(what, was, will, team, day)


def _difference(what: str, before: Sequence[Any], after: Sequence[Any], team: str | None = None) -> Iterator[Change]:
    gone, new = [one for one in before if one not in after], [one for one in after if one not in before]
    if gone or new:
        yield Change(what, gone, new, team)


def _documents(found: Sequence[Any]) -> list[Any]:
    return [one.model_dump(mode="json", by_alias=True) for one in found]
