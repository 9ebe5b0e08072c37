"""In a rush nothing typed is lost: who had begun goes on, and others come back to what they wanted and had typed."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from tests.harness.crowd import arrive, crowd, gateway, later, person, prove
from tests.harness.inprocess import announce_key, served, unstarted
from tests.harness.installation import Installation, Running
from tests.harness.pages import csrf_of, hidden_fields

PLACE = "concern=neuantrag&office=mitte"


@pytest.fixture
async def door(installation: Installation) -> AsyncIterator[Running]:
    """A gateway before a booking service."""
    await announce_key(installation)
    async with (
        unstarted(installation, "booking") as booking,
        served(booking.app, installation.ports["booking"]),
        gateway(installation) as running,
    ):
        yield running


async def test_what_was_typed_is_kept_when_the_waiting_room_opens(door: Running) -> None:
    someone = person(door)
    await someone.get("/de/appointments")  # its cookie says nothing about booking
    fields = await typed(someone)
    await crowd(door)
    sent = await someone.post("/de/book/check", data=fields)
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/de/waiting?to=book")
    room = await someone.get(sent.headers["location"])
    await prove(someone, room)
    with later(60):
        back = await someone.get(str(room.url))
        check = await someone.get(back.headers["location"])
    assert "Aylin Öz" in check.text
    assert hidden_fields(check.text)["start"] == fields["start"]


async def test_who_had_begun_to_fill_in_the_form_goes_on_without_waiting(door: Running) -> None:
    someone = person(door)
    fields = await typed(someone)
    await crowd(door)
    sent = await someone.post("/de/book/check", data=fields)
    assert sent.headers["location"].startswith("/de/book/check?")
    check = await someone.get(sent.headers["location"])
    assert "Aylin Öz" in check.text
    late = person(door)
    await late.get("/de/appointments")
    assert (await late.get("/de/book")).status_code == 303, "another cookie of ours does not let in"
    booked = await someone.post("/de/book", data=hidden_fields(check.text))
    assert booked.headers["location"].endswith("/booked")


async def typed(someone: httpx.AsyncClient) -> dict[str, str]:
    """Go up to the details; return the form as filled in."""
    times = await someone.get(f"/de/book/time?{PLACE}")
    start = times.text.partition('name="start" value="')[2].partition('"')[0]
    details = await someone.get("/de/book/details?" + urlencode({**dict(parse_qsl(PLACE)), "start": start}))
    return hidden_fields(details.text) | {"name": "Aylin Öz", "email": "", "csrf": csrf_of(details.text)}


async def test_the_last_button_leads_back_to_everything_that_was_entered(door: Running) -> None:
    someone = person(door)
    await someone.get("/de/appointments")
    fields = await typed(someone)
    check = await someone.get((await someone.post("/de/book/check", data=fields)).headers["location"])
    await crowd(door)
    sent = await someone.post("/de/book", data=hidden_fields(check.text))
    room = await someone.get(sent.headers["location"])
    await prove(someone, room)
    with later(60):
        back = await someone.get(str(room.url))
        again = await someone.get(back.headers["location"])
        assert "Aylin Öz" in again.text
        assert hidden_fields(again.text)["key"] == hidden_fields(check.text)["key"], "it is the same booking"
        booked = await someone.post("/de/book", data=hidden_fields(again.text))
        assert booked.headers["location"].endswith("/booked")


async def test_a_form_that_books_nothing_is_shown_again_as_it_is(door: Running) -> None:
    someone = person(door)
    await someone.get("/de/appointments")
    fields = await typed(someone)
    await crowd(door)
    forged = await someone.post("/de/book/check", data=fields | {"csrf": "x"})
    assert forged.status_code == 403
    assert "Aylin Öz" in forged.text
    long = await someone.post("/de/book/check", data=fields | {"name": "A" * 5000})
    assert long.status_code == 422
    assert "A" * 5000 in long.text


@pytest.mark.parametrize(
    ("to", "leads_to"),
    [
        ("book/time?concern=a&office=b", "/de/book/time?concern=a&office=b"),
        ("book", "/de/book"),
        ("", "/de/book"),
        ("https://elsewhere.example/book", "/de/book"),
        ("//elsewhere.example", "/de/book"),
        ("book/../appointments", "/de/book"),
        ("book\\elsewhere", "/de/book"),
        ("book?a\r\nSet-Cookie: b=c", "/de/book"),
        ("book?" + "a" * 5000, "/de/book"),
    ],
)
async def test_people_go_on_to_pages_of_booking_only(door: Running, to: str, leads_to: str) -> None:
    answer = await person(door).get(f"/de/waiting?{urlencode({'to': to})}")
    assert (answer.status_code, answer.headers["location"]) == (303, leads_to)
    await crowd(door)
    room = await person(door).get(f"/de/waiting?{urlencode({'to': to})}")
    assert f'href="{leads_to.replace("&", "&amp;")}"' in room.text


async def test_another_language_leads_to_the_same_page(door: Running) -> None:
    await crowd(door)
    someone = person(door)
    await prove(someone, await arrive(someone, f"/de/book/time?{PLACE}"))
    with later(60):
        answer = await someone.get(f"/en/waiting?{urlencode({'to': f'book/time?{PLACE}'})}")
    assert answer.headers["location"] == f"/en/book/time?{PLACE}"
