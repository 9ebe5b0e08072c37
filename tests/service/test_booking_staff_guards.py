"""Staff see and do what is of their own offices, nobody else does, and each action is written down without a name."""

import json
from datetime import datetime
from typing import Any

import pytest

from shared import api_staff
from shared.identity import citizen
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.desk import Desk
from tests.harness.identity import clerk, signed

EIGHT, FRIDAY, LATER = "2026-09-08T06:00:00Z", "2026-09-11T06:00:00Z", "2026-09-11T07:00:00Z"


@pytest.fixture
def desk(mitte: Counter) -> Desk:
    return Desk(mitte)


async def test_staff_see_an_appointment_but_not_what_opens_it(desk: Desk) -> None:
    booked = await desk.mitte.booked(EIGHT, birth_date="1990-05-17", email="a@example.org")
    for number in (booked["number"], booked["number"].lower().replace("-", " ")):
        answer = await desk.see({"number": number})
        seen = api_staff.StaffAppointment.model_validate(answer.json())
        assert (seen.number, seen.channel, seen.name) == (booked["number"], "online", "Aylin Öz")
        assert (str(seen.birth_date), seen.has_email) == ("1990-05-17", True)
        assert seen.start == datetime.fromisoformat(EIGHT)
        assert booked["code"] not in answer.text
        assert "a@example.org" not in answer.text


@pytest.mark.parametrize("number", ["%00", "%2e%2e", "x" * 5000, "ÄÖ", "0000-0000", "%F0%9F%98%80", "1'--"])
async def test_an_odd_number_is_not_found(desk: Desk, number: str) -> None:
    tries = [await desk.see({"number": number}), await desk.correct({"number": number}, name="A")]
    for answer in (*tries, await desk.join({"number": number}, "a@example.org")):
        problem_of(answer, 404, answer.json()["type"].removeprefix("/problems/"))


async def each_answer(desk: Desk, booked: dict[str, Any]) -> list[Any]:
    """Try everything that staff can do; the first three name an office, the others an appointment."""
    return [
        await desk.book(EIGHT), await desk.slots("2026-09-08", "2026-09-08"), await desk.day("2026-09-11"),
        await desk.see(booked), await desk.correct(booked, name="Somebody Else"),
        await desk.join(booked, "b@example.org"), await desk.move(booked, LATER), await desk.tick_off(booked),
        await desk.cancel(booked),
    ]  # fmt: skip


async def each_closing(desk: Desk) -> list[Any]:
    """Try what closes a day."""
    teams = await desk.ask("GET", "/offices/mitte/teams")
    return [teams, await desk.preview_closing("2026-09-14"), await desk.close_day("2026-09-14", [])]


@pytest.mark.parametrize("role", ["citizen", "", "Clerk", "service"])
async def test_who_is_no_member_of_staff_may_do_nothing_of_it(mitte: Counter, role: str) -> None:
    booked = await mitte.booked(FRIDAY)
    nobody = citizen("musterstadt") if role == "citizen" else clerk("mitte", role=role)
    desk = Desk(mitte, nobody)
    for answer in (*await each_answer(desk, booked), *await each_closing(desk), await desk.search("Aylin")):
        assert "staff" in problem_of(answer, 403, "staff-only")["detail"]
    assert (await mitte.count("appointments"), await mitte.count("waitlist"), await desk.audit()) == (1, 0, [])


@pytest.mark.parametrize("role", ["clerk", "manager", "placement"])
async def test_every_role_at_a_desk_may_in_its_own_office_only(mitte: Counter, role: str) -> None:
    booked = await mitte.booked(FRIDAY)
    own = Desk(mitte, clerk("elsewhere", "mitte", role=role))
    assert {answer.status_code for answer in await each_answer(own, booked)} == {200, 201}
    for offices in (("elsewhere",), ()):
        theirs = Desk(mitte, clerk(*offices, role=role))
        *at_office, see, correct, join, move, tick_off, cancel = await each_answer(theirs, booked)
        for answer in at_office:
            problem_of(answer, 403, "office-not-yours")
        for answer in (see, correct, join, move, tick_off, cancel):
            problem_of(answer, 404, "appointment-not-found")
        assert (await theirs.search("Aylin")).json() == []
    unknown = await own.see({"number": "0000-0000"})
    assert unknown.content == see.content, "as if there were none"


