"""How long people are told they will wait."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain import (
    Durations,
    Expected,
    Gaps,
    Line,
    Punctuality,
    Queued,
    Range,
    Serving,
    Waiting,
    expected_wait,
    in_order,
    waiting,
)
from tests.simulation.figures import Figures
from tests.simulation.history import History
from tests.simulation.patterns import DAYS, TEAMS

NOW = datetime(2026, 9, 8, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TEN = Durations(10, [10.0] * 30)  # every conversation took ten minutes
EMPTY = Line(now=NOW, opens_at=NOW - 60 * MINUTE, closes_at=NOW + 180 * MINUTE, desks=1, durations={"a": TEN})
ME = Queued(Waiting(UUID(int=0), NOW, number=999), "a")


@pytest.fixture(autouse=True)
def all_days_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the waits of these examples can be counted on one's fingers."""
    monkeypatch.setattr(waiting, "DAYS_DIFFER", 0.0)


def queued(number: int, came: float = 30, due: float | None = None, urgency: str = "") -> Queued:
    """Return somebody who came so many minutes ago, with an appointment so many minutes from now."""
    due_at = None if due is None else NOW + due * MINUTE
    return Queued(Waiting(UUID(int=number), NOW - came * MINUTE, due_at, urgency, number), "a")  # type: ignore[arg-type]


def test_who_comes_to_a_free_desk_waits_less_than_a_minute() -> None:
    assert expected_wait(EMPTY, ME) == Range(0, 1)


def test_whoever_is_before_me_takes_as_long_as_people_took() -> None:
    assert expected_wait(replace(EMPTY, waiting=[queued(1), queued(2)]), ME) == Range(20, 21)


def test_two_desks_halve_it() -> None:
    assert expected_wait(replace(EMPTY, desks=2, waiting=[queued(1), queued(2)]), ME) == Range(10, 11)


def test_of_a_conversation_only_the_rest_is_left() -> None:
    assert expected_wait(replace(EMPTY, serving=[Serving("a", NOW - 4 * MINUTE)]), ME) == Range(6, 7)


def test_a_conversation_longer_than_any_before_may_end_at_once() -> None:
    assert expected_wait(replace(EMPTY, serving=[Serving("a", NOW - 40 * MINUTE)]), ME) == Range(0, 1)


def test_an_appointment_soon_goes_before_me_and_one_later_does_not() -> None:
    line = replace(EMPTY, waiting=[queued(1)])
    assert expected_wait(replace(line, expected=[Expected(NOW + 15 * MINUTE, "a")]), ME) == Range(10, 11)
    punctual = replace(line, punctuality=Punctuality([-10.0]))
    assert expected_wait(replace(punctual, expected=[Expected(NOW + 15 * MINUTE, "a")]), ME) == Range(20, 21)
    assert expected_wait(replace(punctual, expected=[Expected(NOW + 25 * MINUTE, "a")]), ME) == Range(10, 11)


def test_an_appointment_goes_before_me_from_ten_minutes_before_its_time_on() -> None:
    assert expected_wait(replace(EMPTY, waiting=[queued(1, due=10)]), ME) == Range(10, 11)
    assert expected_wait(replace(EMPTY, waiting=[queued(1, due=11)]), ME) == Range(0, 1)


def test_appointments_that_people_rarely_keep_hardly_count() -> None:
    line = replace(EMPTY, expected=[Expected(NOW, "a")], serving=[Serving("a", NOW)])
    assert expected_wait(replace(line, punctuality=Punctuality([1.0] * 99, missed=1)), ME) == Range(20, 21)
    assert expected_wait(replace(line, punctuality=Punctuality([1.0], missed=99)), ME) == Range(10, 11)


def test_a_pause_is_waited_for() -> None:
    line = replace(EMPTY, desks=0, paused=[NOW - 5 * MINUTE], gaps=Gaps([(NOW, 1.0)] * 20 + [(NOW, 15.0)]))
    assert expected_wait(line, ME) == Range(10, 11)


