"""The same `Idempotency-Key` and request again: the same answer, whatever has happened since. And no second desk."""

import asyncio
from datetime import timedelta

import pytest

from tests.harness.answers import problem_of
from tests.harness.inprocess import Town, moved_clock
from tests.service.conftest import MONDAY

pytestmark = pytest.mark.usefixtures("on_monday")


async def appointments_at(town: Town, start: str) -> int:
    counted = "SELECT count(*) AS n FROM appointments WHERE starts_at = CAST(CAST(:start AS text) AS timestamptz)"
    [row] = await town.installation.rows("booking", counted, start=start)
    return int(row["n"])


async def test_a_repeated_booking_gets_the_same_answer_byte_for_byte(town: Town) -> None:
    first = await town.citizen.book("2026-09-08T06:00:00Z", key="repeated-1", email="a@example.org")
    again = await town.citizen.book("2026-09-08T06:00:00Z", key="repeated-1", email="a@example.org")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert await appointments_at(town, "2026-09-08T06:00:00Z") == 1


async def test_also_when_the_day_of_the_time_has_passed(town: Town) -> None:
    first = await town.citizen.book("2026-09-08T06:30:00Z", key="repeated-2")
    with moved_clock(MONDAY + timedelta(days=20)):
        again = await town.citizen.book("2026-09-08T06:30:00Z", key="repeated-2")
    assert again.status_code == 201
    assert again.content == first.content


async def test_also_when_the_time_is_taken_by_then(town: Town) -> None:
    first = await town.citizen.book("2026-09-08T07:00:00Z", key="repeated-3")
    others = [await town.citizen.book("2026-09-08T07:00:00Z") for _ in range(3)]
    assert [o.status_code for o in others] == [201, 201, 409]
    again = await town.citizen.book("2026-09-08T07:00:00Z", key="repeated-3")
    assert again.content == first.content


async def test_also_when_it_was_cancelled_since(town: Town) -> None:
    first = await town.citizen.book("2026-09-08T07:30:00Z", key="repeated-4")
    await town.citizen.cancel(first.json()["number"], first.json()["code"])
    again = await town.citizen.book("2026-09-08T07:30:00Z", key="repeated-4")
    assert again.content == first.content
    assert await appointments_at(town, "2026-09-08T07:30:00Z") == 1


async def test_twenty_at_once_book_one_appointment(town: Town) -> None:
    answers = await asyncio.gather(*(town.citizen.book("2026-09-08T08:00:00Z", key="all-at-once") for _ in range(20)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert await appointments_at(town, "2026-09-08T08:00:00Z") == 1


@pytest.mark.parametrize(
    "other", [{"name": "Somebody Else"}, {"email": "b@example.org"}, {"concern": "unterlagen"}, {"language": "en"}]
)
async def test_another_request_with_the_same_key_is_refused(town: Town, other: dict[str, str]) -> None:
    first = await town.citizen.book("2026-09-08T09:00:00Z", key="reused-key")
    assert first.status_code == 201
    found = problem_of(
        await town.citizen.book("2026-09-08T09:00:00Z", key="reused-key", **other), 422, "idempotency-key-reused"
    )
    assert first.json()["number"] not in str(found), "the answer gives nothing of the other appointment away"
    assert first.json()["code"] not in str(found)


async def test_a_refused_booking_does_not_use_its_key_up(town: Town) -> None:
    for _ in range(3):
        assert (await town.citizen.book("2026-09-08T09:30:00Z")).status_code == 201
    problem_of(await town.citizen.book("2026-09-08T09:30:00Z", key="second-chance"), 409, "slot-taken")
    assert (await town.citizen.book("2026-09-11T06:00:00Z", key="second-chance")).status_code == 201


@pytest.mark.parametrize("key", ["short", "x" * 101, "with space", "tab\there-1234", "ümlaut-key"])
async def test_a_key_must_be_8_to_100_printable_characters(town: Town, key: str) -> None:
    body = {"office": "mitte", "concern": "neuantrag", "start": "2026-09-11T07:00:00Z", "name": "A"}
    headers = {b"Idempotency-Key": key.encode("latin-1")}
    answer = await town.client.post("/api/v1/appointments", json=body, headers=headers)
    found = problem_of(answer, 422, "invalid-request")
    assert [e["field"] for e in found["errors"]] == ["Idempotency-Key"]


async def test_a_key_is_needed(town: Town) -> None:
    body = {"office": "mitte", "concern": "neuantrag", "start": "2026-09-11T07:00:00Z", "name": "A"}
    problem_of(await town.client.post("/api/v1/appointments", json=body), 422, "invalid-request")
