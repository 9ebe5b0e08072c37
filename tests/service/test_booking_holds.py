"""Who chose a time keeps it while filling in the form, until a clock time they are told; nobody can hold two."""

import asyncio
from collections import Counter as Tally
from datetime import UTC, datetime, timedelta

from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.inprocess import moved_clock
from tests.service.conftest import MONDAY

EIGHT, HALF_PAST, NINE = "2026-09-08T06:00:00Z", "2026-09-08T06:30:00Z", "2026-09-08T07:00:00Z"
MINE, OTHERS = "a-browser-of-mine-0", "somebody-elses-browser"
HELD_UNTIL = MONDAY + timedelta(minutes=11)  # the clock goes on after 09:00:00, so ten minutes are over at 09:10:0x


async def fill(mitte: Counter, start: str, desks: int) -> None:
    """Take so many desks for others."""
    for _ in range(desks):
        await mitte.booked(start)


async def test_it_is_held_until_a_full_minute_that_is_at_least_ten_minutes_away(mitte: Counter) -> None:
    answer = await mitte.hold(MINE, EIGHT)
    assert answer.status_code == 201
    held = answer.json()
    assert datetime.fromisoformat(held["held_until"]) == HELD_UNTIL
    assert held["held_until"].endswith("+02:00"), "told in the office's zone"
    assert held["extensions_left"] == 10
    assert await mitte.free(EIGHT) == 2


async def test_others_get_the_time_right_after_the_hold_has_ended_and_not_before(mitte: Counter) -> None:
    await fill(mitte, EIGHT, 2)
    await mitte.hold(MINE, EIGHT)
    problem_of(await mitte.book(EIGHT), 409, "slot-taken")
    problem_of(await mitte.hold(OTHERS, EIGHT), 409, "slot-taken")
    with moved_clock(HELD_UNTIL - timedelta(seconds=20)):
        problem_of(await mitte.book(EIGHT), 409, "slot-taken")
        assert await mitte.free(EIGHT) == 0
    with moved_clock(HELD_UNTIL):
        assert await mitte.free(EIGHT) == 1
        assert (await mitte.book(EIGHT)).status_code == 201
        problem_of(await mitte.extend(MINE), 409, "hold-expired")
        problem_of(await mitte.book(EIGHT, holder=MINE), 409, "slot-taken")


async def test_a_hold_that_has_ended_can_be_held_by_another(mitte: Counter) -> None:
    await fill(mitte, EIGHT, 2)
    await mitte.hold(MINE, EIGHT)
    with moved_clock(HELD_UNTIL):
        assert (await mitte.hold(OTHERS, EIGHT)).status_code == 201
        problem_of(await mitte.hold(MINE, EIGHT), 409, "slot-taken")


async def test_a_second_hold_takes_the_place_of_the_first(mitte: Counter) -> None:
    await mitte.hold(MINE, EIGHT)
    assert (await mitte.hold(MINE, NINE)).status_code == 201
    assert (await mitte.free(EIGHT), await mitte.free(NINE)) == (3, 2)
    assert await mitte.count("occupancies") == 1


async def test_who_cannot_have_the_second_keeps_the_first(mitte: Counter) -> None:
    await fill(mitte, NINE, 3)
    await mitte.hold(MINE, EIGHT)
    problem_of(await mitte.hold(MINE, NINE), 409, "slot-taken")
    problem_of(await mitte.hold(MINE, "2026-09-08T06:07:00Z"), 422, "slot-not-offered")
    assert await mitte.free(EIGHT) == 2
    assert (await mitte.book(EIGHT, holder=MINE)).status_code == 201


async def test_the_same_again_changes_nothing(mitte: Counter) -> None:
    first = await mitte.hold(MINE, EIGHT)
    with moved_clock(MONDAY + timedelta(minutes=5)):
        again = await mitte.hold(MINE, "2026-09-08T08:00:00+02:00")
    assert again.json() == first.json()


async def test_let_go_it_is_free_at_once(mitte: Counter) -> None:
    await mitte.hold(MINE, EIGHT)
    for _ in range(2):
        assert (await mitte.client.delete("/holds", headers={"Holder": MINE})).status_code == 204
    assert await mitte.free(EIGHT) == 3
    problem_of(await mitte.extend(MINE), 409, "hold-expired")


async def test_it_can_be_extended_ten_times(mitte: Counter) -> None:
    await mitte.hold(MINE, EIGHT)
    for number in range(1, 11):
        now = MONDAY + timedelta(minutes=9 * number)
        with moved_clock(now):
            held = (await mitte.extend(MINE)).json()
        assert datetime.fromisoformat(held["held_until"]) == now + timedelta(minutes=11)
        assert held["extensions_left"] == 10 - number
    with moved_clock(MONDAY + timedelta(minutes=95)):
        refused = problem_of(await mitte.extend(MINE), 409, "hold-extended-enough")
        assert "10:41" in refused["detail"], "the office's clock time, which is the reader's"
        assert await mitte.free(EIGHT) == 2