def test_before_the_opening_desks_are_expected_somewhat_late() -> None:
    line = replace(EMPTY, desks=0, unopened=1, opens_at=NOW + 5 * MINUTE)
    assert expected_wait(line, ME) == Range(5, 11)


def test_between_two_people_a_desk_takes_what_it_took_at_this_time_of_day() -> None:
    gaps = Gaps([(NOW - timedelta(days=1), 2.0)] * 100 + [(NOW - timedelta(days=1, hours=4), 50.0)] * 100)
    assert expected_wait(replace(EMPTY, waiting=[queued(1), queued(2)], gaps=gaps), ME) == Range(24, 25)


def test_the_wait_for_an_appointment_begins_at_its_time() -> None:
    early = queued(3, came=10, due=12)
    line = replace(EMPTY, serving=[Serving("a", NOW)], waiting=[queued(1, urgency="danger"), early])
    assert expected_wait(line, early) == Range(8, 9)
    assert expected_wait(replace(line, waiting=[early]), early) == Range(0, 1)


def test_nothing_is_told_without_a_desk() -> None:
    assert expected_wait(replace(EMPTY, desks=0), ME) == "no-desk"


def test_nothing_is_promised_that_the_office_closes_before() -> None:
    line = replace(EMPTY, waiting=[queued(1), queued(2)], closes_at=NOW + 15 * MINUTE)
    assert expected_wait(line, ME) == "too-many"


def test_while_little_was_measured_the_planned_minutes_speak() -> None:
    line = replace(EMPTY, durations={"a": Durations(40)}, waiting=[queued(1)])
    shown = expected_wait(line, ME)
    assert isinstance(shown, Range)
    assert shown.from_minutes < 40 < shown.to_minutes


def test_the_same_state_gives_the_same_answer() -> None:
    line = replace(EMPTY, durations={"a": Durations(10, [5.0, 10.0, 20.0])}, waiting=[queued(n) for n in range(1, 9)])
    assert expected_wait(line, ME) == expected_wait(line, ME)


people = st.builds(
    queued,
    number=st.just(0),
    came=st.integers(0, 60),
    due=st.none() | st.integers(-60, 60) | st.sampled_from([9, 10, 11, 19, 20, 21]),  # about to be due at a call
    urgency=st.sampled_from(["", "", "", "danger"]),
)


@given(st.lists(people, min_size=1, max_size=12), st.integers(1, 4))
def test_the_played_queue_keeps_the_rule(line: list[Queued], desks: int) -> None:
    """Whoever it is, they wait as long as the rule itself lets them, would every conversation take ten minutes."""
    them = [replace(one, waiting=replace(one.waiting, id=UUID(int=n), number=n)) for n, one in enumerate(line, 1)]
    me = them[0]
    free, left = [NOW] * desks, [one.waiting for one in them]
    while True:
        now = min(free)
        called = in_order(left, now)[0]
        if called is me.waiting:
            break
        left.remove(called)
        free[free.index(now)] = now + 10 * MINUTE
    waits = (now - max(NOW, me.waiting.due_at or NOW)) / MINUTE
    shown = expected_wait(replace(EMPTY, desks=desks, waiting=them), me)
    assert shown == Range(int(max(0, waits)), int(max(0, waits)) + 1)


def test_on_simulated_days_most_wait_as_long_as_they_were_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    history = History(TEAMS["entrance, 4 desks"], seed=1)
    tuesday = DAYS["ordinary Tuesday"]
    history.warm_up([tuesday] * 10)
    seen = Figures.of([history.live(tuesday) for _ in range(10)])
    assert seen.delay(0.5) <= 5
    assert seen.delay(0.9) <= 10
    assert 0.7 <= seen.right <= 0.95
    assert seen.error < seen.formula_error
