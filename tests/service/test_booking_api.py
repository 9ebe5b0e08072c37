"""The public API as a citizen's program sees it: every answer in the shape it is documented in."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from shared import api
from tests.harness.answers import problem_of
from tests.harness.inprocess import Town, moved_clock

pytestmark = pytest.mark.usefixtures("on_monday")

_hours = count()


def free_time() -> str:
    """Return a time nobody else of this file books: Tuesdays and Thursdays have eight half hours each."""
    day, half_hour = divmod(next(_hours), 8)
    start = datetime(2026, 9, 8, 6, 0, tzinfo=UTC) + timedelta(days=(0, 2, 7, 9)[day], minutes=30 * half_hour)
    return start.isoformat()


async def slots(town: Town, first: str, last: str, office: str = "mitte", concern: str = "neuantrag") -> httpx.Response:
    params = {"concern": concern, "from": first, "to": last}
    return await town.client.get(f"/api/v1/offices/{office}/slots", params=params)


async def test_the_offices_are_listed(town: Town) -> None:
    answer = await town.client.get("/api/v1/offices")
    assert answer.status_code == 200
    [office] = TypeAdapter(list[api.Office]).validate_python(answer.json())
    assert (office.id, office.name, office.zone) == ("mitte", "Jobcenter Musterstadt, Standort Mitte", "Europe/Berlin")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_concerns_of_an_office_are_listed_with_papers_in_each_language(town: Town) -> None:
    answer = await town.client.get("/api/v1/offices/mitte/concerns")
    concerns = TypeAdapter(list[api.Concern]).validate_python(answer.json())
    assert [c.id for c in concerns] == [
        "neuantrag", "unterlagen", "veraenderung", "bescheid", "weiterbewilligung", "arbeitsberatung",
    ]  # fmt: skip
    assert concerns[0].name == {"de": "Neuen Antrag stellen", "en": "Make a new application"}
    assert concerns[0].minutes == 30
    assert "Mietvertrag" in concerns[0].papers["de"]


async def test_the_free_times_of_a_day_are_shown_in_the_offices_zone(town: Town) -> None:
    answer = await slots(town, "2026-09-14", "2026-09-14")
    found = TypeAdapter(list[api.Slot]).validate_python(answer.json())
    assert [s["start"] for s in answer.json()] == [
        f"2026-09-14T{hour:02}:{minute:02}:00+02:00" for hour in (8, 9, 10, 11) for minute in (0, 30)
    ]
    assert {slot.free for slot in found} == {3}
    assert {slot.end - slot.start for slot in found} == {timedelta(minutes=30)}


async def test_days_that_cannot_be_booked_have_no_free_times(town: Town) -> None:
    assert (await slots(town, "2026-09-07", "2026-09-07")).json() == [], "today"
    assert (await slots(town, "2026-09-01", "2026-09-06")).json() == [], "the past"
    assert (await slots(town, "2026-09-22", "2026-10-30")).json() == [], "beyond the horizon"
    assert (await slots(town, "9999-12-31", "9999-12-31")).json() == []
    assert (await slots(town, "0001-01-01", "0001-01-01")).json() == []


@pytest.mark.parametrize(
    ("first", "last"), [("2026-09-09", "2026-09-08"), ("2026-01-01", "2053-05-19"), ("0001-01-01", "9999-12-31")]
)
async def test_a_period_must_go_forward_and_not_be_too_long(town: Town, first: str, last: str) -> None:
    problem_of(await slots(town, first, last), 422, "period-too-long")


@pytest.mark.parametrize("garbage", ["", "tomorrow", "2026-02-30", "2026-13-01", "2026-09-08T10:00:00", "99999-01-01"])
async def test_a_day_must_be_a_day(town: Town, garbage: str) -> None:
    found = problem_of(await slots(town, garbage, "2026-09-09"), 422, "invalid-request")
    assert [e["field"] for e in found["errors"]] == ["from"]


async def test_an_unknown_office_or_concern_is_not_found(town: Town) -> None:
    problem_of(await slots(town, "2026-09-08", "2026-09-08", office="nowhere"), 404, "unknown-office")
    problem_of(await slots(town, "2026-09-08", "2026-09-08", concern="haircut"), 404, "unknown-concern")
    problem_of(await town.client.get("/api/v1/offices/nowhere/concerns"), 404, "unknown-office")
    problem_of(await town.citizen.book(free_time(), office="nowhere"), 404, "unknown-office")
    problem_of(await town.citizen.book(free_time(), concern="haircut"), 404, "unknown-concern")


async def test_a_booking_answers_all_that_the_person_needs(town: Town) -> None:
    start = free_time()
    answer = await town.citizen.book(start, email="aylin@example.org", birth_date="1990-02-28")
    assert answer.status_code == 201
    booked = api.BookedAppointment.model_validate(answer.json())
    assert booked.start == datetime.fromisoformat(start)
    assert answer.json()["start"].endswith("+02:00")
    assert booked.end - booked.start == timedelta(minutes=30)
    assert (booked.name, booked.office.id, booked.concern.id) == ("Aylin Öz", "mitte", "neuantrag")
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", booked.number)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", booked.code)
    assert booked.link.startswith(
        f"http://localhost:{town.installation.ports['gateway']}/appointments/{booked.number}/"
    )
    assert "birth" not in answer.text


async def test_without_an_email_number_and_code_suffice_to_see_and_cancel(town: Town) -> None:
    booked = (await town.citizen.book(free_time(), email=None)).json()
    seen = await town.citizen.get(booked["number"], booked["code"])
    shown = api.Appointment.model_validate(seen.json())
    assert (shown.state, shown.mail, shown.version, shown.name) == ("booked", "none", 1, "Aylin Öz")
    gone = api.Appointment.model_validate((await town.citizen.cancel(booked["number"], booked["code"])).json())
    assert (gone.state, gone.mail, gone.version) == ("cancelled", "none", 2)


async def test_a_blank_email_and_birth_date_count_as_not_given(town: Town) -> None:
    booked = (await town.citizen.book(free_time(), email="  ", birth_date="")).json()
    [row] = await town.installation.rows(
        "booking", "SELECT email, birth_date FROM appointments WHERE id = :id", id=uuid.UUID(booked["id"])
    )
    assert row == {"email": None, "birth_date": None}


async def test_the_secret_of_the_link_opens_it_as_the_code_does(town: Town) -> None:
    booked = (await town.citizen.book(free_time())).json()
    token = booked["link"].rpartition("/")[2]
    assert (await town.citizen.get(booked["number"], token)).json()["number"] == booked["number"]
    page = await town.client.get(f"/appointments/{booked['number']}/{token}", follow_redirects=True)
    assert page.status_code == 200
    assert booked["number"] in page.text


async def test_number_and_code_are_accepted_as_people_type_them(town: Town) -> None:
    booked = (await town.citizen.book(free_time())).json()
    number = booked["number"].lower().replace("-", " ")
    code = booked["code"].replace("0", "o").replace("1", "I").replace("-", "")
    assert (await town.citizen.get(number, code)).status_code == 200


TIMES: dict[str, Any] = {
    "past": "2026-09-07T06:00:00Z",
    "too-soon": "2026-09-07T08:00:00Z",  # today, one hour from now
    "too-far": "2026-09-22T08:00:00Z",
    "not-a-start": "2026-09-08T06:15:00Z",  # between two times
    "outside-hours": "2026-09-08T12:00:00Z",
    "closed": "2026-09-09T07:00:00Z",  # a Wednesday
}


@pytest.mark.parametrize("reason", TIMES)
async def test_a_time_that_is_not_offered_is_refused_with_the_reason(town: Town, reason: str) -> None:
    found = problem_of(await town.citizen.book(TIMES[reason]), 422, "slot-not-offered")
    assert found["reason"] == reason


async def test_tomorrow_can_be_booked_until_midnight_and_not_a_second_longer(town: Town) -> None:
    midnight = datetime(2026, 9, 10, 22, 0, tzinfo=UTC)  # Friday 00:00 in Berlin
    friday = date(2026, 9, 11).isoformat()
    with moved_clock(midnight - timedelta(seconds=30)):
        assert (await slots(town, friday, friday)).json()[0]["start"] == "2026-09-11T08:00:00+02:00"
        assert (await town.citizen.book("2026-09-11T06:00:00Z")).status_code == 201
    with moved_clock(midnight):
        assert (await slots(town, friday, friday)).json() == []
        found = problem_of(await town.citizen.book("2026-09-11T06:00:00Z"), 422, "slot-not-offered")
        assert found["reason"] == "too-soon"


@pytest.mark.parametrize("reason", [*TIMES, "free", "taken"])
async def test_the_api_explains_what_is_in_the_way_of_a_time(town: Town, reason: str) -> None:
    at = {"free": "2026-09-18T06:30:00Z", "taken": "2026-09-18T07:00:00Z", **TIMES}[reason]
    if reason == "taken":
        for _ in range(3):
            assert (await town.citizen.book(at)).status_code == 201
    answer = await town.client.get("/api/v1/offices/mitte/slots/explain", params={"concern": "neuantrag", "at": at})
    assert answer.status_code == 200, answer.text
    found = api.SlotExplanation.model_validate(answer.json())
    assert (found.rule, found.bookable) == (reason, reason == "free")
    assert found.at == datetime.fromisoformat(at)
    assert found.detail


@pytest.mark.parametrize("at", ["", "tomorrow", "2026-09-08T06:15:00", "9999-01-01T00:00:00Z"])
async def test_a_time_that_is_none_cannot_be_explained(town: Town, at: str) -> None:
    answer = await town.client.get("/api/v1/offices/mitte/slots/explain", params={"concern": "neuantrag", "at": at})
    problem_of(answer, 422, "invalid-request")
