"""Who is called next: the rule for staff and public (docs/queue.md), on any line that may be."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain import GRACE, SOON, Waiting, in_order

NOW = datetime(2026, 9, 8, 9, 0, tzinfo=UTC)
minutes = st.integers(-90, 90).map(lambda number: timedelta(minutes=number))


@st.composite
def lines(draw: st.DrawFn) -> list[Waiting]:
    """Draw people who have come until now, with an appointment or without; each has a ticket of their own."""
    return [
        Waiting(
            UUID(int=number),
            NOW - abs(draw(minutes)),
            draw(st.none() | minutes.map(lambda after: NOW + after)),
            draw(st.sampled_from(["", "", "", "no-roof", "no-means", "danger", "frail"])),
            number,
        )
        for number in range(draw(st.integers(0, 12)))
    ]


def is_due(one: Waiting) -> bool:
    return one.due_at is not None and one.due_at - SOON <= NOW and not one.is_late and not one.urgency


def goes_by_arrival(one: Waiting) -> bool:
    return not one.urgency and (one.due_at is None or one.is_late)


@given(lines())
def test_everybody_has_one_place(line: list[Waiting]) -> None:
    assert sorted(one.number for one in in_order(line, NOW)) == [one.number for one in line]


@given(lines(), st.randoms())
def test_the_order_depends_on_nothing_but_the_people(line: list[Waiting], chance: st.DataObject) -> None:
    mixed = line.copy()
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert in_order(mixed, NOW) == in_order(line, NOW)


@given(lines())
def test_who_is_called_leaves_the_order_of_the_others_as_it_was(line: list[Waiting]) -> None:
    first, *others = in_order([*line, Waiting(UUID(int=99), NOW, number=99)], NOW)
    assert in_order(others, NOW) == others, first


@given(lines())
def test_urgent_cases_are_first_as_they_came(line: list[Waiting]) -> None:
    order = in_order(line, NOW)
    urgent = [one for one in order if one.urgency]
    assert order[: len(urgent)] == urgent == sorted(urgent, key=lambda one: (one.arrived_at, one.number))


@given(lines())
def test_nobody_without_an_appointment_goes_before_one_that_is_due(line: list[Waiting]) -> None:
    order = [one for one in in_order(line, NOW) if not one.urgency]
    due = [one for one in order if is_due(one)]
    assert order[: len(due)] == due
    assert [one.due_at for one in due] == sorted(one.due_at for one in due if one.due_at)


@given(lines())
def test_who_comes_too_late_goes_by_arrival_like_people_without_an_appointment(line: list[Waiting]) -> None:
    by_arrival = [one for one in in_order(line, NOW) if goes_by_arrival(one)]
    assert by_arrival == sorted(by_arrival, key=lambda one: (one.arrived_at, one.number))


@given(lines())
def test_an_appointment_before_its_time_goes_last(line: list[Waiting]) -> None:
    early = [one for one in line if not (one.urgency or is_due(one) or goes_by_arrival(one))]
    assert {one.number for one in in_order(line, NOW)[len(line) - len(early) :]} == {one.number for one in early}


def test_fifteen_minutes_late_is_not_too_late() -> None:
    due = NOW - GRACE
    walk_in = Waiting(UUID(int=1), NOW - timedelta(hours=1), number=1)
    just_in_time = Waiting(UUID(int=2), NOW, due, number=2)
    too_late = Waiting(UUID(int=3), NOW + timedelta(seconds=1), due, number=3)
    assert in_order([walk_in, too_late, just_in_time], NOW) == [just_in_time, walk_in, too_late]


def test_people_who_came_in_the_same_moment_keep_the_order_of_their_tickets() -> None:
    line = [Waiting(UUID(int=9 - number), NOW, number=number) for number in range(5)]
    assert in_order(reversed(line), NOW) == line
