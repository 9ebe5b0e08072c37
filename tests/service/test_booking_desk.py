"""At a desk: a day's list, searching, moving and cancelling for a caller, and overbooking with a reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import api_staff
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.desk import Desk
from tests.harness.identity import clerk
from tests.harness.inprocess import moved_clock

EIGHT, HALF_PAST, NINE = "2026-09-08T06:00:00Z", "2026-09-08T06:30:00Z", "2026-09-08T07:00:00Z"
TODAY = "2026-09-07T07:30:00Z"  # half an hour from now
FRIDAY = "2026-09-11T06:00:00Z"
EMAIL = "a@example.org"
BECAUSE = {"reason": "Has to leave the flat tomorrow"}


@pytest.fixture
def desk(mitte: Counter) -> Desk:
    return Desk(mitte)


async def entries(desk: Desk, day: str = "2026-09-08") -> list[api_staff.Entry]:
    return api_staff.Day.model_validate((await desk.day(day)).json()).entries


async def found(desk: Desk, typed: str) -> list[str | None]:
    answer = await desk.search(typed)
    assert answer.status_code == 200, answer.text
    return [entry["name"] for entry in answer.json()]


async def test_a_day_is_listed_in_order_with_what_has_to_be_known(desk: Desk) -> None:
    mitte = desk.mitte
    await mitte.booked("2026-09-08T07:20:00Z", name="Second", interpreter="ar", also=["unterlagen"])
    first = await mitte.booked(EIGHT, name="First", needs=["hearing"], email=EMAIL)
    await mitte.cancel(await mitte.booked(HALF_PAST, name="Cancelled"))
    await mitte.booked(FRIDAY, name="Another day")
    listed = await entries(desk)
    assert [(one.name, one.state) for one in listed] == [
        ("First", "booked"), ("Cancelled", "cancelled"), ("Second", "booked"),
    ]  # fmt: skip
    assert (listed[0].number, listed[0].start) == (first["number"], datetime.fromisoformat(EIGHT))
    assert listed[0].start.utcoffset() == timedelta(hours=2), "in the office's zone"
    assert [(one.needs, one.interpreter, one.has_email) for one in listed] == [
        (True, False, True), (False, False, False), (False, True, False),
    ]  # fmt: skip
    assert [name["de"] for name in listed[2].concerns] == ["Neuen Antrag stellen", "Unterlagen abgeben"]
    assert [bool(one.desk and one.desk.startswith("Eingangszone")) for one in listed] == [True, False, True]
    assert "hearing" not in (await desk.day("2026-09-08")).text


async def test_without_a_day_it_is_today_and_what_was_not_confirmed_in_time_is_not_on_it(desk: Desk) -> None:
    await desk.booked(TODAY)
    answer = (await desk.ask("GET", "/offices/mitte/appointments")).json()
    assert (answer["day"], len(answer["entries"]), answer["closed"]) == ("2026-09-07", 1, False)
    await desk.mitte.change("neuantrag", confirm_minutes=30)
    await desk.mitte.booked(EIGHT, email=EMAIL)
    assert [one.state for one in await entries(desk)] == ["unconfirmed"]
    with moved_clock(datetime(2026, 9, 7, 7, 31, tzinfo=UTC)):
        assert await entries(desk) == []
    assert (await desk.day("2026-12-25")).json()["closed"], "a holiday"
    problem_of(await desk.day("yesterday"), 422, "invalid-request")
    problem_of(await Desk(desk.mitte, clerk("nowhere")).day("2026-09-08", "nowhere"), 404, "unknown-office")


@pytest.mark.parametrize(
    "typed", ["Aylin Öz", "aylin", "öz ayl", "OZ AY", "oez", "17.05.1990", "17. 5. 1990", "1990-05-17"]
)
async def test_somebody_is_found_by_name_or_date_of_birth_however_it_is_typed(desk: Desk, typed: str) -> None:
    await desk.mitte.booked(EIGHT, birth_date="1990-05-17")
    await desk.mitte.booked(EIGHT, name="Bao Nguyen", birth_date="1990-05-18")
    assert await found(desk, typed) == ["Aylin Öz"]


@pytest.mark.parametrize(
    ("name", "typed"),
    [("Müller-Groß", "mueller gross"), ("Mueller", "Müller"), ("Łukasz Nowak", "lukasz"), ("Нина Чехова", "чехова"),
     ("O'Brien 100%", "100%"), ("Zoë_X", "zoe_"), ("Zoe\u0308", "zoë")],
)  # fmt: skip
async def test_letters_of_other_languages_and_signs_are_found(desk: Desk, name: str, typed: str) -> None:
    await desk.mitte.booked(EIGHT, name=name)
    await desk.mitte.booked(EIGHT, name="Nobody Else")
    assert await found(desk, typed) == [name]


async def test_somebody_is_found_by_their_number_or_its_beginning(desk: Desk) -> None:
    booked = await desk.mitte.booked(EIGHT)
    number = booked["number"]
    for typed in (number, number.lower().replace("-", " "), number[:3], f" {number[:6]} "):
        assert "Aylin Öz" in await found(desk, typed), typed


async def test_the_newest_fifty_are_found_and_no_name_that_has_been_erased(desk: Desk) -> None:
    first = await desk.mitte.booked(EIGHT, name="Aylin Öz")
    for day in range(2):
        await desk.booked(f"2026-09-{10 + day}T06:00:00Z")
    starts = [entry["start"][:10] for entry in (await desk.search("aylin")).json()]
    assert starts == ["2026-09-11", "2026-09-10", "2026-09-08"]
    await desk.mitte.copy(first, 60)
    assert len(await found(desk, "aylin")) == 50
    await desk.mitte.rows("UPDATE appointments SET name = NULL")
    assert await found(desk, "aylin") == []
    assert await found(desk, first["number"]) == [None]


@pytest.mark.parametrize("typed", ["", "  ", "ab", " a b"[:3], "x" * 101, "a\x00bc", "ab\n"])
async def test_what_is_too_short_or_no_text_is_not_searched_for(desk: Desk, typed: str) -> None:
    problem_of(await desk.search(typed), 422, "invalid-request")


@pytest.mark.parametrize("typed", ["---", "%%%", "\u0301\u0301\u0301", "\u200b\u200b\u200b"])
async def test_signs_alone_find_nobody(desk: Desk, typed: str) -> None:
    await desk.mitte.booked(EIGHT)
    assert await found(desk, typed) == []


async def test_a_move_for_a_caller_is_the_offices_and_frees_the_former_desk(desk: Desk) -> None:
    booked = await desk.mitte.booked(EIGHT, email=EMAIL)
    moved = api_staff.StaffAppointment.model_validate((await desk.move(booked, FRIDAY)).json())
    assert (moved.start, moved.version, moved.mail) == (datetime.fromisoformat(FRIDAY), 2, "waiting")
    assert (await desk.move(booked, FRIDAY)).json()["version"] == 2, "again, nothing changes"
    told = await desk.mitte.events(booked)
    assert [type_ for type_, _ in told] == ["booked", "moved"]
    assert (told[1][1]["moved_by"], told[1][1]["previous_starts_at"]) == ("office", EIGHT)
    with moved_clock(datetime(2026, 9, 7, 7, 16, tzinfo=UTC)):
        assert (await desk.free(EIGHT), await desk.free(FRIDAY)) == (3, 2)


async def test_a_move_goes_to_kept_desks_and_to_today(desk: Desk) -> None:
    await desk.mitte.keep_desks("eingang", 3)
    booked = await desk.booked(FRIDAY)
    problem_of(await desk.mitte.change_own("PATCH", booked, start=EIGHT), 422, "slot-not-offered")
    for start in (EIGHT, TODAY):
        answer = await desk.move(booked, start)
        assert datetime.fromisoformat(answer.json()["start"]) == datetime.fromisoformat(start)
    for _ in range(3):
        await desk.booked(FRIDAY)
    problem_of(await desk.move(booked, FRIDAY), 409, "slot-taken")
    problem_of(await desk.move(booked, "2026-09-08T06:07:00Z"), 422, "slot-not-offered")
    assert (await desk.see(booked)).json()["start"] == "2026-09-07T09:30:00+02:00", "kept"


async def test_cancelling_for_a_caller_is_the_offices_and_the_reason_is_in_the_audit_alone(desk: Desk) -> None:
    booked = await desk.mitte.booked(EIGHT, email=EMAIL)
    for _ in range(2):
        cancelled = (await desk.cancel(booked, "Found work")).json()
        assert (cancelled["state"], cancelled["version"]) == ("cancelled", 2)
    [_, (type_, told)] = await desk.mitte.events(booked)
    assert (type_, told["cancelled_by"], told["reason"]) == ("cancelled", "office", None)
    assert "Found work" not in str(told)
    assert [entry["after"] for entry in await desk.audit()] == [{"reason": "Found work"}]
    problem_of(await desk.move(booked, FRIDAY), 409, "already-cancelled")


@pytest.mark.parametrize("reason", ["x" * 501, "ab", "null\x00byte"])
async def test_a_reason_is_a_short_text_or_none(desk: Desk, reason: str) -> None:
    problem_of(await desk.cancel(await desk.booked(EIGHT), reason), 422, "invalid-request")
    booked = await desk.booked(EIGHT)
    assert (await desk.cancel(booked, " ")).json()["state"] == "cancelled"


async def test_who_could_still_confirm_is_told_that_the_office_has_cancelled(desk: Desk) -> None:
    await desk.mitte.change("neuantrag", confirm_minutes=30)
    open_, late = [await desk.mitte.booked(EIGHT, email=EMAIL) for _ in range(2)]
    problem_of(await desk.move(open_, FRIDAY), 409, "not-confirmed")
    await desk.cancel(open_)
    assert [type_ for type_, _ in await desk.mitte.events(open_)] == ["requested", "cancelled"]
    with moved_clock(datetime(2026, 9, 7, 7, 31, tzinfo=UTC)):
        await desk.cancel(late)
    assert [type_ for type_, _ in await desk.mitte.events(late)] == ["requested"]


async def test_what_has_begun_is_neither_moved_nor_cancelled(desk: Desk) -> None:
    booked = await desk.booked(EIGHT)
    with moved_clock(datetime(2026, 9, 8, 6, 0, tzinfo=UTC)):
        problem_of(await desk.move(booked, FRIDAY), 409, "appointment-over")
        problem_of(await desk.cancel(booked), 409, "appointment-over")


async def overbooked(desk: Desk, start: str, **changes: Any) -> dict[str, Any]:
    booked = await desk.booked(start, overbook=BECAUSE, **changes)
    seen: dict[str, Any] = (await desk.see(booked)).json()
    return seen | {"code": booked["code"], "id": booked["id"]}


async def test_a_full_time_is_overbooked_with_a_reason_and_takes_no_desk(desk: Desk) -> None:
    for _ in range(3):
        await desk.booked(EIGHT)
    problem_of(await desk.book(EIGHT), 409, "slot-taken")
    seen = await overbooked(desk, EIGHT)
    assert (seen["overbooked"], seen["state"]) == (True, "booked")
    listed = {one.number: (one.overbooked, one.desk) for one in await entries(desk)}
    assert listed[seen["number"]] == (True, None)
    assert sum(overbooked for overbooked, _ in listed.values()) == 1
    assert await desk.mitte.count("occupancies") == 3
    [entry] = [entry for entry in await desk.audit() if entry["action"] == "overbook"]
    assert (entry["target"], entry["after"]["reason"]) == (seen["number"], BECAUSE["reason"])
    assert BECAUSE["reason"] not in str(await desk.mitte.events())


async def test_where_a_desk_is_free_that_is_taken_also_with_the_flag(desk: Desk) -> None:
    assert not (await overbooked(desk, EIGHT))["overbooked"]
    assert await desk.mitte.count("occupancies") == 1
    assert [entry["action"] for entry in await desk.audit()] == ["book", "view"]


async def test_any_time_at_which_people_are_received_is_possible_any_other_is_not(desk: Desk) -> None:
    for start in ("2026-09-08T06:10:00Z", "2026-09-10T14:50:00Z", "2026-11-02T07:00:00Z", "2026-09-07T07:01:00Z"):
        assert (await overbooked(desk, start))["overbooked"], start
    for start, reason in (
        ("2026-09-07T07:00:00Z", "past"), ("2026-09-06T06:00:00Z", "past"), ("2028-01-01T08:00:00Z", "too-far"),
        ("2026-12-25T08:00:00Z", "holiday"), ("2026-12-29T08:00:00Z", "closure"), ("2026-09-12T08:00:00Z", "closed"),
        ("2026-09-08T01:00:00Z", "outside-hours"), ("2026-09-10T11:00:00Z", "outside-hours"),
        ("2026-09-10T15:01:00Z", "outside-hours"),
    ):  # fmt: skip
        answer = await desk.book(start, overbook=BECAUSE)
        assert problem_of(answer, 422, "slot-not-offered")["reason"] == reason
    for wrong in ({}, {"reason": ""}, {"reason": "  a  "}, True):
        problem_of(await desk.book(EIGHT, overbook=wrong), 422, "invalid-request")
    problem_of(await desk.mitte.book(EIGHT, overbook=BECAUSE), 422, "invalid-request")


async def test_the_same_key_overbooks_once_and_the_person_can_move_and_cancel_it(desk: Desk) -> None:
    first = await desk.book("2026-09-08T06:10:00Z", key="asked-twice", overbook=BECAUSE)
    again = await desk.book("2026-09-08T06:10:00Z", key="asked-twice", overbook=BECAUSE)
    assert (first.status_code, first.content) == (201, again.content)
    assert [entry["action"] for entry in await desk.audit()] == ["overbook"]
    moved = await desk.mitte.change_own("PATCH", first.json(), start=FRIDAY)
    assert moved.json()["state"] == "booked"
    assert [one.overbooked for one in await entries(desk, "2026-09-11")] == [False], "it has a desk now"
    assert (await desk.mitte.cancel(first.json())).json()["state"] == "cancelled"


async def test_what_was_overbooked_moves_to_another_full_time_with_a_reason_alone(desk: Desk) -> None:
    for start in (EIGHT, NINE):
        for _ in range(3):
            await desk.booked(start)
    squeezed = await overbooked(desk, EIGHT, email=EMAIL)
    problem_of(await desk.move(squeezed, NINE), 409, "slot-taken")
    for wrong in ({}, {"reason": ""}, {"reason": "  a  "}, True):
        problem_of(await desk.move(squeezed, NINE, overbook=wrong), 422, "invalid-request")
    night = await desk.move(squeezed, "2026-09-08T01:00:00Z", overbook=BECAUSE)
    assert problem_of(night, 422, "slot-not-offered")["reason"] == "outside-hours"
    seen = (await desk.see(squeezed)).json()
    assert seen["start"] == "2026-09-08T08:00:00+02:00", "whatever was refused, it is where it was"
    for _ in range(2):
        moved = (await desk.move(squeezed, NINE, overbook=BECAUSE)).json()
        assert (moved["start"], moved["overbooked"], moved["version"]) == ("2026-09-08T09:00:00+02:00", True, 2)
    assert await desk.mitte.count("occupancies") == 6
    odd = (await desk.move(squeezed, "2026-09-08T07:10:00Z", overbook=BECAUSE)).json()
    assert odd["overbooked"], "nothing begins then"
    free = (await desk.move(squeezed, FRIDAY, overbook=BECAUSE)).json()
    assert not free["overbooked"], "a desk was free all the same"
    back = (await desk.move(squeezed, NINE, overbook=BECAUSE)).json()
    own = await desk.mitte.rows("SELECT FROM occupancies WHERE appointment_id = :id", id=squeezed["id"])
    assert (back["overbooked"], own) == (True, []), "it has given its desk back"
    moves = [entry for entry in await desk.audit() if entry["action"].startswith("move")]
    assert [(one["action"], one["after"]["reason"]) for one in moves] == [
        (action, BECAUSE["reason"]) for action in ("move-overbooked", "move-overbooked", "move", "move-overbooked")
    ]
    assert moves[0]["before"]["start"] == "2026-09-08T08:00:00+02:00"
    assert BECAUSE["reason"] not in str(await desk.mitte.events())


async def test_the_phone_number_of_a_caller_is_kept_for_the_office_and_goes_with_the_person(desk: Desk) -> None:
    booked = await desk.booked(EIGHT, phone="+49 30 23125 001", email=EMAIL)
    assert (await desk.see(booked)).json()["phone"] == "+49 30 23125 001"
    assert [one.phone for one in await entries(desk)] == ["+49 30 23125 001"]
    [person] = await desk.mitte.recipients(booked)
    assert "call_number" not in person.values, "nobody calls them for this"
    own = await desk.mitte.booked(NINE, phone="+49 30 23125 002")
    assert (await desk.see(own)).json()["phone"] is None, "of an appointment at the office nobody needs it"
