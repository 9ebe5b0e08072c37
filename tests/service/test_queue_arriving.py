"""Arriving with an appointment and without: early, late, elsewhere, twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.booking import jobs
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.inprocess import moved_clock
from tests.harness.queue import QueueOffice, found

TEN = "2026-09-08T08:00:00Z"  # Tuesday, 10:00 in Berlin


@pytest.fixture
async def office(mitte: Counter) -> QueueOffice:
    return await QueueOffice.empty(mitte)


@pytest.fixture
async def booked(office: QueueOffice) -> dict[str, Any]:
    return await office.mitte.booked(TEN, concern="unterlagen")


def at(hour: int, minute: int = 0, day: int = 8) -> Any:
    """Let it be so late in UTC."""
    return moved_clock(datetime(2026, 9, day, hour, minute, 0, 100, tzinfo=UTC))


@pytest.mark.parametrize(
    ("hour", "minute", "outcome"),
    [(7, 29, "early"), (7, 31, "checked-in"), (8, 14, "checked-in"), (8, 16, "late"), (9, 30, "late")],
)
async def test_early_in_time_and_late(
    office: QueueOffice, booked: dict[str, Any], hour: int, minute: int, outcome: str
) -> None:
    with at(hour, minute):
        arrived = await office.arrived(booked)
        assert arrived["outcome"] == outcome
        assert (arrived["ticket"]["label"], arrived["ticket"]["kind"]) == ("A001", "appointment")
        assert arrived["due"] == arrived["ticket"]["due"] == "2026-09-08T10:00:00+02:00"
        [waiting] = (await office.queue())["waiting"]
        assert (waiting["late"], waiting["name"], waiting["number"]) == (
            outcome == "late", "Aylin Öz", booked["number"],
        )  # fmt: skip
    assert [type_ for type_, _ in await office.mitte.events(booked)] == ["booked", "arrived"]


async def test_whoever_comes_too_late_waits_like_those_without_an_appointment(
    office: QueueOffice, booked: dict[str, Any]
) -> None:
    in_time = await office.mitte.booked("2026-09-08T08:30:00Z", concern="neuantrag")
    with at(8, 20):
        walked_in = await office.drawn()
        await office.arrived(booked)
        await office.arrived(in_time)
        labels = [row["label"] for row in (await office.queue())["waiting"]]
        assert labels == ["A003", "A001", "A002"]
        assert walked_in["label"] == "A001"


async def test_the_link_of_the_confirmation_opens_as_the_code_does_and_twice_is_once(
    office: QueueOffice, booked: dict[str, Any]
) -> None:
    token = booked["link"].rpartition("/")[2]
    with at(8):
        answers = await asyncio.gather(*(office.arrive(booked, code=token) for _ in range(8)))
        outcomes = sorted(answer.json()["outcome"] for answer in answers)
        assert outcomes == ["already-here"] * 7 + ["checked-in"]
        assert {answer.json()["ticket"]["id"] for answer in answers} == {answers[0].json()["ticket"]["id"]}
        typed = await office.arrived(booked, number=booked["number"].lower().replace("-", " "))
        assert typed["outcome"] == "already-here"
    assert await office.mitte.count("tickets") == 1


async def test_a_wrong_number_and_a_wrong_code_look_the_same(office: QueueOffice, booked: dict[str, Any]) -> None:
    with at(8):
        wrong = [await office.arrive(booked, code="AAAA-AAAA"), await office.arrive(booked, number="ZZZZ-ZZZZ")]
    assert wrong[0].content == wrong[1].content
    problem_of(wrong[0], 404, "appointment-not-found")


async def test_another_day_another_office_and_cancelled_say_so_and_give_no_ticket(
    office: QueueOffice, booked: dict[str, Any]
) -> None:
    await office.mitte.rows(
        "INSERT INTO offices SELECT tenant, 'nord', 'Nord', address, phone, zone, land, 9 FROM offices "
        "WHERE tenant = 'musterstadt' AND id = 'mitte'"
    )
    await office.mitte.rows(
        "INSERT INTO plans SELECT tenant, 'nord', 1, document, sha256, published_at FROM plans "
        "WHERE tenant = 'musterstadt' AND office_id = 'mitte'"
    )
    with at(8, day=7):
        answer = await office.arrived(booked)
        assert (answer["outcome"], answer["ticket"]) == ("not-today", None)
        assert answer["due"].startswith("2026-09-08T10:00")
    with at(8):
        elsewhere = (await office.arrive(booked, office="nord")).json()
        assert (elsewhere["outcome"], elsewhere["office"]["id"], elsewhere["ticket"]) == ("wrong-office", "mitte", None)
        problem_of(await office.arrive(booked, office="nowhere"), 404, "unknown-office")
    await office.mitte.cancel(booked)
    with at(8):
        assert (await office.arrived(booked))["outcome"] == "cancelled"
    await office.mitte.rows("DELETE FROM plans WHERE office_id = 'nord' AND tenant = 'musterstadt'")
    await office.mitte.rows("DELETE FROM offices WHERE id = 'nord' AND tenant = 'musterstadt'")
    assert await office.mitte.count("tickets") == 0


async def test_ones_own_phone_needs_the_code_that_the_display_shows_now_or_showed_before(
    office: QueueOffice, booked: dict[str, Any]
) -> None:
    with at(7, 58):
        shown = (await office.display())["rotating_code"]
        for wrong in (None, "", "12345", "0000" if shown != "0000" else "1111"):
            problem_of(await office.arrive(booked, via="phone", rotating_code=wrong), 422, "office-code-wrong")
            problem_of(await office.draw(via="phone", rotating_code=wrong), 422, "office-code-wrong")
    with at(8, 11):
        problem_of(await office.arrive(booked, via="phone", rotating_code=shown), 422, "office-code-wrong")
        before = await office.display()
        assert before["code_valid_until"].startswith("2026-09-08T10:15:00")
    with at(8, 17):
        assert (await office.arrived(booked, via="phone", rotating_code=before["rotating_code"]))["outcome"] == "late"
        assert (await office.draw(via="phone", rotating_code=before["rotating_code"])).status_code == 201


async def test_reception_notes_an_arrival_and_draws_tickets_with_a_reason_to_go_first(
    office: QueueOffice, booked: dict[str, Any]
) -> None:
    with at(8):
        arrive = {"number": booked["number"]}
        first, again = [
            (await office.desk.ask("POST", "/offices/mitte/arrivals", json=arrive)).json() for _ in range(2)
        ]
        assert (first["outcome"], again["outcome"]) == ("checked-in", "already-here")
        wish = {"concern": "neuantrag", "urgency": "no-roof"}
        keys = {"Idempotency-Key": "reception-1"}
        drawn = [await office.desk.ask("POST", "/offices/mitte/tickets", json=wish, headers=keys) for _ in range(2)]
        assert drawn[0].content == drawn[1].content
        assert [row["label"] for row in (await office.queue())["waiting"]] == ["A002", "A001"]
        assert (await office.see({**drawn[0].json()["ticket"], "secret": drawn[0].json()["secret"]})).is_success
        nobody = await office.desk.ask("POST", "/offices/mitte/arrivals", json={"number": "ZZZZ-ZZZZ"})
        problem_of(nobody, 404, "appointment-not-found")
    assert await office.actions() == ["ticket-arrive", "arrive", "ticket-draw"]


async def test_a_double_tap_draws_one_ticket_and_fifty_taps_at_once_fifty_numbers(office: QueueOffice) -> None:
    answers = await asyncio.gather(*(office.draw(key=f"kiosk-tap-{n // 2}") for n in range(100)))
    assert {answer.status_code for answer in answers} == {201}
    drawn = {answer.json()["id"]: answer.json()["label"] for answer in answers}
    assert sorted(drawn.values()) == [f"A{n:03}" for n in range(1, 51)]
    problem_of(await office.draw("neuantrag", key="kiosk-tap-0"), 422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("hour", "reason", "words"), [(5, "not-yet", "08:00"), (10, "closed", "closed"), (14, "closed", "another day")]
)
async def test_outside_the_opening_hours_no_ticket_is_given(
    office: QueueOffice, hour: int, reason: str, words: str
) -> None:
    with at(hour, 1):
        problem = problem_of(await office.draw(), 409, "no-tickets-now")
    assert (problem["reason"], words in problem["detail"]) == (reason, True)


async def test_on_a_closed_day_no_ticket_is_given_and_an_unknown_concern_is_told(office: QueueOffice) -> None:
    with at(8, day=9):  # Wednesday: the team is not there
        assert problem_of(await office.draw(), 409, "no-tickets-now")["reason"] == "closed"
    problem_of(await office.draw("nothing"), 404, "unknown-concern")


async def test_after_the_day_nothing_of_a_ticket_is_left_but_times(office: QueueOffice, booked: dict[str, Any]) -> None:
    service = office.mitte.booking.service
    with at(8):
        ticket = (await office.arrived(booked))["ticket"]
        await office.drawn()
        await office.call((await office.desks())[0])
        await jobs.tidy_queue(service)
        assert (await office.see(ticket)).json()["state"] == "called", "its day is not over"
    with at(8, day=9):
        await jobs.tidy_queue(service)
        rows = await office.mitte.rows("SELECT * FROM tickets")
        gone = ("label", "language", "desk_id", "idempotency_key", "request_hash")
        assert [[row[name] for name in gone] for row in rows] == [[None] * 5] * 2
        assert {row["state"] for row in rows} == {"left"}
        assert sum(row["appointment_id"] is not None for row in rows) == 1
        problem_of(await office.see(ticket), 404, "ticket-not-found")
        assert await office.mitte.count("ticket_counters") == await office.mitte.count("open_desks") == 0
    with moved_clock(datetime(2026, 9, 8, 8, tzinfo=UTC) + timedelta(days=32)):
        await jobs.tidy_queue(service)
    assert await office.mitte.count("tickets WHERE appointment_id IS NOT NULL") == 0


async def test_what_an_office_has_switched_off_is_refused_with_a_sentence(
    office: QueueOffice, booked: dict[str, Any]
) -> None:
    off = "INSERT INTO switches VALUES ('musterstadt', 'mitte', :name, false, 1)"
    for name in ("walk-in-tickets", "phone-arrival", "expected-wait"):
        await office.mitte.rows(off, name=name)
    try:
        with at(8):
            office.mitte.booking.app.state.waits.forget()
            code = (await office.display())["rotating_code"]
            assert problem_of(await office.draw(), 409, "no-tickets-now")["reason"] == "switched-off"
            problem_of(await office.arrive(booked, via="phone", rotating_code=code), 409, "phone-arrival-off")
            assert (await office.arrived(booked))["ticket"]["expected"] is None
            told = found(await office.mitte.client.get("/offices/mitte/waiting"))
            assert {one["open"] for one in told["concerns"]} == {False}
    finally:
        await office.mitte.rows("DELETE FROM switches")
        office.mitte.booking.app.state.waits.forget()
