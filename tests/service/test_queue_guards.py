"""Role by route: who may work with an office's queue, and what everybody else is told."""

import uuid
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from services.booking import jobs
from services.booking.web import queue, staff_queue
from shared.identity import STAFF_ROLES, Identity, citizen
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.desk import Desk
from tests.harness.identity import clerk
from tests.harness.inprocess import moved_clock
from tests.harness.queue import QueueOffice

MAY = {"clerk", "manager", "placement"}
BODIES: dict[str, dict[str, Any]] = {
    "arrivals": {"number": "ABCD-EFGH"}, "tickets": {"concern": "unterlagen"}, "urgency": {"urgency": "frail"},
    "pass-on": {"concern": "bescheid"}, "outcome": {"outcome": "excused"},
}  # fmt: skip
ROUTES = [
    (method, route.path.removeprefix("/staff"))
    for route in staff_queue.router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]


@pytest.fixture
async def office(mitte: Counter) -> QueueOffice:
    return await QueueOffice.empty(mitte)


def at(hour: int, *, day: int) -> Any:
    """Let it be so late in UTC."""
    return moved_clock(datetime(2026, 9, day, hour, 0, 0, 100, tzinfo=UTC))


async def try_all(office: QueueOffice, who: Identity) -> dict[str, httpx.Response]:
    """Press everything once, on tickets and an appointment that are there."""
    booked = await office.mitte.booked("2026-09-11T06:00:00Z")
    ticket, desk = await office.drawn(), (await office.desks())[0]
    answers = {}
    for method, path in ROUTES:
        url = path.format(office="mitte", desk=desk, ticket=ticket["id"], number=booked["number"])
        body = BODIES.get(path.rpartition("/")[2], {}) if method != "GET" else None
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        answers[f"{method} {path}"] = await Desk(office.mitte, who).ask(method, url, json=body, headers=headers)
    return answers


def test_there_are_as_many_routes_as_are_tried() -> None:
    assert len(ROUTES) == 15
    assert not any(route.path.startswith("/staff") for route in queue.router.routes if isinstance(route, APIRoute))


async def test_who_is_no_member_of_staff_may_do_nothing_of_it(office: QueueOffice) -> None:
    for who in (citizen("musterstadt"), clerk("mitte", role="nobody")):
        for answer in (await try_all(office, who)).values():
            problem_of(answer, 403, "staff-only")
    assert await office.actions() == []


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
async def test_each_role_may_or_may_not_whatever_the_route(office: QueueOffice, role: str) -> None:
    for route, answer in (await try_all(office, clerk("mitte", role=role))).items():
        if role in MAY:
            assert answer.status_code not in (401, 403, 422, 500), f"{route}: {answer.text}"
        else:
            problem_of(answer, 403, "not-your-task")
    assert (await office.actions() != []) == (role in MAY)


async def test_of_another_office_nothing_can_be_seen_or_changed(office: QueueOffice) -> None:
    for route, answer in (await try_all(office, clerk("elsewhere"))).items():
        if "{office}" in route:
            problem_of(answer, 403, "office-not-yours")
        else:
            problem_of(answer, 404, "ticket-not-found" if "{ticket}" in route else "appointment-not-found")
    assert await office.actions() == []


async def test_of_another_tenant_neither_also_when_its_office_has_the_same_name(office: QueueOffice) -> None:
    for route, answer in (await try_all(office, clerk("mitte", tenant="duesseldorf"))).items():
        if "{ticket}" in route or "{number}" in route:
            problem_of(answer, 404, "ticket-not-found" if "{ticket}" in route else "appointment-not-found")
        elif "{desk}" in route and answer.status_code != 204:
            problem_of(answer, 404, "unknown-desk")
    [row] = await office.mitte.rows("SELECT count(*) AS n FROM tickets WHERE tenant = 'musterstadt'")
    assert row["n"] == 1
    assert await office.mitte.count("open_desks WHERE tenant = 'musterstadt'") == 0


@pytest.mark.parametrize("desk", ["0", "-1", "99999999999", "1" * 300, "x"])
async def test_an_odd_desk_is_refused(office: QueueOffice, desk: str) -> None:
    for method, path in (("PUT", "presence"), ("DELETE", "presence"), ("POST", "calls")):
        answer = await office.desk.ask(method, f"/offices/mitte/desks/{desk}/{path}")
        problem_of(answer, 422, "invalid-request")


@pytest.mark.parametrize("ticket", ["0", "x" * 300, "%00", "0198c0de-0000-7000-8000-000000000000"])
async def test_an_odd_ticket_is_not_found_or_refused(office: QueueOffice, ticket: str) -> None:
    for action in ("serve", "call-again", "return"):
        answer = await office.desk.ask("POST", f"/tickets/{ticket}/{action}", json={})
        assert answer.status_code in (404, 422), answer.text
    seen = await office.see({"id": ticket, "secret": "x"})
    assert seen.status_code in (404, 422), seen.text


async def test_the_day_ends_at_midnight_of_the_office_not_of_the_tenant(office: QueueOffice) -> None:
    service = office.mitte.booking.service
    try:
        await office.mitte.rows("UPDATE offices SET zone = 'America/New_York' WHERE id = 'mitte'")
        with at(13, day=8):
            await office.drawn()
        for hour, label, state in ((3, "A001", "waiting"), (5, None, "left")):  # 23:00 and 01:00 there
            with at(hour, day=9):
                await jobs.tidy_queue(service)
                [row] = await office.mitte.rows("SELECT label, state FROM tickets")
                assert (row["label"], row["state"]) == (label, state)
    finally:
        await office.mitte.rows("UPDATE offices SET zone = 'Europe/Berlin' WHERE id = 'mitte'")


async def test_of_whom_reception_has_looked_up_it_is_written_down_also_when_nothing_changes(
    office: QueueOffice,
) -> None:
    booked = await office.mitte.booked("2026-09-08T08:00:00Z")
    ask = {"json": {"number": booked["number"]}}
    await office.desk.ask("POST", "/offices/mitte/arrivals", **ask)
    with at(8, day=8):
        for _ in range(2):
            await office.desk.ask("POST", "/offices/mitte/arrivals", **ask)
    rows = await office.mitte.rows("SELECT action, office_id, target, after FROM audit_entries ORDER BY at, id")
    assert [(row["action"], row["after"].get("outcome")) for row in rows] == [
        ("arrive", "not-today"), ("ticket-arrive", None), ("arrive", "already-here"),
    ]  # fmt: skip
    assert {(row["office_id"], row["target"]) for row in rows if row["action"] == "arrive"} == {
        ("mitte", booked["number"])
    }
