"""Closing a day: whoever had an appointment is told by mail or listed to be called, and nobody is forgotten."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from shared import api_staff
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.desk import Desk
from tests.harness.identity import clerk
from tests.harness.inprocess import moved_clock
from tests.harness.line import Line
from tests.harness.planner import Planner, hours

DAY, OTHER_DAY = "2026-09-08", "2026-09-11"
EIGHT, NINE = "2026-09-08T06:00:00Z", "2026-09-08T07:00:00Z"
FRIDAY = "2026-09-11T06:00:00Z"
ADVICE = "2026-09-08T06:30:00Z"  # when the team `beratung` begins


@pytest.fixture
def manager(mitte: Counter) -> Desk:
    return Desk(mitte, clerk("mitte", role="manager"))


async def preview(manager: Desk, team: str | None = None) -> api_staff.ClosingPreview:
    answer = await manager.preview_closing(DAY, team)
    assert answer.status_code == 200, answer.text
    return api_staff.ClosingPreview.model_validate(answer.json())


async def close(manager: Desk, team: str | None = None) -> api_staff.Closed:
    numbers = [entry.number for entry in (await preview(manager, team)).affected]
    answer = await manager.close_day(DAY, numbers, team)
    assert answer.status_code == 200, answer.text
    return api_staff.Closed.model_validate(answer.json())


async def cancelled(mitte: Counter) -> dict[str, dict[str, Any]]:
    """Return the events of cancelling, by number."""
    return {told["number"]: told for type_, told in await mitte.events() if type_ == "cancelled"}


async def test_thirty_people_are_each_told_or_listed_to_be_called(manager: Desk) -> None:
    mitte, booked = manager.mitte, []
    for number in range(30):
        start = f"2026-09-08T{6 + number // 6 % 4:02}:{number % 6 // 3 * 30:02}:00Z"
        with_mail = number % 3 > 0
        contact = {"email": f"p{number}@example.org"} if with_mail else {"phone": f"+49 30 23125 {number:03}"}
        overbook = {"overbook": {"reason": "Full already"}} if number >= 24 else {}
        booked.append(await manager.booked(start, name=f"Person {number}", **contact, **overbook))
    own = await mitte.booked(FRIDAY, name="Another day", email="other@example.org")
    seen = await preview(manager)
    assert [entry.number for entry in seen.affected] == [
        entry["number"] for entry in (await manager.day(DAY)).json()["entries"]
    ]
    assert (len(seen.affected), seen.closed, len(await cancelled(mitte))) == (30, False, 0), "nothing has changed yet"
    done = await close(manager)
    assert (len(done.told), len(done.to_phone), done.plan) == (20, 10, 2)
    assert all(entry.name and entry.phone and entry.phone.startswith("+49 30") for entry in done.to_phone)
    told = await cancelled(mitte)
    assert set(told) == {one["number"] for one in booked}
    assert {(one["cancelled_by"], one["reason"]) for one in told.values()} == {("office", "plan")}
    people = [(await mitte.recipients(one))[-1] for one in booked if told[one["number"]]["recipient"]]
    assert {person.email for person in people} == {f"p{n}@example.org" for n in range(30) if n % 3}
    states = {row["state"] for row in await mitte.rows("SELECT state FROM appointments WHERE starts_at < '2026-09-09'")}
    assert (states, await mitte.count("occupancies")) == ({"cancelled"}, 1)
    assert (await manager.see(own)).json()["state"] == "booked"
    assert await manager.free(EIGHT) == 0
    assert problem_of(await manager.book(EIGHT), 422, "slot-not-offered")["reason"] == "closure"


async def test_who_has_to_be_called_stays_on_the_list_until_somebody_did(manager: Desk) -> None:
    called, other = [await manager.booked(EIGHT, name=name) for name in ("A", "B")]
    await close(manager)
    listed = (await manager.day(DAY)).json()
    assert (listed["closed"], [entry["to_phone"] for entry in listed["entries"]]) == (True, [True, True])
    for _ in range(2):
        assert (await manager.tick_off(called)).json()["to_phone"] is False
    left = {entry["number"]: entry["to_phone"] for entry in (await manager.day(DAY)).json()["entries"]}
    assert left == {called["number"]: False, other["number"]: True}
    assert [entry["action"] for entry in await manager.audit()].count("tick-off") == 1


async def test_all_of_it_is_written_down(manager: Desk) -> None:
    booked = await manager.mitte.booked(EIGHT)
    await close(manager)
    entries = {entry["action"]: entry for entry in await manager.audit()}
    assert set(entries) == {"preview-closure", "publish-plan", "close-day", "cancel"}
    assert (entries["close-day"]["target"], entries["close-day"]["before"]) == (DAY, {"plan": 1})
    assert entries["close-day"]["after"] == {
        "plan": 2, "team": None, "reason": {"de": "Wasserschaden"}, "told": 0, "to_phone": 1,
    }  # fmt: skip
    assert (entries["cancel"]["target"], entries["cancel"]["after"]) == (booked["number"], {"reason": "close-day"})


async def test_nobody_loses_an_appointment_whom_the_manager_has_not_seen(manager: Desk) -> None:
    seen = await manager.mitte.booked(EIGHT)
    meanwhile = await manager.mitte.booked(NINE)
    refused = problem_of(await manager.close_day(DAY, [seen["number"]]), 409, "affected-changed")
    assert refused["unseen"] == [meanwhile["number"]]
    assert (await manager.mitte.count("plans WHERE office_id = 'mitte' AND tenant = 'musterstadt'")) == 1
    assert (await manager.see(seen)).json()["state"] == "booked"
    await manager.cancel(seen)
    answer = await manager.close_day(DAY, [seen["number"], meanwhile["number"]])
    assert [entry["number"] for entry in answer.json()["to_phone"]] == [meanwhile["number"]], (
        "the other is gone already"
    )


async def test_pressed_twice_it_closes_once_and_tells_once(manager: Desk) -> None:
    booked = await manager.mitte.booked(EIGHT, email="a@example.org")
    first = await manager.close_day(DAY, [booked["number"]])
    again = await manager.close_day(DAY, [booked["number"]])
    assert (first.json()["plan"], again.json()) == (2, {"plan": 2, "told": [], "to_phone": []})
    assert [type_ for type_, _ in await manager.mitte.events(booked)] == ["booked", "cancelled"]
    assert (await preview(manager)).closed


async def test_a_team_is_closed_alone_and_what_was_overbooked_goes_to_whoever_is_there(manager: Desk) -> None:
    advice = await manager.booked(ADVICE, concern="bescheid")
    entrance = await manager.booked(EIGHT)
    squeezed = [
        await manager.booked("2026-09-08T06:40:00Z", concern=concern, overbook={"reason": "Late shift"})
        for concern in ("bescheid", "neuantrag")
    ]
    seen = await preview(manager, "beratung")
    assert {entry.number for entry in seen.affected} == {advice["number"], squeezed[0]["number"]}
    teams = (await manager.ask("GET", "/offices/mitte/teams")).json()
    assert [(team["id"], *team["name"].values()) for team in teams] == [
        ("beratung", "Beratung"),
        ("eingang", "Eingangszone"),
    ]
    await close(manager, "beratung")
    states = {one["number"]: (await manager.see(one)).json()["state"] for one in (advice, entrance, *squeezed)}
    assert list(states.values()) == ["cancelled", "booked", "cancelled", "booked"]
    assert not (await manager.day(DAY)).json()["closed"]
    params = {"concern": "bescheid", "from": DAY, "to": DAY}
    assert (await manager.ask("GET", "/offices/mitte/slots", params=params)).json() == []
    assert await manager.free(EIGHT) == 2


async def test_an_overbooked_one_is_told_when_the_other_team_is_there_only_at_another_time(mitte: Counter) -> None:
    planner, desk = Planner(mitte), Desk(mitte, clerk("mitte", role="manager"))
    document = await planner.changed()
    document["teams"]["beratung"]["concerns"].append("neuantrag")
    await planner.published(document)
    late = await desk.booked("2026-09-08T10:00:00Z", overbook={"reason": "Late shift"})
    early = await desk.booked("2026-09-08T06:40:00Z", overbook={"reason": "Late shift"})
    seen = await preview(desk, "beratung")
    assert [entry.number for entry in seen.affected] == [late["number"]], "the entrance has gone home by then"
    assert early["number"] not in [entry.number for entry in seen.affected]


async def test_only_teams_of_a_plan_that_holds_or_will_hold_can_be_chosen(mitte: Counter) -> None:
    manager = Planner(mitte)
    await mitte.rows(
        "INSERT INTO desks (tenant, office_id, team_id, name, seeded)"
        " SELECT 'musterstadt', 'mitte', team, team || ' 1', false FROM unnest(ARRAY['former', 'later']) AS team"
    )
    document = await manager.changed()
    document["teams"]["later"] = {"concerns": ["neuantrag"], "hours": [hours("08:00", "12:00")], "desks": ["later 1"]}
    await manager.published(document, in_force_from="2026-09-10T00:00:00+02:00")
    teams = (await manager.ask("GET", "/offices/mitte/teams")).json()
    assert [team["id"] for team in teams] == ["beratung", "eingang", "later"]


async def test_what_was_held_or_offered_on_the_day_can_be_booked_no_more(manager: Desk) -> None:
    mitte, line, holder = manager.mitte, Line(manager.mitte), "a-browser-with-a-cookie"
    await mitte.hold(holder, EIGHT)
    freed = await mitte.booked(NINE)
    waits = await mitte.booked(FRIDAY, email="a@example.org")
    await manager.join(waits)
    await mitte.cancel(freed)
    assert await line.offers() == [(waits["id"], NINE)]
    await close(manager)
    assert problem_of(await mitte.book(EIGHT, holder=holder), 422, "slot-not-offered")["reason"] == "closure"
    problem_of(await line.answer(waits, "accept"), 409, "offer-gone")
    assert (await manager.see(waits)).json()["state"] == "booked", "on its own day"


async def test_what_they_were_offered_goes_to_the_next_and_their_place_in_the_line_is_free(manager: Desk) -> None:
    mitte, line = manager.mitte, Line(manager.mitte)
    today = await manager.booked("2026-09-10T06:00:00Z")
    waits = await mitte.booked("2026-09-14T06:00:00Z", email="a@example.org")
    behind = await mitte.booked("2026-09-15T06:00:00Z", email="b@example.org")
    for one in (waits, behind):
        await manager.join(one)
    await manager.cancel(today)
    assert await line.offers() == [(waits["id"], "2026-09-10T06:00:00Z")]
    numbers = [waits["number"]]
    assert (await manager.close_day("2026-09-14", numbers)).status_code == 200
    assert (behind["id"], "2026-09-10T06:00:00Z") in await line.offers()
    assert await mitte.count("waitlist") == 1


async def test_today_is_closed_from_now_on_and_the_past_not_at_all(manager: Desk) -> None:
    begun, later = await manager.booked(EIGHT), await manager.booked(NINE)
    with moved_clock(datetime(2026, 9, 8, 6, 15, tzinfo=UTC)):
        assert [entry.number for entry in (await preview(manager)).affected] == [later["number"]]
        await close(manager)
        assert (await manager.see(begun)).json()["state"] == "booked"
    for answer in (await manager.preview_closing("2026-09-06"), await manager.close_day("2026-09-06", [])):
        problem_of(answer, 422, "day-over")


@pytest.mark.parametrize(
    "body",
    [{"day": "soon"}, {"reason": {}}, {"reason": {"de": " "}}, {"numbers": ["x"] * 501}, {"team": "Ä"}, {"more": 1}],
)
async def test_what_is_no_closure_is_refused(manager: Desk, body: dict[str, Any]) -> None:
    wanted = {"day": DAY, "reason": {"de": "Wasserschaden"}, "numbers": []} | body
    problem_of(await manager.ask("POST", "/offices/mitte/closures", json=wanted), 422, "invalid-request")


async def test_a_team_or_an_office_that_is_none_is_named(manager: Desk) -> None:
    for answer in (await manager.preview_closing(DAY, "nobody"), await manager.close_day(DAY, [], "nobody")):
        problem_of(answer, 404, "unknown-team")
    elsewhere = Desk(manager.mitte, clerk("nowhere", role="manager"))
    problem_of(await elsewhere.preview_closing(DAY, office="nowhere"), 404, "unknown-office")


async def test_more_than_five_hundred_at_once_are_too_many(manager: Desk) -> None:
    booked = await manager.mitte.booked(EIGHT)
    await manager.mitte.copy(booked, 500)
    numbers = [entry.number for entry in (await preview(manager)).affected]
    assert len(numbers) == 501
    problem_of(await manager.close_day(DAY, numbers[:500]), 422, "too-many-affected")
    await manager.mitte.rows("DELETE FROM appointments WHERE number = 'copy 1'")
    assert len((await close(manager)).to_phone) == 500


async def test_a_plan_that_waits_has_the_closure_too_and_waits_on(mitte: Counter) -> None:
    manager = Planner(mitte)
    document = await manager.changed(hours=[hours("10:00", "12:00")])
    moment = "2026-09-10T00:00:00+02:00"
    waits = await manager.published(document, in_force_from=moment, note="From Thursday on")
    answer = await manager.close_day(OTHER_DAY, [])
    assert answer.status_code == 200, answer.text
    first, second, third = (await manager.versions())[:3]
    assert (first["state"], first["note"], first["in_force_from"]) == ("scheduled", "From Thursday on", moment)
    assert (second["state"], second["note"]) == ("in-force", "Wasserschaden")
    assert (third["state"], third["version"]) == ("withdrawn", waits["version"])
    with moved_clock(datetime(2026, 9, 10, 6, 0, tzinfo=UTC)):
        assert problem_of(await manager.book(FRIDAY), 422, "slot-not-offered")["reason"] == "closure"
        assert await manager.free("2026-09-14T08:00:00Z") == 3
        assert await manager.free("2026-09-14T06:00:00Z") == 0, "by the plan that waited"


async def test_other_hours_of_a_team_stay_on_the_days_beside_the_closed_one(mitte: Counter) -> None:
    manager = Planner(mitte)
    evenings = [{"from": "2026-09-07", "to": "2026-09-11", "hours": [{"from": "18:00", "to": "19:00"}], "reason": {}}]
    await manager.published(await manager.changed(exceptions=evenings))
    assert (await manager.close_day("2026-09-09", [], "eingang")).status_code == 200
    days = [int(slot["start"][8:10]) for slot in (await manager.slots("2026-09-07", "2026-09-11")).json()]
    assert days == [7, 7, 8, 8, 10, 10, 11, 11]


async def test_who_a_new_plan_leaves_without_an_address_for_a_mail_has_to_be_called_too(mitte: Counter) -> None:
    manager, booked = Planner(mitte), await mitte.booked(FRIDAY)
    document = await manager.changed(hours=[hours("10:00", "12:00")])
    await manager.published(document, stranded="cancel", affected=[booked["number"]])
    assert [entry["to_phone"] for entry in (await manager.day(OTHER_DAY)).json()["entries"]] == [True]
    [_, (_, told)] = await mitte.events(booked)
    assert (told["cancelled_by"], told["reason"]) == ("office", "plan")


async def test_whoever_books_while_a_day_is_closed_has_an_appointment_that_counts_or_none(manager: Desk) -> None:
    for number in range(5):
        day = f"2026-09-{(8, 10, 11, 14, 15)[number]:02}"
        tries = [manager.mitte.book(f"{day}T0{6 + n % 3}:00:00Z") for n in range(8)]
        closed, *booked = await asyncio.gather(manager.close_day(day, []), *tries)
        won = [answer.json()["number"] for answer in booked if answer.status_code == 201]
        if closed.status_code == 200:
            assert won == [], "nobody holds an appointment on a closed day"
        else:
            assert set(problem_of(closed, 409, "affected-changed")["unseen"]) <= set(won)
        assert {answer.status_code for answer in booked} <= {201, 422}
