"""Who has the code sees the appointment; everybody else sees the same refusal, whatever they try."""

import asyncio
from typing import Any

import pytest

from tests.harness.answers import problem_of
from tests.harness.inprocess import Town, moved_clock
from tests.service.conftest import MONDAY

pytestmark = pytest.mark.usefixtures("on_monday")

TRICKS = [
    "..%2f", "%2e", "%2e%2e", "..%2f..%2fmetrics", "%00", "a%00b", "%ff%fe", "%E2%80%AE", "ÄÖÜ-1234", "😀", "%0d%0aX:1",
    "%20", "'%20OR%201=1--", "%25", "{number}", "%3Fa=b", "%23", ";x",
]  # fmt: skip


@pytest.fixture(scope="module")
async def booked(town: Town) -> dict[str, Any]:
    """Somebody's appointment."""
    with moved_clock(MONDAY):
        answer = await town.citizen.book("2026-09-08T06:00:00Z")
    found: dict[str, Any] = answer.json()
    return found


async def test_a_wrong_code_and_an_unknown_number_look_identical(town: Town, booked: dict[str, Any]) -> None:
    wrong_code = await town.citizen.get(booked["number"], "0000-0000")
    unknown = await town.citizen.get("0000-0000", booked["code"])
    nothing = await town.client.get(f"/api/v1/appointments/{booked['number']}")
    problem_of(wrong_code, 404, "appointment-not-found")
    assert (unknown.status_code, unknown.content) == (wrong_code.status_code, wrong_code.content)
    assert (nothing.status_code, nothing.content) == (wrong_code.status_code, wrong_code.content)
    headers = [{k: v for k, v in a.headers.items() if k != "date"} for a in (wrong_code, unknown, nothing)]
    assert headers[0] == headers[1] == headers[2]


async def test_cancelling_with_a_wrong_code_looks_the_same_and_changes_nothing(
    town: Town, booked: dict[str, Any]
) -> None:
    refused = await town.citizen.cancel(booked["number"], "0000-0000")
    assert refused.content == (await town.citizen.cancel("0000-0000", "0000-0000")).content
    assert (await town.citizen.get(booked["number"], booked["code"])).json()["state"] == "booked"


@pytest.mark.parametrize(
    "authorization",
    [b"", b"Bearer", b"Bearer ", b"Basic dTpw", b"bearer", b"\xff\xfe", b"Bearer \xc3\xa4\xff", b"Bearer a b",
     b"Bearer " + b"x" * 5000, b"Bearer a\tb", b"Digest username=x", b"Bearer 0", b"Bearer -"],
)  # fmt: skip
async def test_an_odd_authorization_header_is_a_wrong_code(
    town: Town, booked: dict[str, Any], authorization: bytes
) -> None:
    headers = [(b"Authorization", authorization.rstrip())]
    answer = await town.client.get(f"/api/v1/appointments/{booked['number']}", headers=headers)
    problem_of(answer, 404, "appointment-not-found")


@pytest.mark.parametrize("control", [b"\x01", b"\x0b", b"\x7f"])
async def test_a_control_character_in_the_authorization_header_is_the_callers_fault(
    town: Town, booked: dict[str, Any], control: bytes
) -> None:
    """Sent by hand: no HTTP library sends that."""
    reader, writer = await asyncio.open_connection("127.0.0.1", town.installation.ports["gateway"])
    head = f"GET /api/v1/appointments/{booked['number']} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    writer.write(head.encode() + b"Authorization: Bearer a" + control + b"b\r\n\r\n")
    status = (await reader.read()).split(b" ", 2)[1]
    writer.close()
    await writer.wait_closed()
    assert status in {b"400", b"404"}


@pytest.mark.parametrize("number", TRICKS)
async def test_an_odd_number_is_not_found(town: Town, number: str) -> None:
    for method in ("GET", "DELETE"):
        answer = await town.client.request(
            method, f"/api/v1/appointments/{number}", headers={"Authorization": "Bearer 0"}
        )
        problem_of(answer, 404, answer.json()["type"].removeprefix("/problems/"))


@pytest.mark.parametrize("office", TRICKS)
async def test_an_odd_office_is_refused(town: Town, office: str) -> None:
    period = {"concern": "neuantrag", "from": "2026-09-08", "to": "2026-09-08"}
    another_path = "%2f" in office  # the slash is one by the time a route is looked for
    for answer in (
        await town.client.get(f"/api/v1/offices/{office}/concerns"),
        await town.client.get(f"/api/v1/offices/{office}/slots", params=period),
    ):
        problem_of(answer, *((404, "not-found") if another_path else (422, "invalid-request")))


@pytest.mark.parametrize("concern", ["\0", "ä", "x" * 41, "%", "..", "neuantrag\0", "", "neuantrag\n"])
async def test_an_odd_concern_is_refused(town: Town, concern: str) -> None:
    period = {"concern": concern, "from": "2026-09-08", "to": "2026-09-08"}
    problem_of(await town.client.get("/api/v1/offices/mitte/slots", params=period), 422, "invalid-request")


@pytest.mark.parametrize("path", ["/api/v1/appointments/{}", "/api/v1/offices/{}/concerns"])
async def test_five_thousand_characters_are_refused(town: Town, path: str) -> None:
    problem_of(await town.client.get(path.format("x" * 5000)), 422, "invalid-request")


async def test_an_odd_link_opens_a_page_that_says_there_is_none(town: Town, booked: dict[str, Any]) -> None:
    tokens = [(booked["number"], token) for token in ("%2e%2e", "%00", "ÄÖ", "x" * 5000, "a%0d%0ab")]
    for number, token in [*tokens, ("0000-0000", "x"), ("x" * 5000, "x"), ("%0d", "x"), ("%2e%2e", "x")]:
        page = await town.client.get(f"/de/appointments/{number}/{token}")
        assert page.status_code == 404, (number, token)
        assert "Diesen Termin finden wir nicht" in page.text


@pytest.mark.parametrize("number", ["%00", "%2e"])
async def test_a_number_no_booking_can_have_opens_a_page_that_says_there_is_none(town: Town, number: str) -> None:
    page = await town.client.get(f"/de/appointments/{number}/x")
    assert page.status_code == 404
    assert "Diesen Termin finden wir nicht" in page.text


async def test_an_unknown_host_is_told_so_on_every_path(town: Town) -> None:
    for path in ("/api/v1/offices", "/api/v1/appointments/0000-0000"):
        answer = await town.client.get(path, headers={"Host": "elsewhere.example"})
        problem_of(answer, 404, "unknown-host")
    for path in ("/", "/de/", "/appointments/0000-0000/x", "/de/book", "/brand.css"):
        page = await town.client.get(path, headers={"Host": "elsewhere.example", "Accept-Language": "de"})
        assert page.status_code == 404
        assert "Diese Seite gibt es nicht" in page.text
        assert "Musterstadt" not in page.text


async def test_unknown_paths_and_methods_are_problems_too(town: Town) -> None:
    problem_of(await town.client.get("/api/v1/nothing"), 404, "not-found")
    refused = await town.client.put("/api/v1/offices")
    problem_of(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == "GET"
