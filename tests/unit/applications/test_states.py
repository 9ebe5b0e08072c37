"""The machine of states: where an application can go, whose turn it is, by when, and what follows from the papers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.applications import domain
from shared.contracts.applications import State
from shared.errors import ServiceError

BERLIN = ZoneInfo("Europe/Berlin")
SINCE = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
LAST = SINCE.replace(tzinfo=None) + timedelta(days=2000)
DAYS: dict[State, int] = {"received": 14, "documents-missing": 21, "in-review": 28}
states = strategies.sampled_from(domain.STATES)


class Application(RuleBasedStateMachine):
    """An application that staff, its citizen and its papers change in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.state: State = "received"
        self.explained = 0
        self.back = 0

    @rule(wanted=states, explanation=strategies.sampled_from(["", "why"]))
    def change(self, wanted: State, explanation: str) -> None:
        backward = domain.is_backward(self.state, wanted)
        try:
            domain.check_change(self.state, wanted, explanation)
        except ServiceError:
            return
        assert wanted != self.state
        self.back += backward
        self.explained += backward and bool(explanation)
        self.state = wanted

    @rule(missing=strategies.booleans(), back=strategies.booleans())
    def papers(self, missing: bool, back: bool) -> None:  # noqa: FBT001  drawn by name
        wanted = domain.automatic(self.state, missing=missing, back=back)
        if wanted != self.state:
            domain.check_change(self.state, wanted, "")
        self.state = wanted
        assert not (wanted == "documents-missing" and not missing), "it waits for nothing that is not missing"

    @invariant()
    def every_step_back_is_explained(self) -> None:
        assert self.explained == self.back

    @invariant()
    def somebody_is_next_until_the_end(self) -> None:
        ended = self.state in domain.ENDED
        assert (domain.next_actor(self.state) == "nobody") == ended
        assert (domain.due(self.state, SINCE, DAYS, BERLIN) is None) == ended
        assert domain.possible(self.state)


TestApplication = Application.TestCase


@pytest.mark.parametrize("state", domain.STATES)
def test_what_is_possible_is_what_is_not_refused(state: State) -> None:
    allowed = []
    for wanted in domain.STATES:
        try:
            domain.check_change(state, wanted, "why")
            allowed.append(wanted)
        except domain.StateJump:
            pass
    assert sorted(domain.possible(state)) == sorted(allowed)


@pytest.mark.parametrize(("state", "wanted"), [("received", "decided"), ("documents-missing", "decided"),
                                               ("decided", "withdrawn"), ("decided", "received")])  # fmt: skip
def test_no_jump_is_possible_whatever_is_said(state: State, wanted: State) -> None:
    with pytest.raises(domain.StateJump):
        domain.check_change(state, wanted, "It was so.")


@given(
    strategies.datetimes(SINCE.replace(tzinfo=None), LAST, timezones=strategies.just(UTC)), strategies.integers(1, 366)
)
def test_the_time_ends_with_a_day_where_the_office_is(since: datetime, days: int) -> None:
    due = domain.due("received", since, {"received": days}, BERLIN)
    assert due is not None
    local = due.astimezone(BERLIN)
    assert (local.hour, local.minute) == (23, 59)
    assert local.date() == since.astimezone(BERLIN).date() + timedelta(days=days)


def test_a_benefit_that_is_not_offered_any_more_has_no_times() -> None:
    assert domain.due("received", SINCE, {}, BERLIN) is None


def test_states_by_actor_are_all_states_once() -> None:
    by_actor = [domain.states_of(actor) for actor in ("citizen", "office", "nobody")]
    assert sorted(state for states_ in by_actor for state in states_) == sorted(domain.STATES)
