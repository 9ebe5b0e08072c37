"""The waiting room for those who run it: replicas agree, a database that is away breaks nothing, programs wait too."""

import uuid
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.gateway.domain import SETTLED_SECONDS
from tests.harness.answers import problem_of
from tests.harness.citizen import Citizen
from tests.harness.crowd import arrive, crowd, exchange, gateway, later, people_before, person, prove
from tests.harness.inprocess import announce_key, served, unstarted
from tests.harness.installation import Installation, Running
from tests.harness.metrics import value
from tests.harness.waiting import eventually

NOWHERE = SecretStr("postgresql+asyncpg://gateway_app@127.0.0.1:1/gateway")


@pytest.fixture
async def booking(installation: Installation) -> AsyncIterator[Running]:
    await announce_key(installation)
    async with (
        unstarted(installation, "booking") as running,
        served(running.app, installation.ports["booking"]),
    ):
        yield running


@pytest.fixture
async def pair(installation: Installation, booking: Running) -> AsyncIterator[tuple[Running, Running]]:  # noqa: ARG001
    async with gateway(installation) as one, gateway(installation) as other:
        yield one, other


async def test_two_gateways_agree_on_rush_and_places(pair: tuple[Running, Running]) -> None:
    one, other = pair
    await crowd(one)
    assert (await person(other).get("/de/book")).status_code == 200, "it has not heard of it yet"
    await exchange(other)
    assert (await person(other).get("/de/book")).status_code == 303
    for number in range(30):
        with later(number / 30):
            someone = person(pair[number % 2])
            await prove(someone, await arrive(someone))
    with later(2):
        last = person(one)
        page = await arrive(last)
        await prove(last, page)
        await exchange(one, other)
    with later(2.1 + SETTLED_SECONDS):
        place = people_before(await last.get(str(page.url)))
        assert 10 <= place <= 25
        there = person(other)
        there.cookies = last.cookies
        assert abs(people_before(await there.get(str(page.url))) - place) <= 1
    with later(60):
        assert (await there.get(str(page.url))).status_code == 303
        back = person(one)
        back.cookies = there.cookies
        assert (await back.get("/de/book")).status_code == 200, "the pass of one is good at the other"


async def test_it_is_over_when_everybody_had_their_turn(
    installation: Installation, pair: tuple[Running, Running]
) -> None:
    one, other = pair
    await crowd(one)
    someone = person(one)
    await prove(someone, await arrive(someone))
    await exchange(one, other)
    assert await installation.rows("gateway", "SELECT 1 FROM rush_places")
    with later(59):
        await exchange(other)
        assert other.app.state.room.rush("musterstadt"), "its first arrivals may not have been counted by all"
    with later(61):
        await exchange(other, one)
        for each in pair:
            assert (await person(each).get("/de/book")).status_code == 200
        assert not await installation.rows("gateway", "SELECT 1 FROM rush_places")
        assert (await someone.get("/de/waiting?to=book/time")).headers["location"] == "/de/book/time"


async def test_a_rush_at_one_jobcenter_is_none_at_another(pair: tuple[Running, Running]) -> None:
    await crowd(pair[0])
    assert (await person(pair[0], "duesseldorf.localhost").get("/de/book")).status_code == 200


async def test_without_a_database_everybody_is_let_in(installation: Installation, booking: Running) -> None:  # noqa: ARG001
    async with gateway(installation, database_url=NOWHERE) as alone:
        for _ in range(20):
            assert (await person(alone).get("/de/book")).status_code == 200
            await exchange(alone)


async def test_a_rush_goes_on_while_the_database_is_away(
    installation: Installation, pair: tuple[Running, Running]
) -> None:
    door = pair[0]
    await crowd(door)
    someone = person(door)
    page = await arrive(someone)
    there = door.service.database
    async with gateway(installation, database_url=NOWHERE) as lonely:
        door.service.database = lonely.service.database
        await prove(someone, page)
        await exchange(door)
        assert (await someone.get(str(page.url))).status_code == 200
        with later(30):
            assert (await someone.get(str(page.url))).status_code == 303
            assert (await someone.get("/de/book")).status_code == 200
        door.service.database = there
        await exchange(door)
        assert door.app.state.room.rush("musterstadt").quick.total == 1, "what was counted meanwhile is not lost"


async def test_programs_cannot_go_around_the_waiting_room(pair: tuple[Running, Running]) -> None:
    door = pair[0]
    someone = person(door)
    citizen = Citizen(someone)
    start = (await citizen.slots())[0]["start"]
    booked = (await citizen.book(start)).json()
    await crowd(door)
    refused = await citizen.book(start)
    found = problem_of(refused, 429, "waiting-room-open")
    assert "waiting room" in found["detail"]
    assert int(refused.headers["retry-after"]) > 0
    assert (await citizen.slots()) != [], "looking is free"
    assert (await citizen.get(booked["number"], booked["code"])).status_code == 200
    other = (await citizen.slots())[-1]["start"]
    assert (await citizen.move(booked["number"], booked["code"], other)).status_code == 200
    assert (await citizen.cancel(booked["number"], booked["code"])).status_code == 200
    page = await arrive(someone)
    await prove(someone, page)
    with later(30):
        assert (await citizen.book(start, str(uuid.uuid4()))).status_code == 429, (
            "it is their turn, they are not in yet"
        )
        assert (await someone.get(str(page.url))).status_code == 303
        assert (await citizen.book(start)).status_code == 201


async def test_operators_see_who_waits(pair: tuple[Running, Running]) -> None:
    door = pair[0]
    labels = {"tenant": "musterstadt"}
    await exchange(door)
    await crowd(door)
    for _ in range(3):
        someone = person(door)
        await prove(someone, await arrive(someone))
    await exchange(door)
    assert value("rush_open", **labels) == 1
    assert 1 <= value("rush_waiting", **labels) <= 3
    with later(90):
        await exchange(door)
        assert value("rush_open", **labels) == 0
        assert value("rush_waiting", **labels) == 0


async def test_a_gateway_that_shall_have_no_waiting_room_never_opens_one(
    installation: Installation,
    booking: Running,  # noqa: ARG001
) -> None:
    async with gateway(installation, rush_arrivals_per_minute=0) as open_door:
        for _ in range(20):
            assert (await person(open_door).get("/de/book")).status_code == 200
        await exchange(open_door)
        assert not await installation.rows("gateway", "SELECT 1 FROM rushes")


async def test_its_background_task_opens_it_by_itself(installation: Installation, booking: Running) -> None:  # noqa: ARG001
    async with installation.app("gateway", rush_arrivals_per_minute=5) as running:

        async def is_open() -> bool:
            return (await person(running).get("/de/book")).status_code == 303

        await eventually(is_open)
        for backend in (running.app.state.booking, running.app.state.statistics):
            await backend.close()
