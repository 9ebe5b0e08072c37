"""The waitlist when many cancel, answer and leave at once, and when what is free does not fit."""

import asyncio
from collections import Counter as Tally
from datetime import UTC, datetime, timedelta

import pytest

from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.inprocess import moved_clock
from tests.harness.line import Line
from tests.service.conftest import MONDAY

EIGHT, NINE, FRIDAY, NEXT_FRIDAY = (
    "2026-09-08T06:00:00Z", "2026-09-08T07:00:00Z", "2026-09-11T06:00:00Z", "2026-09-18T06:00:00Z",
)  # fmt: skip
MOVED_BACK = MONDAY + timedelta(minutes=16)


@pytest.fixture
def line(mitte: Counter) -> Line:
    return Line(mitte)


def starts(*days: int) -> list[str]:
    """Return each morning's eight times, three desks each."""
    mornings = [datetime(2026, 9, day, 6, 0, tzinfo=UTC) for day in days]
    return [(day + timedelta(minutes=30 * n)).isoformat() for day in mornings for n in range(8) for _ in range(3)]


async def test_a_hundred_cancel_while_a_hundred_wait(line: Line) -> None:
    mitte = line.mitte
    early = await asyncio.gather(*(mitte.booked(start) for start in starts(8, 10, 11, 14)))
    await asyncio.gather(*(line.join(start) for start in starts(15, 17, 18, 21)))
    early += await asyncio.gather(*(mitte.booked(f"2026-09-10T{hour}:00:00Z") for hour in (12, 13, 14, 12)))
    await asyncio.gather(*(line.join(f"2026-09-17T{hour}:00:00Z") for hour in (12, 13, 14, 12)))
    answers = await asyncio.gather(*(mitte.cancel(one) for one in early))
    assert Tally(answer.status_code for answer in answers) == {200: 100}
    offered = await line.whom()
    assert len(offered) >= 90
    assert len(set(offered)) == len(offered), "nobody has two"
    assert await mitte.overlaps() == 0
    chosen, ways = await line.latest(), ("accept", "decline", "accept")
    answered = await asyncio.gather(*(line.answer_to(id_, ways[n % 3]) for n, id_ in enumerate(chosen.values())))
    assert Tally(answer.status_code for answer in answered) == {200: len(chosen)}
    assert await mitte.overlaps() == 0
    assert await mitte.count("occupancies WHERE appointment_id IS NOT NULL") == 100, "nobody lost what they had"


async def test_one_offer_answered_both_ways_and_cancelled_at_once_ends_in_one_way(line: Line) -> None:
    mitte = line.mitte
    for number in range(5):
        await mitte.empty()
        freed, waiting = await mitte.booked(EIGHT), await line.join(NEXT_FRIDAY)
        await mitte.cancel(freed)
        [offer] = (await line.latest()).values()
        both = [line.answer_to(offer, how) for how in ("accept", "decline") * 3]
        both.append(mitte.cancel(waiting) if number % 2 else mitte.change_own("PATCH", waiting, start=FRIDAY))
        answers = await asyncio.gather(*both)
        assert {answer.status_code for answer in answers} <= {200, 409}
        assert await mitte.count("occupancies WHERE appointment_id IS NOT NULL") == (0 if number % 2 else 1)
        with moved_clock(MONDAY + timedelta(hours=2)):
            taken = await mitte.count("occupancies WHERE held_until IS NULL AND starts_at = '2026-09-08T06:00:00Z'")
            assert await mitte.free(EIGHT) == 3 - taken


async def test_joining_ten_times_at_once_is_joining_once_and_keeps_the_place(line: Line) -> None:
    mitte = line.mitte
    first = await line.join()
    await line.join()
    answers = await asyncio.gather(*(mitte.change_own("PUT", first, "/waitlist", email=None) for _ in range(10)))
    assert {(answer.status_code, answer.json()["waiting"]) for answer in answers} == {(200, True)}
    await mitte.cancel(await mitte.booked(EIGHT))
    assert await line.whom() == [first["id"]]


async def test_who_leaves_is_not_asked(line: Line) -> None:
    waiting = await line.join()
    for _ in range(2):
        assert not (await line.mitte.change_own("DELETE", waiting, "/waitlist")).json()["waiting"]
    await line.mitte.cancel(await line.mitte.booked(EIGHT))
    assert await line.offers() == []


async def test_leaving_and_coming_back_makes_no_second_offer_that_day(line: Line) -> None:
    waiting = await line.join()
    await line.mitte.cancel(await line.mitte.booked(EIGHT))
    await line.answer(waiting, "decline")
    await line.mitte.change_own("DELETE", waiting, "/waitlist")
    await line.mitte.change_own("PUT", waiting, "/waitlist", email=None)
    await line.mitte.cancel(await line.mitte.booked(NINE))
    assert await line.whom() == [waiting["id"]]


async def test_it_needs_an_address_which_can_be_given_then(line: Line) -> None:
    booked = await line.mitte.booked(FRIDAY)
    problem_of(await line.mitte.change_own("PUT", booked, "/waitlist", email=None), 422, "email-needed")
    joined = await line.mitte.change_own("PUT", booked, "/waitlist", email="late@example.org")
    assert (joined.json()["waiting"], joined.json()["has_email"]) == (True, True)


async def test_what_is_moved_away_from_is_offered_too(line: Line) -> None:
    booked, waiting = await line.mitte.booked(EIGHT), await line.join(NEXT_FRIDAY)
    await line.mitte.change_own("PATCH", booked, start=FRIDAY)
    assert await line.offers() == [(waiting["id"], EIGHT)]


async def test_who_needs_more_time_than_was_freed_is_passed_over(line: Line) -> None:
    short = await line.mitte.booked(EIGHT, concern="unterlagen")
    await line.join(FRIDAY)
    fits = await line.join(FRIDAY, concern="unterlagen")
    await line.mitte.cancel(short)
    assert await line.whom() == [fits["id"]]


async def test_who_needs_more_time_by_now_than_their_appointment_has_is_passed_over(line: Line) -> None:
    """An office may lengthen a concern; what was freed and what comes after it at the desk did not grow."""
    freed = await line.mitte.booked(EIGHT, concern="unterlagen")
    await line.join(FRIDAY, concern="unterlagen")
    await line.mitte.change("unterlagen", minutes=30)
    await line.mitte.cancel(freed)
    assert await line.offers() == []
    with moved_clock(MOVED_BACK):
        assert await line.mitte.free(EIGHT) == 3


async def test_who_needs_less_time_gets_its_beginning_and_the_rest_is_free(line: Line) -> None:
    freed = [await line.mitte.booked(EIGHT) for _ in range(3)]
    waiting = await line.join(FRIDAY, concern="unterlagen")
    await line.mitte.cancel(freed[0])
    assert await line.offers() == [(waiting["id"], EIGHT)]
    assert await line.mitte.free("2026-09-08T06:10:00Z", "unterlagen") == 1
    assert (await line.answer(waiting, "accept")).status_code == 200


async def test_another_teams_time_is_not_offered(line: Line) -> None:
    await line.join(FRIDAY)
    # From half past, so that half an hour is free: only the desk does not fit.
    await line.mitte.change("bescheid", minutes=30)
    await line.mitte.cancel(await line.mitte.booked("2026-09-08T06:30:00Z", concern="bescheid"))
    assert await line.offers() == []
