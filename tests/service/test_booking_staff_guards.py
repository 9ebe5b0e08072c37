"""Staff see and do what is of their own offices, nobody else does, and each action leaves a line without a name."""

import json
from datetime import datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared import api_staff
from shared.identity import citizen
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.desk import Desk
from tests.harness.identity import clerk, signed

EIGHT, FRIDAY = "2026-09-08T06:00:00Z", "2026-09-11T06:00:00Z"


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
    """Try everything that staff can do; the first two name an office, the others an appointment."""
    return [
        await desk.book(EIGHT), await desk.slots("2026-09-08", "2026-09-08"), await desk.see(booked),
        await desk.correct(booked, name="Somebody Else"), await desk.join(booked, "b@example.org"),
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["citizen", "", "Clerk", "service"])
async def test_who_is_no_member_of_staff_may_do_nothing_of_it(mitte: Counter, role: str) -> None:
    booked = await mitte.booked(FRIDAY)
    nobody = citizen("musterstadt") if role == "citizen" else clerk("mitte", role=role)
    for answer in await each_answer(Desk(mitte, nobody), booked):
        assert "staff" in problem_of(answer, 403, "staff-only")["detail"]
    assert (await mitte.count("appointments"), await mitte.count("waitlist")) == (1, 0)


@pytest.mark.parametrize("role", ["clerk", "manager", "admin"])
async def test_every_role_of_staff_may_in_its_own_office_only(mitte: Counter, role: str) -> None:
    booked = await mitte.booked(FRIDAY)
    own = Desk(mitte, clerk("elsewhere", "mitte", role=role))
    assert {answer.status_code for answer in await each_answer(own, booked)} == {200, 201}
    for offices in (("elsewhere",), ()):
        at_office, slots, *at_appointment = await each_answer(Desk(mitte, clerk(*offices, role=role)), booked)
        problem_of(at_office, 403, "office-not-yours")
        problem_of(slots, 403, "office-not-yours")
        for answer in at_appointment:
            problem_of(answer, 404, "appointment-not-found")
    unknown = await own.see({"number": "0000-0000"})
    assert unknown.content == at_appointment[0].content, "as if there were none"


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


async def test_every_action_leaves_a_line_that_names_who_did_what_with_which_number_and_no_person(desk: Desk) -> None:
    with capture_logs() as logs:
        booked = await desk.booked(EIGHT, email="a@example.org")
        await desk.see(booked)
        await desk.correct(booked, name="Bao Nguyen")
        await desk.join(booked)
        await desk.see({"number": "0000-0000"})
    lines = [line for line in logs if line["event"] == "staff action"]
    assert [line["action"] for line in lines] == ["book", "view", "correct", "join-waitlist"]
    for line in lines:
        assert set(line) == {"event", "log_level", "subject", "action", "number", "tenant"}
        assert (line["subject"], line["number"]) == ("staff-0815", booked["number"])
    assert not any(word in json.dumps(logs) for word in ("Aylin", "Bao", "example.org"))
