"""Codes cannot be guessed at any of the gateway's doors; links and the right person are not in the way."""

import asyncio
from typing import Any

import httpx
import pytest

from services.gateway.throttle import MOST_FAILURES
from tests.harness.answers import problem_of
from tests.harness.inprocess import Town

WRONG = "0000-0000"


@pytest.fixture
async def booked(town: Town) -> dict[str, Any]:
    slots = await town.citizen.slots()
    found: dict[str, Any] = (await town.citizen.book(slots[-1]["start"])).json()
    return found


async def guess(town: Town, number: str, door: str) -> httpx.Response:
    client = town.citizen.client
    match door:
        case "api":
            return await town.citizen.get(number, WRONG)
        case "api-delete":
            return await town.citizen.cancel(number, WRONG)
        case "POST /confirm" | "POST /waitlist" | "POST /waitlist/leave":
            return await client.post(f"/de/appointments/{number}/{WRONG}{door.removeprefix('POST ')}")
        case _:
            return await client.get(f"/de/appointments/{number}/{WRONG}{door}")


PAGES = ["", "/booked", "/cancel", "/move", "/appointment.ics", "/confirm", "/waitlist"]
FORMS = ["POST /confirm", "POST /waitlist", "POST /waitlist/leave"]


@pytest.mark.parametrize("door", ["api", "api-delete", *PAGES, *FORMS])
async def test_after_some_wrong_codes_the_next_has_to_wait_whatever_the_door(
    town: Town, booked: dict[str, Any], door: str
) -> None:
    for _ in range(MOST_FAILURES):
        assert (await guess(town, booked["number"], door)).status_code == 404
    refused = await town.citizen.get(booked["number"], booked["code"])
    assert problem_of(refused, 429, "too-many-requests")["seconds"] > 0
    assert int(refused.headers["retry-after"]) > 0
    page = await guess(town, booked["number"], "")
    assert page.status_code == 429
    assert "Bitte warten Sie einen Moment" in page.text or "zu viele" in page.text
    token = booked["link"].rpartition("/")[2]
    assert (await town.citizen.get(booked["number"], token)).status_code == 200, "the link works right away"


async def test_many_guesses_at_once_are_all_counted(town: Town, booked: dict[str, Any]) -> None:
    answers = await asyncio.gather(*(guess(town, booked["number"], "api") for _ in range(50)))
    assert sum(answer.status_code == 404 for answer in answers) == MOST_FAILURES


async def test_the_right_code_is_never_counted(town: Town, booked: dict[str, Any]) -> None:
    for _ in range(2 * MOST_FAILURES):
        assert (await town.citizen.get(booked["number"], booked["code"])).status_code == 200