@pytest.mark.parametrize("role", ["admin", "council"])
async def test_a_role_without_a_desk_is_told_so(mitte: Counter, role: str) -> None:
    booked = await mitte.booked(FRIDAY)
    desk = Desk(mitte, clerk("mitte", role=role))
    for answer in (*await each_answer(desk, booked), *await each_closing(desk), await desk.search("Aylin")):
        problem_of(answer, 403, "not-your-task")


async def test_only_managers_close_a_day_and_only_of_their_offices(mitte: Counter) -> None:
    for role in ("clerk", "placement"):
        for answer in await each_closing(Desk(mitte, clerk("mitte", role=role))):
            problem_of(answer, 403, "not-your-task")
    for answer in await each_closing(Desk(mitte, clerk("elsewhere", role="manager"))):
        problem_of(answer, 403, "office-not-yours")
    assert {answer.status_code for answer in await each_closing(Desk(mitte, clerk("mitte", role="manager")))} == {200}


async def test_staff_of_another_tenant_see_nothing_also_when_their_office_has_the_same_name(mitte: Counter) -> None:
    booked = await mitte.booked(FRIDAY)
    theirs = Desk(mitte, clerk("mitte", tenant="duesseldorf"))
    for answer in (await theirs.see(booked), await theirs.correct(booked, name="B"), await theirs.join(booked)):
        problem_of(answer, 404, "appointment-not-found")
    await theirs.booked("2026-09-08T06:00:00Z")
    found = await mitte.rows("SELECT tenant, name FROM appointments ORDER BY tenant")
    assert [tuple(row.values()) for row in found] == [("duesseldorf", "Aylin Öz"), ("musterstadt", "Aylin Öz")]


async def test_the_guard_comes_before_what_is_wrong_with_a_request(mitte: Counter) -> None:
    answer = await mitte.client.post("/staff/appointments", json={}, headers=signed("booking", "musterstadt"))
    problem_of(answer, 403, "staff-only")


async def test_every_action_is_written_down_with_who_did_it_and_without_a_person(desk: Desk) -> None:
    booked = await desk.booked(EIGHT, email="a@example.org", interpreter="ar")
    await desk.see(booked)
    await desk.see({"number": "0000-0000"})
    await desk.day("2026-09-08")
    await desk.search("Aylin Öz")
    for _ in range(2):  # the second time nothing changes
        await desk.correct(booked, name="Bao Nguyen")
        await desk.join(booked)
        await desk.move(booked, FRIDAY)
        await desk.cancel(booked, "Asked for by phone")
    entries = await desk.audit()
    actions = ["book", "view", "view-day", "search", "correct", "join-waitlist", "move", "cancel"]
    assert [entry["action"] for entry in entries] == actions
    of_appointment = [entry["target"] for entry in entries if entry["action"] not in ("view-day", "search")]
    assert set(of_appointment) == {booked["number"]}
    for entry in entries:
        assert (entry["subject"], entry["office_id"], entry["tenant"]) == ("staff-0815", "mitte", "musterstadt")
    start, friday = "2026-09-08T08:00:00+02:00", "2026-09-11T08:00:00+02:00"
    before, after = ([entry[name] for entry in entries] for name in ("before", "after"))
    assert (before[6]["start"], after[6]["start"]) == (start, friday)
    assert (before[7]["start"], after[7]) == (friday, {"reason": "Asked for by phone"})
    assert (after[3], after[4]) == ({"found": 1}, {"changed": ["name"]})
    text = json.dumps(entries, default=str)
    assert not any(word in text for word in ("Aylin", "Bao", "example.org", '"ar"'))


async def test_what_is_refused_leaves_no_entry(desk: Desk) -> None:
    booked = await desk.booked(EIGHT)
    problem_of(await desk.move(booked, "2026-09-08T06:07:00Z"), 422, "slot-not-offered")
    assert [entry["action"] for entry in await desk.audit()] == ["book"]
