"""Who would come earlier is offered what becomes free: one person at a time, in the order in which they asked."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.booking import jobs
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.inprocess import moved_clock
from tests.harness.line import Line
from tests.service.conftest import MONDAY

EIGHT, HALF_PAST, NINE = "2026-09-08T06:00:00Z", "2026-09-08T06:30:00Z", "2026-09-08T07:00:00Z"
THURSDAY, FRIDAY, NEXT_FRIDAY = "2026-09-10T06:00:00Z", "2026-09-11T06:00:00Z", "2026-09-18T06:00:00Z"
OFFER_ENDS = MONDAY + timedelta(hours=1)  # an hour for the answer: the full minute before it has passed


@pytest.fixture
def line(mitte: Counter) -> Line:
    return Line(mitte)


async def test_what_is_cancelled_goes_to_the_first_in_line(line: Line) -> None:
    mitte = line.mitte
    freed = await mitte.booked(EIGHT)
    first, second = await line.join(FRIDAY), await line.join(THURSDAY)
    await mitte.cancel(freed)
    assert await line.offers() == [(first["id"], EIGHT)]
    offer = (await line.answer(first)).json()
    assert offer["state"] == "open"
    assert datetime.fromisoformat(offer["valid_until"]) == OFFER_ENDS
    assert datetime.fromisoformat(offer["appointment"]["start"]) == datetime.fromisoformat(FRIDAY)
    await mitte.cancel(await mitte.booked(NINE))
    assert await line.whom() == [first["id"], second["id"]], "one offer a day"
    await mitte.cancel(await mitte.booked(HALF_PAST))
    assert len(await line.whom()) == 2
    with moved_clock(MONDAY + timedelta(days=1)):
        await mitte.cancel(await mitte.booked("2026-09-10T07:00:00Z"))
    assert await line.whom() == [first["id"], second["id"], first["id"]]


async def test_who_comes_earlier_already_is_not_asked(line: Line) -> None:
    await line.join(EIGHT)
    await line.mitte.cancel(await line.mitte.booked(EIGHT))
    await line.mitte.cancel(await line.mitte.booked(FRIDAY))
    assert await line.offers() == []


@pytest.mark.parametrize(("hour", "minute", "asked"), [(5, 59, 0), (6, 0, 1), (17, 59, 1), (18, 0, 0), (21, 0, 0)])
async def test_offers_are_made_by_day_only(line: Line, hour: int, minute: int, asked: int) -> None:
    """From 08:00 to 20:00 in Berlin, which is two hours ahead."""
    freed = await line.mitte.booked(THURSDAY)
    await line.join(FRIDAY)
    with moved_clock(datetime(2026, 9, 7, hour, minute, tzinfo=UTC)):
        await line.mitte.cancel(freed)
    assert len(await line.offers()) == asked


async def test_it_is_theirs_alone_until_the_offer_ends_and_then_everybodys(line: Line) -> None:
    mitte = line.mitte
    freed = [await mitte.booked(EIGHT) for _ in range(3)]
    waiting = await line.join()
    await mitte.cancel(freed[0])
    with moved_clock(OFFER_ENDS - timedelta(seconds=20)):
        problem_of(await mitte.book(EIGHT), 409, "slot-taken")
        assert await mitte.free(EIGHT) == 0
    with moved_clock(OFFER_ENDS):
        assert await mitte.free(EIGHT) == 1
        await mitte.booked(EIGHT)
        assert (await line.answer(waiting)).json()["state"] == "missed"
        problem_of(await line.answer(waiting, "accept"), 409, "offer-gone")
        assert (await mitte.change_own("GET", waiting)).json()["waiting"], "nobody loses their place by not answering"


async def test_accepting_moves_the_appointment_once_and_gives_its_former_time_back(line: Line) -> None:
    mitte = line.mitte
    freed = [await mitte.booked(EIGHT) for _ in range(3)]
    first, second = await line.join(FRIDAY), await line.join(NEXT_FRIDAY)
    await mitte.cancel(freed[0])
    answers = await asyncio.gather(*(line.answer(first, "accept") for _ in range(10)))
    answers.append(await line.answer(first, "decline"))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    told = answers[0].json()
    assert told["state"] == "accepted"
    assert datetime.fromisoformat(told["appointment"]["start"]) == datetime.fromisoformat(EIGHT)
    assert (told["appointment"]["waiting"], told["appointment"]["number"]) == (False, first["number"])
    assert [type_ for type_, _ in await mitte.events(first)] == ["booked", "offered", "moved"]
    assert await line.offers() == [(first["id"], EIGHT), (second["id"], FRIDAY)], "what it left goes to the next"
    with moved_clock(OFFER_ENDS):
        assert (await mitte.free(EIGHT), await mitte.free(FRIDAY)) == (0, 3)
    assert await mitte.overlaps() == 0


async def test_declining_costs_nothing_and_passes_it_to_the_next(line: Line) -> None:
    mitte = line.mitte
    freed = await mitte.booked(EIGHT)
    first, second = await line.join(), await line.join()
    await mitte.cancel(freed)
    for _ in range(2):
        declined = (await line.answer(first, "decline")).json()
        assert (declined["state"], declined["appointment"]["waiting"]) == ("declined", True)
    assert await line.whom() == [first["id"], second["id"]]
    problem_of(await line.answer(first, "accept"), 409, "offer-gone")
    assert (await line.answer(second, "accept")).json()["state"] == "accepted"


async def test_declined_by_the_last_it_is_free_for_all_after_a_while(line: Line) -> None:
    mitte = line.mitte
    freed = await mitte.booked(EIGHT)
    only = await line.join()
    await mitte.cancel(freed)
    await line.answer(only, "decline")
    assert await mitte.free(EIGHT) == 2
    with moved_clock(MONDAY + timedelta(minutes=16)):
        assert await mitte.free(EIGHT) == 3


async def test_an_offer_opens_by_its_own_link_only(line: Line) -> None:
    freed = await line.mitte.booked(EIGHT)
    waiting = await line.join()
    await line.mitte.cancel(freed)
    [found] = await line.mitte.rows("SELECT id FROM holds WHERE purpose = 'offer'")
    for given in (waiting["code"], waiting["link"].rpartition("/")[2], "ä", ""):
        headers = {b"Authorization": f"Bearer {given}".encode()}
        answer = await line.mitte.client.post(f"/offers/{found['id']}/accept", headers=headers)
        problem_of(answer, 404, "offer-not-found")


async def test_cancelling_an_appointment_passes_its_offer_on(line: Line) -> None:
    mitte = line.mitte
    freed = await mitte.booked(EIGHT)
    first, second = await line.join(FRIDAY), await line.join(NEXT_FRIDAY)
    await mitte.cancel(freed)
    await mitte.cancel(first)
    assert await line.offers() == [(first["id"], EIGHT), (second["id"], EIGHT)]
    assert (await line.answer(first)).json()["state"] == "gone"
    problem_of(await line.answer(first, "accept"), 409, "offer-gone")
    assert (await line.answer(second, "accept")).status_code == 200


@pytest.mark.parametrize(
    ("to", "state", "next_is_offered"),
    [(HALF_PAST, "gone", NINE), (NINE, "gone", NINE), ("2026-09-08T07:30:00Z", "open", FRIDAY)],
)
async def test_who_moves_to_no_later_than_what_is_offered_passes_it_on_at_once(
    line: Line, to: str, state: str, next_is_offered: str
) -> None:
    """Offered is nine: whoever comes at half past eight or at nine has no use for it, at half past nine they have."""
    mitte = line.mitte
    freed = await mitte.booked(NINE)
    first, second = await line.join(FRIDAY), await line.join(NEXT_FRIDAY)
    await mitte.cancel(freed)
    assert await line.offers() == [(first["id"], NINE)]
    assert (await mitte.change_own("PATCH", first, start=to)).status_code == 200
    assert await line.offers() == [(first["id"], NINE), (second["id"], next_is_offered)]
    assert (await line.answer(first)).json()["state"] == state


async def test_what_was_passed_on_is_not_open_again_for_who_moves_to_a_later_time(line: Line) -> None:
    mitte = line.mitte
    freed = await mitte.booked(NINE)
    first = await line.join(FRIDAY)
    await mitte.cancel(freed)
    for start in (HALF_PAST, FRIDAY):
        assert (await mitte.change_own("PATCH", first, start=start)).status_code == 200
    assert (await line.answer(first)).json()["state"] == "missed"
    problem_of(await line.answer(first, "accept"), 409, "offer-gone")


async def test_accepting_and_moving_earlier_at_once_leave_one_time_taken_and_the_other_passed_on(line: Line) -> None:
    mitte = line.mitte
    freed = await mitte.booked(NINE)
    both, second = await line.join(FRIDAY), await line.join(NEXT_FRIDAY)
    await mitte.cancel(freed)
    accepted, moved = await asyncio.gather(
        line.answer(both, "accept"), mitte.change_own("PATCH", both, start=HALF_PAST)
    )
    assert moved.status_code == 200
    assert accepted.status_code in {200, 409}
    final = (await mitte.change_own("GET", both)).json()["start"]
    assert datetime.fromisoformat(final) == datetime.fromisoformat(HALF_PAST), "whichever came last"
    told = FRIDAY if accepted.status_code == 200 else NINE
    assert await line.offers() == [(both["id"], NINE), (second["id"], told)]
    assert await mitte.overlaps() == 0


async def test_who_moves_earlier_and_is_alone_in_line_leaves_the_offered_time_to_all_after_a_while(line: Line) -> None:
    mitte = line.mitte
    freed = await mitte.booked(NINE)
    only = await line.join(FRIDAY)
    await mitte.cancel(freed)
    await mitte.change_own("PATCH", only, start=EIGHT)
    assert await mitte.free(NINE) == 2, "against resale"
    with moved_clock(MONDAY + timedelta(minutes=16)):
        assert await mitte.free(NINE) == 3, "and not only when the offer would have ended"
    problem_of(await line.answer(only, "accept"), 409, "offer-gone")
    assert await mitte.overlaps() == 0


async def test_whose_appointment_has_begun_waits_no_longer(line: Line) -> None:
    early, late = await line.join(EIGHT), await line.join(HALF_PAST)
    await jobs.tidy_holds(line.mitte.booking.service)
    assert await line.mitte.count("waitlist") == 2
    with moved_clock(datetime.fromisoformat(EIGHT)):
        await jobs.tidy_holds(line.mitte.booking.service)
        assert not (await line.mitte.change_own("GET", early)).json()["waiting"]
        assert (await line.mitte.change_own("GET", late)).json()["waiting"]
    assert await line.mitte.count("waitlist") == 1
