"""Whatever somebody sends as a plan: a sentence for each field that is wrong, and nothing is published."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.planner import Planner, closure, hours


@pytest.fixture
def manager(mitte: Counter) -> Planner:
    return Planner(mitte)


WEEK = [hours("08:00", "12:00")]
TEAM: dict[str, Any] = {"concerns": ["neuantrag"], "hours": WEEK}
LONG = {"from": "2026-10-01", "to": "2026-10-09", "hours": []}
SHORT = {"from": "2026-10-09", "to": "2026-10-10", "hours": []}


@pytest.mark.parametrize(
    ("team", "field", "rule"),
    [
        ({"hours": [*WEEK, hours("11:30", "13:00", "fri")]}, "hours.1", "overlap"),
        ({"hours": [hours("08:00", "12:00", "mon", "mon")], "walk_in": WEEK * 2}, "walk_in.1", "overlap"),
        ({"exceptions": [LONG, SHORT]}, "exceptions.1", "overlap"),
        ({"exceptions": [LONG | {"hours": [{"from": "08:00", "to": "10:00"}] * 2}]}, "exceptions.0.hours.1", "overlap"),
        ({"hours": [hours("12:00", "08:00")]}, "hours.0", "closes-first"),
        ({"hours": [hours("08:00", "08:00")]}, "hours.0", "closes-first"),
        ({"hours": [hours("08:00", "12:00") | {"from": "08:00+02:00"}]}, "hours.0.from", "clock-time"),
        ({"hours": [hours("08:00", "12:00") | {"from": "08:00:30"}]}, "hours.0.from", "clock-time"),
        ({"hours": [hours("08:00", "25:00")]}, "hours.0.to", "time-parsing"),
        ({"hours": [hours("08:00", "12:00", "mo")]}, "hours.0.days.0", "literal-error"),
        ({"hours": []}, "hours", "no-hours"),
        ({"exceptions": [LONG | {"to": "2026-09-30"}]}, "exceptions.0", "ends-first"),
        ({"exceptions": [LONG | {"from": "soon"}]}, "exceptions.0.from", "date-from-datetime-parsing"),
        ({"exceptions": [LONG | {"reason": {"de": "Um\x00zug"}}]}, "exceptions.0.reason.de", "string-pattern-mismatch"),
        ({"concerns": []}, "concerns", "no-concerns"),
        ({"concerns": ["neuantrag", "haircut"]}, "concerns.1", "unknown-concern"),
        ({"concerns": ["neuantrag", "neuantrag"]}, "concerns.1", "twice"),
        ({"kept_desks": -1}, "kept_desks", "greater-than-equal"),
        ({"kept_desks": 3}, "kept_desks", "kept-too-many"),
        ({"kept_desks": "many"}, "kept_desks", "int-parsing"),
        ({"desks": []}, "desks", "no-desks"),
        ({"desks": ["A", " A"]}, "desks", "twice"),
        ({"desks": ["A\x00"]}, "desks.0", "string-pattern-mismatch"),
        ({"desks": ["A\ud800"]}, "desks.0", "string-unicode"),
        ({"desks": [" "]}, "desks.0", "string-too-short"),
        ({"name": {"de": " "}}, "name.de", "string-too-short"),
        ({"name": {"de": "A\x00"}}, "name.de", "string-pattern-mismatch"),
        ({"colour": "red"}, "colour", "extra-forbidden"),
    ],
)
async def test_what_is_wrong_with_a_team_is_said_at_its_field(
    manager: Planner, team: dict[str, Any], field: str, rule: str
) -> None:
    document = {"teams": {"eingang": TEAM | team}, "closures": []}
    body = json.dumps({"document": document})
    answer = await manager.ask("POST", "/offices/mitte/plans/preview", content=body, headers=JSON)
    errors = problem_of(answer, 422, "plan-invalid")["errors"]
    assert [(one["field"], one["rule"]) for one in errors] == [(f"teams.eingang.{field}", rule)]
    assert errors[0]["message"].endswith(".")


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"teams": {}}, "teams", "no-team"),
        ({"teams": {"new": TEAM}}, "teams.new.desks", "no-desks"),
        ({"teams": {"No Slug": TEAM | {"desks": ["A"]}}}, "teams.No Slug.[key]", "string-pattern-mismatch"),
        ({"teams": None}, "teams", "dict-type"),
        ({"closures": [closure("2026-10-02") | {"to": "2026-10-01"}]}, "closures.0", "ends-first"),
        ({"closures": [closure("2026-10-02"), closure("2026-10-02")]}, "closures.1", "overlap"),
        ({"closures": [{"from": "2026-10-02", "to": "2026-10-02"}]}, "closures.0.reason", "missing"),
        ({"concerns": {"haircut": {"minutes": 5}}}, "concerns.haircut", "unknown-concern"),
        ({"concerns": {"neuantrag": {"minutes": 0}}}, "concerns.neuantrag.minutes", "greater-than"),
        ({"concerns": {"neuantrag": {"lead_days": 20}}}, "concerns.neuantrag.horizon_days", "horizon"),
    ],
)
async def test_what_is_wrong_with_an_office_too(
    manager: Planner, changes: dict[str, Any], field: str, rule: str
) -> None:
    document = (await manager.in_force())["document"] | changes
    for answer in (await manager.preview(document), await manager.publish(document)):
        errors = problem_of(answer, 422, "plan-invalid")["errors"]
        assert (errors[0]["field"], errors[0]["rule"]) == (field, rule)
    assert len(await manager.versions()) == 1


async def test_odd_requests_are_refused(manager: Planner) -> None:
    document = (await manager.in_force())["document"]
    looks: list[dict[str, Any]] = [{}, {"document": []}, {"document": document, "version": 1}, {"version": 2**40}]
    for body in (*looks, {"version": 0}):
        problem_of(await manager.plans("POST", "/preview", **body), 422, "invalid-request")
    for more in ({"expect": "x"}, {"expect": 2**70}, {"note": "\x00"}, {"note": "x" * 301}, {"stranded": "perhaps"}):
        problem_of(await manager.publish(document, **more), 422, "invalid-request")
    for version in ("0", "x", str(2**31)):
        problem_of(await manager.plans(path=f"/{version}"), 422, "invalid-request")
    problem_of(await manager.plans(path="/7"), 404, "unknown-plan")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["mon", "08:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


async def test_whatever_json_comes_it_is_looked_at_or_refused(manager: Planner) -> None:
    """Each place of a whole plan is replaced by anything at all."""
    whole = await manager.changed(
        walk_in=WEEK, exceptions=[LONG | {"hours": [{"from": "08:00", "to": "10:00"}]}], desks=["A", "B"], kept_desks=1
    )
    whole["concerns"] = {"neuantrag": {"minutes": 20}}
    places = list(_places(whole))
    tried: list[dict[str, Any]] = []

    @settings(max_examples=300, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(places), ANYTHING)
    def collect(place: tuple[Any, ...], value: object) -> None:
        document = deepcopy(whole)
        inner: Any = document
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = value
        tried.append(document)

    collect()
    for document in tried:
        body = json.dumps({"document": document})
        answer = await manager.ask("POST", "/offices/mitte/plans/preview", content=body, headers=JSON)
        assert answer.status_code in {200, 422}, body
        assert answer.status_code == 200 or answer.json()["detail"]


def _places(value: object, path: tuple[Any, ...] = ()) -> Any:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from _places(one, (*path, key))
