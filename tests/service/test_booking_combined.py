"""Several concerns in one appointment, as long as all of them together; by phone where all can be; what is erased."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.booking import jobs
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.inprocess import moved_clock
from tests.service.conftest import MONDAY

EIGHT, EIGHT_FORTY = "2026-09-08T06:00:00Z", "2026-09-08T06:40:00Z"
BOTH = ["unterlagen"]  # in addition to `neuantrag`: 30 and 10 minutes
HOLDER = "a-browser-of-mine-0"


async def free(mitte: Counter, *also: str) -> Any:
    params = {"concern": "neuantrag", "from": EIGHT[:10], "to": EIGHT[:10], "also": also}
    return await mitte.client.get("/offices/mitte/slots", params=params)


async def test_it_takes_as_long_as_all_together(mitte: Counter) -> None:
    slots = (await free(mitte, *BOTH)).json()
    assert [datetime.fromisoformat(slot["start"]) for slot in slots][:2] == [
        datetime.fromisoformat(EIGHT), datetime.fromisoformat(EIGHT_FORTY),
    ]  # fmt: skip
    booked = await mitte.booked(EIGHT, also=BOTH)
    taken = datetime.fromisoformat(booked["end"]) - datetime.fromisoformat(booked["start"])
    assert taken == timedelta(minutes=40)
    assert ([booked["concern"]["id"]], [one["id"] for one in booked["also"]]) == (["neuantrag"], BOTH)
    assert await mitte.free("2026-09-08T06:30:00Z") == 2, "the desk is taken for the last ten minutes too"
    problem_of(await mitte.book("2026-09-08T06:30:00Z", also=BOTH), 422, "slot-not-offered")


async def test_the_event_tells_the_papers_of_each(mitte: Counter) -> None:
    [(_, told)] = await mitte.events(await mitte.booked(EIGHT, also=BOTH))
    assert "Mietvertrag" in told["concern"]["papers"]["de"]
    [other] = told["also"]
    assert (other["id"], "Die Unterlagen, möglichst als Kopie" in other["papers"]["de"]) == ("unterlagen", True)


async def test_what_no_team_does_together_is_refused(mitte: Counter) -> None:
    for answer in (
        await mitte.book(EIGHT, also=["bescheid"]),
        await mitte.hold(HOLDER, EIGHT, also=["bescheid"]),
        await free(mitte, "bescheid"),
    ):
        problem_of(answer, 422, "not-together")
    problem_of(await mitte.book(EIGHT, also=["no-such-one"]), 404, "unknown-concern")
    problem_of(await mitte.book(EIGHT, also=["neuantrag"]), 422, "invalid-request")
    concerns = {one["id"]: one for one in (await mitte.client.get("/offices/mitte/concerns")).json()}
    assert concerns["neuantrag"]["together_with"] == ["unterlagen", "veraenderung"]


async def test_held_together_it_is_booked_together_and_moved_together(mitte: Counter) -> None:
    await mitte.hold(HOLDER, EIGHT, also=BOTH)
    for _ in range(2):
        await mitte.booked(EIGHT, also=BOTH)
    problem_of(await mitte.book(EIGHT, also=BOTH), 409, "slot-taken")
    booked = await mitte.booked(EIGHT, also=BOTH, holder=HOLDER)
    moved = (await mitte.change_own("PATCH", booked, start=EIGHT_FORTY)).json()
    assert datetime.fromisoformat(moved["end"]) - datetime.fromisoformat(moved["start"]) == timedelta(minutes=40)


async def test_each_concern_keeps_its_own_rules(mitte: Counter) -> None:
    await mitte.change("unterlagen", per_person=1, confirm_minutes=30)
    problem_of(await mitte.book(EIGHT, also=BOTH), 422, "email-needed")
    booked = await mitte.booked(EIGHT, also=BOTH, email="a@example.org")
    assert booked["state"] == "unconfirmed"
    again = await mitte.book(EIGHT_FORTY, concern="unterlagen", email="a@example.org")
    assert problem_of(again, 409, "too-many-appointments")["concern"] == "unterlagen"


async def test_by_phone_where_all_of_it_can_be_and_with_a_number_only(mitte: Counter) -> None:
    await mitte.change("neuantrag", kinds=["office", "phone"])
    problem_of(await mitte.book(EIGHT, kind="phone"), 422, "phone-needed")
    problem_of(await mitte.book(EIGHT, kind="phone", phone="030 23125 100", also=BOTH), 422, "kind-not-offered")
    problem_of(await mitte.book(EIGHT, kind="video"), 422, "kind-not-offered")
    booked = await mitte.booked(EIGHT, kind="phone", phone="030 23125 100")
    assert booked["kind"] == "phone"
    [(_, told)] = await mitte.events(booked)
    assert "23125 100" not in str(told).replace(told["office"]["phone"], "")


@pytest.mark.parametrize("ends", ["cancelled", "over"])
async def test_what_somebody_needs_is_erased_when_it_is_cancelled_or_over(mitte: Counter, ends: str) -> None:
    booked = await mitte.booked(EIGHT, interpreter="uk", needs=["step-free", "hearing", "hearing"])
    await jobs.erase_needs(mitte.booking.service)
    [kept] = await mitte.rows("SELECT interpreter, needs FROM appointments")
    assert kept == {"interpreter": "uk", "needs": ["hearing", "step-free"]}
    if ends == "cancelled":
        await mitte.cancel(booked)
    with moved_clock(MONDAY + timedelta(days=1 if ends == "over" else 0)):
        await jobs.erase_needs(mitte.booking.service)
    [erased] = await mitte.rows("SELECT interpreter, needs, name FROM appointments")
    assert erased == {"interpreter": None, "needs": [], "name": "Aylin Öz"}


async def test_tidying_deletes_what_has_long_ended_and_nothing_else(mitte: Counter) -> None:
    await mitte.hold(HOLDER, EIGHT)
    await mitte.booked(EIGHT)
    for hours, left in ((0, 1), (20, 1), (25, 0)):
        with moved_clock(MONDAY + timedelta(hours=hours)):
            await jobs.tidy_holds(mitte.booking.service)
        assert (await mitte.count("holds"), await mitte.count("occupancies")) == (left, left + 1)
