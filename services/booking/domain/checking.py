"""What is wrong with a plan somebody wants to publish: field by field, each with a sentence that says what to do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from services.booking.domain.errors import PlanInvalid
from services.booking.domain.plan import WEEKDAYS, Closure, Desk, Hours, OtherHours, Plan, TeamPlan, Window, of_team

MOST_PROBLEMS = 50

_SENTENCES = {  # where pydantic's own words would not help somebody at a form
    "missing": "This is missing.",
    "extra_forbidden": "A plan has no such field.",
    "time": "Please give a time like 08:00.",
    "date": "Please give a day like 2026-10-01.",
    "int": "Please give a whole number.",
    "greater": "This number is too small.",
    "less": "This number is too large.",
    "string_pattern_mismatch": "Please leave out characters that cannot be used here.",
}


@dataclass(frozen=True)
class Problem:
    """`field`: where in the document, by dots; `rule`: what is broken, by name."""

    field: str
    rule: str
    message: str


def parse_plan(document: object) -> Plan:
    """Return the plan that a document tells; raise `PlanInvalid` when it is none."""
    try:
        return Plan.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise _invalid(
            Problem(_path(one["loc"]), one["type"].replace("_", "-"), _sentence(one)) for one in found
        ) from None


def check_plan(plan: Plan, concerns: Mapping[str, Mapping[str, Any]], desks: Mapping[str, Sequence[Desk]]) -> None:
    """Raise `PlanInvalid` when a plan contradicts itself, or names what is not there.

    `concerns`: the tenant's, by id; `desks`: those that there are, by team.
    """
    if found := list(_problems(plan, concerns, desks)):
        raise _invalid(found)


def _invalid(problems: Iterable[Problem]) -> PlanInvalid:
    told = list(problems)[:MOST_PROBLEMS]
    detail = f"This plan cannot be published. {told[0].message}"
    return PlanInvalid(detail, errors=[asdict(problem) for problem in told])


def _path(location: tuple[int | str, ...]) -> str:
    """Name a place; what somebody made up as a key is cut, and made such that it can be sent."""
    return ".".join(str(part) for part in location)[:200].encode(errors="replace").decode()


def _sentence(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    own = next((words for start, words in _SENTENCES.items() if kind.startswith(start)), None)
    return own or f"{str(error['msg']).rstrip('.')}."


def _problems(
    plan: Plan, concerns: Mapping[str, Mapping[str, Any]], desks: Mapping[str, Sequence[Desk]]
) -> Iterator[Problem]:
    if not plan.teams:
        yield Problem("teams", "no-team", "An office has at least one team. To receive nobody, add a closure.")
    for name, team in plan.teams.items():
        yield from _of_concerns(f"teams.{name}.concerns", team, concerns)
        yield from _of_desks(f"teams.{name}", team, desks.get(name, ()))
        if not team.hours:
            yield Problem(f"teams.{name}.hours", "no-hours", f"The team {name} has no hours. Please add a row.")
        yield from _overlapping_hours(f"teams.{name}.hours", team.hours)
        yield from _overlapping_hours(f"teams.{name}.walk_in", team.walk_in)
        yield from _overlapping_days(f"teams.{name}.exceptions", team.exceptions)
        for number, exception in enumerate(team.exceptions):
            places = [(f"teams.{name}.exceptions.{number}.hours.{n}", w) for n, w in enumerate(exception.hours)]
            yield from _overlapping(places, f"From {exception.first} on")
    yield from _overlapping_days("closures", plan.closures)
    for id_ in plan.concerns:
        if id_ not in concerns:
            yield _unknown(f"concerns.{id_}", id_)
        elif (found := plan.concern(concerns[id_]))["horizon_days"] < found["lead_days"]:
            words = (
                f"{id_} can be booked {found['horizon_days']} days ahead, but needs {found['lead_days']} days' notice."
            )
            yield Problem(f"concerns.{id_}.horizon_days", "horizon", f"{words} Please make the first number larger.")


def _of_concerns(field: str, team: TeamPlan, concerns: Mapping[str, object]) -> Iterator[Problem]:
    if not team.concerns:
        yield Problem(
            field, "no-concerns", "A team without a concern receives nobody. Please choose one, or leave it out."
        )
    for number, id_ in enumerate(team.concerns):
        if id_ not in concerns:
            yield _unknown(f"{field}.{number}", id_)
        elif id_ in team.concerns[:number]:
            yield Problem(f"{field}.{number}", "twice", f"{id_} stands here twice. Please take one away.")


def _of_desks(field: str, team: TeamPlan, desks: Sequence[Desk]) -> Iterator[Problem]:
    names = [desk.name for desk in of_team(team, desks)] if team.desks is None else team.desks
    if not names:
        yield Problem(f"{field}.desks", "no-desks", "A team needs a desk. Please name at least one.")
    elif twice := next((name for n, name in enumerate(names) if name in names[:n]), ""):
        yield Problem(f"{field}.desks", "twice", f"{twice} stands here twice. Please give each desk a name of its own.")
    elif team.kept_desks >= len(names):
        words = f"The team has {len(names)} desks: at most {len(names) - 1} can be kept from booking online."
        yield Problem(f"{field}.kept_desks", "kept-too-many", words)


def _unknown(field: str, id_: str) -> Problem:
    return Problem(field, "unknown-concern", f"There is no concern {id_}. Please choose one of the list.")


def _overlapping_hours(field: str, hours: Sequence[Hours]) -> Iterator[Problem]:
    told: set[str] = set()
    for day in WEEKDAYS:
        places = [(f"{field}.{n}", window) for n, window in enumerate(hours) if day in window.days]
        for problem in _overlapping(places, f"On {day}"):
            if problem.field not in told:  # said once, not for each of five days
                told.add(problem.field)
                yield problem


def _overlapping(places: Sequence[tuple[str, Window]], when: str) -> Iterator[Problem]:
    ordered = sorted(places, key=lambda place: (place[1].opens, place[1].closes))
    for (_, first), (field, second) in pairwise(ordered):
        if second.opens < first.closes:
            hours = f"{first.opens:%H:%M} to {first.closes:%H:%M} and {second.opens:%H:%M} to {second.closes:%H:%M}"
            yield Problem(field, "overlap", f"{when}, {hours} overlap. Please make one of them, or shorten one.")


def _overlapping_days(field: str, found: Sequence[Closure] | Sequence[OtherHours]) -> Iterator[Problem]:
    ordered = sorted(enumerate(found), key=lambda one: (one[1].first, one[1].last))
    for (_, first), (number, second) in pairwise(ordered):
        if second.first <= first.last:
            days = f"{first.first} to {first.last} and {second.first} to {second.last}"
            yield Problem(f"{field}.{number}", "overlap", f"{days} overlap. Please make one of them, or shorten one.")
