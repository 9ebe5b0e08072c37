"""The waiting room for those who wait: in nobody's way when off; a place that is kept, and a turn, in a rush."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import event

from services.gateway.domain import GRACE_SECONDS, SETTLED_SECONDS
from shared import clock
from tests.harness.crowd import (
    PER_MINUTE,
    arrive,
    button,
    crowd,
    exchange,
    gateway,
    later,
    people_before,
    person,
    prove,
    solution,
)
from tests.harness.inprocess import announce_key, served, unstarted
from tests.harness.installation import Installation, Running

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


async def test_in_normal_times_there_is_no_slip_no_script_and_no_question_to_the_database(door: Running) -> None:
    asked: list[str] = []
    event.listen(
        door.service.database._engine.sync_engine,  # noqa: SLF001  where statements pass
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: asked.append(statement),
    )
    for path in ("/de/book", f"/de/book/time?{PLACE}"):
        page = await door.client.get(path)
        assert page.status_code == 200
        assert "waiting" not in page.headers.get("set-cookie", "")
        assert "waiting" not in page.text
    assert asked == []
    await exchange(door)
    assert asked, "a question would be seen"


async def test_the_waiting_room_opens_above_the_threshold_only(door: Running) -> None:
    for _ in range(5):
        await person(door).get("/de/book")
    await exchange(door)
    assert (await person(door).get("/de/book")).status_code == 200
    await exchange(door)
    assert (await person(door).get("/de/book")).status_code == 303


async def test_who_books_slowly_opens_nothing(door: Running) -> None:
    someone = person(door)
    for _ in range(10):
        await someone.get(f"/de/book/time?{PLACE}", headers={"Referer": "http://localhost/de/book"})
    await exchange(door)
    assert (await someone.get("/de/book")).status_code == 200


async def test_everybody_gets_their_turn_in_the_order_in_which_they_came(door: Running) -> None:
    await crowd(door)
    queue = await line_up(door, 30, within=GRACE_SECONDS - 1)
    with later(GRACE_SECONDS + SETTLED_SECONDS):
        queue = queue[15:]  # the others may be in already
        places = [people_before(await someone.get(str(page.url))) for someone, page in queue]
    assert places == sorted(places)
    assert places[-1] > places[0]
    with later(60):
        for someone, page in queue:
            answer = await someone.get(str(page.url))
            assert (answer.status_code, answer.headers["location"]) == (303, "/de/book")
            assert (await someone.get("/de/book")).status_code == 200


async def test_no_more_people_come_in_than_the_pace_allows_whatever_their_order(door: Running) -> None:
    await crowd(door)
    opened_at = door.app.state.room.rush("musterstadt").opened_at
    queue = await line_up(door, 30, within=GRACE_SECONDS - 1)
    with later(GRACE_SECONDS + SETTLED_SECONDS):
        answers = [await someone.get(str(page.url)) for someone, page in queue]
        elapsed = clock.now().timestamp() - opened_at
    let_in = [answer.status_code == 303 for answer in answers]
    assert let_in == sorted(let_in, reverse=True), "the first come in first"
    assert 3 < sum(let_in) <= elapsed * PER_MINUTE / 60 + 1


async def test_a_place_survives_reloading_and_coming_back(door: Running) -> None:
    await crowd(door)
    await line_up(door, 30, within=1)
    someone = person(door)
    with later(GRACE_SECONDS):
        page = await arrive(someone)
        assert "Einen Moment bitte" in (await prove(someone, page)).text, "nobody is told a place that can get worse"
        await exchange(door)
    with later(GRACE_SECONDS + SETTLED_SECONDS + 0.1):
        held = someone.cookies["waiting"]
        place = people_before(await someone.get(str(page.url)))
        assert place >= 10
        for address in ("/de/book", "/en/waiting?to=book", str(page.url)):
            answer = await someone.get(address)
            assert "set-cookie" not in answer.headers
        assert someone.cookies["waiting"] == held
        assert people_before(answer) <= place


async def test_without_javascript_a_button_takes_a_place_and_leads_on_when_it_is_time(door: Running) -> None:
    await crowd(door)
    someone, other = person(door), person(door)
    page = await arrive(someone)
    assert "Einen Moment bitte" in page.text
    assert "Einen Moment bitte" in (await someone.get(str(page.url))).text, "reloading takes none"
    other_page = await arrive(other)
    for who, shown in ((someone, page), (other, other_page)):
        assert (await who.get(button(shown))).status_code == 200
    await exchange(door)
    with later(2):
        assert (await someone.get(button(page))).status_code == 200
    with later(30):
        assert (await someone.get(button(page))).headers["location"] == "/de/book"
        assert (await someone.get("/de/book")).status_code == 200


@pytest.mark.parametrize("change", ["moment", "kind", "signature", "nonsense"])
async def test_a_forged_place_is_none(door: Running, change: str) -> None:
    await crowd(door)
    someone = person(door)
    await arrive(someone)
    kind, at, number, signature = someone.cookies["waiting"].split(".")
    forged = {
        "moment": f"{kind}.{int(at) - 10**9}.{number}.{signature}",
        "kind": f"in.{at}.{number}.{signature}",
        "signature": f"{kind}.{at}.{number}.{signature[::-1]}",
        "nonsense": f"in.{'9' * 5000}..ü",
    }[change]
    cookie = {b"Cookie": f"waiting={forged}".encode("latin-1")}
    answer = await person(door).get("/de/waiting?to=book", headers=cookie)
    assert "Sie haben noch keinen Platz" in answer.text
    assert (await person(door).get("/de/book", headers=cookie)).status_code == 303


async def test_a_pass_of_another_jobcenter_lets_nobody_in(door: Running) -> None:
    await crowd(door)
    await crowd(door, "duesseldorf.localhost")
    someone = person(door)
    page = await arrive(someone)
    await prove(someone, page)
    with later(30):
        await someone.get(str(page.url))
        assert (await someone.get("/de/book")).status_code == 200
        there = person(door, "duesseldorf.localhost")
        cookie = {"Cookie": f"waiting={someone.cookies['waiting']}"}
        assert (await there.get("/de/book", headers=cookie)).status_code == 303


async def test_one_solution_is_good_for_one_place(door: Running) -> None:
    await crowd(door)
    one, other = person(door), person(door)
    solved = solution(await arrive(one))
    before = one.cookies["waiting"]
    page = await arrive(other)
    address = page.url.raw_path.decode()
    for wrong in (solved, "nonsense", "", "e30="):
        answer = await other.post(address, data={"solution": wrong})
        assert answer.status_code == 200
        assert other.cookies["waiting"].startswith("arrived")
    await one.post(address, data={"solution": solved})
    assert one.cookies["waiting"].startswith("quick")
    await exchange(door)
    for _ in range(3):
        again = await one.post(address, data={"solution": solved}, headers={"Cookie": f"waiting={before}"})
        assert again.status_code == 200
    await exchange(door)
    assert door.app.state.room.rush("musterstadt").quick.total == 1, "however often it is shown"


async def line_up(door: Running, count: int, within: float) -> list[tuple[httpx.AsyncClient, httpx.Response]]:
    """Let so many people come one after the other; the later they come, the quicker their device does the work."""
    queue = []
    for number in range(count):
        someone = person(door)
        with later(within * number / count):
            queue.append((someone, await arrive(someone)))
    with later(GRACE_SECONDS - 0.5):
        for someone, page in reversed(queue):
            assert (await prove(someone, page)).status_code == 200
        await exchange(door)
    return queue
