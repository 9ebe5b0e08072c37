"""Calling, serving, putting back, passing on: what is possible in which state, and what is told of it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.booking import queries
from services.booking.access import Access
from services.booking.queue import arriving
from shared import api_queue
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.identity import clerk
from tests.harness.inprocess import moved_clock
from tests.harness.planner import Planner
from tests.harness.queue import QueueOffice


@pytest.fixture
async def office(mitte: Counter) -> QueueOffice:
    return await QueueOffice.empty(mitte)


async def test_people_are_called_by_their_team_in_the_order_in_which_they_came(office: QueueOffice) -> None:
    first, other, second = [await office.drawn(concern) for concern in ("unterlagen", "bescheid", "neuantrag")]
    assert [one["label"] for one in (first, other, second)] == ["A001", "B001", "A002"]
    assert [one["position"] for one in (first, other, second)] == [1, 1, 2]
    one, two, three = await office.desks()
    called = [await office.call(desk) for desk in (one, two, three)]
    assert [ticket and ticket["label"] for ticket in called] == ["A001", "A002", None]
    assert (await office.call((await office.desks("beratung"))[0]) or {})["label"] == "B001"
    assert [call["label"] for call in (await office.display())["calls"]] == ["B001", "A002", "A001"]
    seen = (await office.see(first)).json()
    assert (seen["state"], seen["desk"], seen["position"]) == ("called", "Eingangszone 1", None)


async def test_a_desk_that_has_somebody_gets_them_again_also_in_a_second_tab(office: QueueOffice) -> None:
    await office.drawn()
    await office.drawn()
    [desk, *_] = await office.desks()
    first = await office.call(desk)
    again = (await office.desk.ask("POST", f"/offices/mitte/desks/{desk}/calls")).json()
    assert (again["ticket"], again["again"]) == (first, True)
    await office.acted(again["ticket"], "start")
    assert ((await office.call(desk)) or {})["state"] == "serving"
    problem = problem_of(await office.desk.ask("DELETE", f"/offices/mitte/desks/{desk}/presence"), 409, "desk-busy")
    assert "A001" in problem["detail"]


async def test_nobody_is_missing_before_they_were_called_three_times(office: QueueOffice) -> None:
    await office.drawn()
    ticket = await office.call((await office.desks())[0]) or {}
    for calls in (1, 2):
        problem = problem_of(await office.act(ticket, "no-show"), 409, "called-too-seldom")
        assert (problem["calls"], f"{calls} of 3" in problem["detail"]) == (calls, True)
        assert (await office.acted(ticket, "call-again"))["calls"] == calls + 1
    problem_of(await office.act(ticket, "call-again"), 409, "called-enough")
    assert (await office.acted(ticket, "no-show"))["state"] == "no-show"
    assert await office.events() == [
        ("issued", 1), ("called", 2), ("called", 3), ("called", 4), ("closed", 5),
    ]  # fmt: skip
    back = await office.acted(ticket, "return")
    assert (back["state"], back["calls"], back["desk"]) == ("waiting", 0, None)


@pytest.mark.parametrize(
    ("before", "refused"),
    [
        ([], ["call-again", "start", "serve", "no-show", "return"]),
        (["start"], ["start", "call-again", "no-show"]),
        (["serve"], ["start", "call-again", "serve", "no-show", "return", "pass-on", "urgency"]),
    ],
)
async def test_what_does_not_fit_the_state_is_refused_and_says_what_is_the_case(
    office: QueueOffice, before: list[str], refused: list[str]
) -> None:
    ticket = await office.drawn()
    if before:
        await office.call((await office.desks())[0])
    for action in before:
        await office.acted(ticket, action)
    bodies = {"pass-on": {"concern": "bescheid"}, "urgency": {"urgency": "frail"}}
    for action in refused:
        problem = problem_of(await office.act(ticket, action, **bodies.get(action, {})), 409, "ticket-state-wrong")
        assert ticket["label"] in problem["detail"]
        assert problem["state"] == {(): "waiting", ("start",): "serving", ("serve",): "served"}[tuple(before)]


async def test_whoever_is_put_back_has_their_place_again(office: QueueOffice) -> None:
    first, second = await office.drawn(), await office.drawn()
    one, two, _ = await office.desks()
    await office.call(one)
    await office.acted(first, "return")
    assert [row["label"] for row in (await office.queue())["waiting"]] == ["A001", "A002"]
    assert ((await office.call(two)) or {})["label"] == first["label"]
    assert (await office.see(second)).json()["position"] == 1


async def test_a_mistaken_arrival_is_taken_back_and_that_too(office: QueueOffice) -> None:
    booked = await office.mitte.booked("2026-09-08T06:00:00Z")
    with moved_clock(datetime(2026, 9, 8, 5, 55, tzinfo=UTC)):
        first = (await office.arrived(booked))["ticket"]
        assert (await office.acted(first, "leave"))["state"] == "left"
        assert (await office.acted(first, "return"))["state"] == "waiting"
        await office.acted(first, "leave")
        second = (await office.arrived(booked))["ticket"]
        assert second["id"] != first["id"]
        problem = problem_of(await office.act(first, "return"), 409, "ticket-state-wrong")
        assert second["label"] in problem["detail"]


async def test_a_desk_that_vanishes_leaves_nobody_behind(office: QueueOffice) -> None:
    first = await office.drawn()
    one, two, _ = await office.desks()
    await office.call(one)
    seen = await office.queue()
    [called] = seen["called"]
    assert (called["desk"], called["called_at"] is not None) == ("Eingangszone 1", True)
    await office.mitte.rows("DELETE FROM open_desks")  # nothing is heard of it
    taken = await office.acted(first, "start", desk=two)
    assert (taken["state"], taken["desk"]) == ("serving", "Eingangszone 2")
    other = await office.drawn()
    assert ((await office.call(one)) or {})["id"] == other["id"]
    problem_of(await office.act(other, "start", desk=two), 409, "desk-busy")
    problem_of(await office.act(other, "start", desk=99999), 404, "unknown-desk")


async def test_passed_on_a_ticket_keeps_number_and_arrival(office: QueueOffice) -> None:
    passed, waiting = await office.drawn(), await office.drawn("bescheid")
    await office.call((await office.desks())[0])
    after = await office.acted(passed, "pass-on", concern="bescheid")
    assert (after["label"], after["team"], after["state"]) == (passed["label"], "beratung", "waiting")
    [desk, *_] = await office.desks("beratung")
    assert ((await office.call(desk)) or {})["id"] == passed["id"], "came before"
    await office.acted(passed, "serve")
    assert ((await office.call(desk)) or {})["id"] == waiting["id"]
    problem_of(await office.act(waiting, "pass-on", team="nobody"), 404, "unknown-team")
    problem_of(await office.act(waiting, "pass-on", concern="nothing"), 404, "unknown-concern")


async def test_passed_on_to_a_team_the_concern_stays_also_where_the_team_does_not_handle_it(
    office: QueueOffice, mitte: Counter
) -> None:
    passed, _ = await office.drawn("unterlagen"), await office.drawn("bescheid")
    teams = (await office.queue())["teams"]
    assert [(one["id"], *one["name"].values()) for one in teams] == [
        ("eingang", "Eingangszone"), ("beratung", "Beratung"),
    ]  # fmt: skip
    await office.call((await office.desks())[0])
    await office.acted(passed, "start")
    after = await office.acted(passed, "pass-on", team="beratung")
    assert (after["team"], after["concern"]["id"], after["label"]) == ("beratung", "unterlagen", passed["label"])
    [desk, *_] = await office.desks("beratung")
    await office.desk.ask("PUT", f"/offices/mitte/desks/{desk}/presence")
    mitte.booking.app.state.waits.forget()
    seen = (await office.see(passed)).json()
    assert (seen["position"], seen["state"]) == (1, "waiting"), "came before"
    assert seen["expected"], "its time is estimated still"
    assert ((await office.call(desk)) or {})["id"] == passed["id"]
    planner = Planner(mitte)
    gone = await planner.changed(concerns=["neuantrag"])
    await planner.published(gone, stranded="keep")
    back = await office.acted(passed, "pass-on", team="eingang")
    assert (back["team"], back["concern"]["id"]) == ("eingang", "unterlagen"), "whom the plan has left nobody for"
    problem_of(await office.act(passed, "pass-on", concern="unterlagen"), 404, "unknown-concern")


async def test_who_cannot_wait_goes_first_for_a_written_reason(office: QueueOffice) -> None:
    await office.drawn()
    urgent = await office.drawn()
    problem_of(await office.act(urgent, "urgency", urgency="is-loud"), 422, "invalid-request")
    await office.acted(urgent, "urgency", urgency="frail")
    assert [row["label"] for row in (await office.queue())["waiting"]] == ["A002", "A001"]
    await office.acted(urgent, "urgency", urgency="")
    assert [row["label"] for row in (await office.queue())["waiting"]] == ["A001", "A002"]


async def test_whoever_leaves_is_not_called_and_cannot_leave_a_conversation(office: QueueOffice) -> None:
    gone, here = await office.drawn(), await office.drawn()
    for _ in range(2):
        assert (await office.see(gone, "DELETE")).json()["state"] == "left"
    called = await office.call((await office.desks())[0]) or {}
    assert called["id"] == here["id"]
    await office.acted(called, "start")
    problem_of(await office.see(here, "DELETE"), 409, "ticket-state-wrong")
    problem_of(await office.see(here, secret="x" * 22), 404, "ticket-not-found")


async def test_every_action_of_staff_is_written_down_and_the_version_rises(office: QueueOffice) -> None:
    ticket = await office.drawn()
    [desk, *_] = await office.desks()
    versions = [(await office.display())["version"]]
    await office.desk.ask("PUT", f"/offices/mitte/desks/{desk}/presence")
    await office.desk.ask("PUT", f"/offices/mitte/desks/{desk}/presence")
    for action in ("call", "return", "call", "call-again", "start", "serve"):
        await (office.call(desk) if action == "call" else office.acted(ticket, action))
        versions.append((await office.display())["version"])
    assert versions == sorted(set(versions))
    await office.desk.ask("DELETE", f"/offices/mitte/desks/{desk}/presence")
    assert await office.actions() == [
        "desk-open", "ticket-call", "ticket-return", "ticket-call", "ticket-call-again", "ticket-start", "ticket-serve",
        "desk-close",
    ]  # fmt: skip
    rows = await office.mitte.rows("SELECT target FROM audit_entries WHERE action LIKE 'desk-%' ORDER BY id")
    assert [row["target"] for row in rows] == ["Eingangszone 1"] * 2
    [row] = await office.mitte.rows("SELECT target, before, after FROM audit_entries WHERE action = 'ticket-serve'")
    assert (row["target"], row["before"]["state"], row["after"]["state"]) == ("A001", "serving", "served")


async def test_whom_a_new_plan_leaves_without_a_team_can_still_be_called(office: QueueOffice) -> None:
    await office.drawn("bescheid")
    document = await Planner(office.mitte).changed()
    del document["teams"]["beratung"]
    await Planner(office.mitte).published(document)
    teams = [desk["team"] for desk in (await office.queue())["desks"]]
    assert teams == ["beratung"] * 2 + ["eingang"] * 3
    called = await office.call((await office.desks("beratung"))[0]) or {}
    await office.acted(called, "serve")
    [desk] = [desk for desk in (await office.queue())["desks"] if desk["team"] == "beratung"]
    assert desk["open"], "somebody sits there"


async def test_a_ticket_is_drawn_by_one_plan_also_when_another_is_published_meanwhile(office: QueueOffice) -> None:
    booking, manager = office.mitte.booking, Planner(office.mitte)
    document = await manager.changed()
    del document["teams"]["beratung"]
    request = api_queue.StaffTicketRequest(concern="bescheid", language="de")
    access, away = Access("a secret for tests", ""), timedelta(minutes=30)
    async with booking.service.database.transaction("musterstadt") as session:
        await queries.load_rules(session, "mitte", ["bescheid"])  # read once in a transaction
        await manager.published(document)
        drawn = await arriving.draw_at_reception(session, "mitte", request, "a-key", clerk("mitte"), access, away)
    assert (drawn["label"], drawn["team_id"]) == ("B001", "beratung")


async def test_what_an_earlier_day_left_open_blocks_no_desk(office: QueueOffice) -> None:
    old, new = await office.drawn(), await office.drawn()
    [desk, *_] = await office.desks()
    await office.call(desk)
    await office.mitte.rows("UPDATE tickets SET day = day - 1 WHERE id = :id", id=old["id"])
    assert (await office.queue())["called"] == []
    assert ((await office.call(desk)) or {})["id"] == new["id"]
    assert (await office.see(old)).json()["state"] == "left"
