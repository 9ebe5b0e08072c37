"""Turns in the waiting room: the earlier place has the earlier turn, nobody waits for ever, the pace is kept."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain import GRACE_SECONDS, SETTLED_SECONDS, SLOW_SHARE, Lane, Rush, place

OPENED = 1_000_000.0
moments = st.floats(OPENED + 0.001, OPENED + 120).map(lambda moment: round(moment, 6))
crowds = st.lists(moments, max_size=200)
paces = st.integers(1, 1000)


def rush(quick: list[float], slow: list[float], per_minute: int) -> Rush:
    """Return a rush in which all places have been counted."""
    return Rush(OPENED, per_minute, *(Lane(Counter(int(moment) for moment in lane)) for lane in (quick, slow)))


@given(crowds, crowds, paces)
def test_in_a_lane_nobody_comes_in_before_who_was_there_earlier(
    quick: list[float], slow: list[float], pace: int
) -> None:
    now = rush(quick, slow, pace)
    for lane in (quick, slow):
        turns = [now.turn(moment, quick=lane is quick) for moment in sorted(lane)]
        assert turns == sorted(turns)


@given(crowds, crowds, paces)
def test_nobody_waits_longer_than_their_lane_takes_alone(quick: list[float], slow: list[float], pace: int) -> None:
    now = rush(quick, slow, pace)
    for lane, share in ((quick, 1), (slow, SLOW_SHARE)):
        whole = OPENED + len(lane) * share * 60 / pace
        for moment in lane:
            assert now.turn(moment, quick=lane is quick) <= max(moment + SETTLED_SECONDS, whole)


@given(crowds, crowds, paces)
def test_without_anybody_in_the_quick_lane_the_slow_one_is_as_quick(
    quick: list[float], slow: list[float], pace: int
) -> None:
    for moment in slow:
        assert rush([], slow, pace).turn(moment, quick=False) == rush(slow, quick, pace).turn(moment, quick=True)


@given(crowds, paces, st.floats(0, 600))
def test_no_more_come_in_than_the_pace_allows(quick: list[float], pace: int, seconds: float) -> None:
    # Places are spread over their second as real crowds are: those of one second share it evenly.
    people = Counter(int(moment) for moment in quick)
    even = [second + (n + 0.5) / count for second, count in people.items() for n in range(count)]
    now = rush(even, [], pace)
    let_in = sum(now.turn(moment, quick=True) <= OPENED + seconds for moment in even if moment > OPENED)
    assert let_in <= seconds * pace / 60 + 1


@given(crowds, crowds, paces, st.floats(0, 10_000))
def test_whoever_has_their_turn_has_nobody_before_them(
    quick: list[float], slow: list[float], pace: int, seconds: float
) -> None:
    now = rush(quick, slow, pace)
    for moment in quick:
        if now.turn(moment, quick=True) <= OPENED + seconds:
            assert now.people_before(moment, OPENED + seconds, quick=True) <= 1  # the rounding of a fraction


@given(crowds, crowds, paces)
def test_it_is_over_when_everybody_had_their_turn(quick: list[float], slow: list[float], pace: int) -> None:
    now = rush(quick, slow, pace)
    end = OPENED + (len(quick) + len(slow)) * SLOW_SHARE * 60 / pace + 1
    assert now.waiting(OPENED) == len(quick) + len(slow)
    assert now.waiting(end) == 0


@given(crowds, st.lists(moments, min_size=1), paces)
def test_who_comes_later_never_makes_anybody_wait_longer_in_the_quick_lane(
    early: list[float], late: list[float], pace: int
) -> None:
    later = [moment + 200 for moment in late]
    for moment in early:
        before = rush(early, [], pace).turn(moment, quick=True)
        assert rush(early + later, later, pace).turn(moment, quick=True) == before


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_a_slow_device_loses_nothing_and_a_late_one_only_the_rest(arrived: float, waited: float) -> None:
    taken = place(arrived, arrived + waited)
    assert taken == arrived if waited < GRACE_SECONDS - 0.001 else arrived <= taken <= arrived + waited
    assert arrived + waited - taken <= GRACE_SECONDS + 0.001


def test_a_place_in_the_rush_before_is_before_everybody() -> None:
    now = rush([OPENED + n / 10 for n in range(1, 100)], [], 60)
    assert now.turn(OPENED - 1, quick=True) == OPENED