async def test_who_holds_books_also_when_all_other_desks_are_taken(mitte: Counter) -> None:
    await mitte.hold(MINE, EIGHT)
    await fill(mitte, EIGHT, 2)
    problem_of(await mitte.book(EIGHT), 409, "slot-taken")
    answer = await mitte.book(EIGHT, holder=MINE, key="books-what-it-holds")
    assert answer.status_code == 201
    assert await mitte.count("holds") == 0
    again = await mitte.book(EIGHT, holder=MINE, key="books-what-it-holds")
    assert again.content == answer.content
    with moved_clock(HELD_UNTIL):
        problem_of(await mitte.book(EIGHT), 409, "slot-taken")


async def test_who_holds_books_also_after_midnight_when_the_lead_rule_forbids_the_day(mitte: Counter) -> None:
    """`neuantrag` needs a day's lead: Tuesday can be booked until Monday's midnight, 22:00 UTC."""
    with moved_clock(datetime(2026, 9, 7, 21, 55, tzinfo=UTC)):
        await mitte.hold(MINE, EIGHT)
    with moved_clock(datetime(2026, 9, 7, 22, 2, tzinfo=UTC)):
        problem_of(await mitte.book(EIGHT), 422, "slot-not-offered")
        assert (await mitte.book(EIGHT, holder=MINE)).status_code == 201


async def test_who_holds_books_also_when_the_plan_has_changed_meanwhile(mitte: Counter) -> None:
    await mitte.hold(MINE, EIGHT)
    await mitte.rows("""
        INSERT INTO plans SELECT tenant, office_id, 2, jsonb_set(document, '{closures}',
        '[{"from": "2026-09-08", "to": "2026-09-08", "reason": {"de": "Umzug"}}]'), 'closed-on-tuesday', now()
        FROM plans WHERE tenant = 'musterstadt' AND office_id = 'mitte' AND version = 1""")
    problem_of(await mitte.book(EIGHT), 422, "slot-not-offered")
    assert (await mitte.book(EIGHT, holder=MINE)).status_code == 201


async def test_a_time_that_has_begun_cannot_be_booked_though_it_is_held(mitte: Counter) -> None:
    await mitte.change("neuantrag", lead_days=0)
    begins = MONDAY + timedelta(minutes=30)
    with moved_clock(begins - timedelta(minutes=5)):
        await mitte.hold(MINE, begins.isoformat())
    with moved_clock(begins):
        problem_of(await mitte.book(begins.isoformat(), holder=MINE), 422, "slot-not-offered")


async def test_a_hold_is_for_what_was_chosen_only(mitte: Counter) -> None:
    await mitte.hold(MINE, EIGHT)
    await fill(mitte, EIGHT, 2)
    problem_of(await mitte.book(EIGHT, holder=MINE, concern="unterlagen"), 409, "slot-taken")
    problem_of(await mitte.book(EIGHT, holder=OTHERS), 409, "slot-taken")


async def test_ten_tabs_at_once_leave_one_hold(mitte: Counter) -> None:
    starts = [EIGHT, HALF_PAST, NINE, EIGHT, HALF_PAST] * 2
    answers = await asyncio.gather(*(mitte.hold(MINE, start) for start in starts))
    assert {answer.status_code for answer in answers} == {201}
    assert (await mitte.count("holds"), await mitte.count("occupancies")) == (1, 1)


async def test_two_hundred_race_while_holds_expire_and_win_exactly_the_free_desks(mitte: Counter) -> None:
    """Five rounds of 200: what was held the round before has ended, and its rows still lie there."""
    for round_ in range(5):
        with moved_clock(MONDAY + timedelta(minutes=12 * round_)):
            left = 3 - await mitte.count("occupancies WHERE appointment_id IS NOT NULL")
            race = [
                mitte.book(EIGHT) if n == 0 and round_ in (1, 3) else mitte.hold(f"browser-{round_}-{n:09}", EIGHT)
                for n in range(200)
            ]
            answers = await asyncio.gather(*race)
            assert Tally(a.status_code for a in answers) == Tally({201: left, 409: 200 - left})
            assert {a.json()["type"] for a in answers if a.status_code == 409} == {"/problems/slot-taken"}
            assert await mitte.overlaps() == 0
            assert await mitte.free(EIGHT) == 0


async def test_ended_holds_of_every_desk_are_in_nobodys_way_however_many_come(mitte: Counter) -> None:
    """Nine short holds lie where three long appointments fit: whoever comes must clear them, all at once."""
    shorts = ("2026-09-08T06:00:00Z", "2026-09-08T06:10:00Z", "2026-09-08T06:20:00Z")
    for number in range(9):
        held = await mitte.hold(f"a-short-one-{number:06}", shorts[number % 3], concern="unterlagen")
        assert held.status_code == 201
    with moved_clock(HELD_UNTIL):
        answers = await asyncio.gather(*(mitte.book(EIGHT) for _ in range(200)))
    assert Tally(answer.status_code for answer in answers) == {201: 3, 409: 197}
    assert await mitte.overlaps() == 0
