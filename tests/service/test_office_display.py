"""The call display: live for whoever is registered, one question a second for all, and it ends when told to."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import httpx
import pytest

from tests.harness import inprocess
from tests.harness.inprocess import Town
from tests.harness.installation import Installation
from tests.harness.office import browser, registered, signed_in
from tests.harness.parts import Parts
from tests.harness.ports import free_port
from tests.harness.waiting import eventually

EVENTS = "/de/office/mitte/display/events"


@dataclass
class Event:
    """What a server has sent."""

    name: str
    id: str
    text: str


@pytest.fixture(scope="module")
async def demo_town(parts: Parts) -> AsyncIterator[Town]:
    async with inprocess.town(await Installation.create(parts, DEMO_LOGINS="true")) as opened:
        yield opened


@pytest.fixture
async def screen(demo_town: Town) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(demo_town) as opened:
        await opened.get(await registered(demo_town, "display"))
        yield opened


@asynccontextmanager
async def following(screen: httpx.AsyncClient) -> AsyncIterator[AsyncIterator[Event]]:
    async with screen.stream("GET", EVENTS, timeout=20) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in answer.headers
        yield events(answer)


async def events(answer: httpx.Response) -> AsyncIterator[Event]:
    fields: dict[str, list[str]] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name:
            fields.setdefault(name, []).append(value)
        else:
            yield Event(*("\n".join(fields.get(field, [])) for field in ("event", "id", "data")))
            fields = {}


async def until(told: AsyncIterator[Event], text: str) -> Event:
    async with asyncio.timeout(20):
        async for event in told:
            if text in event.text:
                return event
    raise AssertionError(f"it ended without {text}")


async def called(town: Town, at: int = 0) -> tuple[str, float]:
    """Draw a ticket at reception and call it to a desk; return its label, and when it was pressed. `at`: which desk."""
    async with signed_in(town, "clerk") as clerk:
        reception, desk = "/de/staff/offices/mitte/reception", "/de/staff/offices/mitte/desk"
        drawn = await clerk.send(reception, f"{reception}/tickets", concern="unterlagen", key="k" + str(time.time_ns()))
        label = re.search(r'class="label">([A-Z]\d{3})<', drawn.text)
        assert label, drawn.text
        shown = (await clerk.get(desk)).text
        number = re.findall(r'<option value="(\d+)">Eingangszone', shown)[at]
        await clerk.send(desk, f"{desk}/open", desk=number)
        pressed = time.monotonic()
        assert (await clerk.send(desk, f"{desk}/next", desk=number)).status_code == 303
        return label[1], pressed


def askers() -> int:
    """Count the tasks that ask booking for displays, in this process."""
    return sum(task.get_name() == "display" for task in asyncio.all_tasks())


async def test_a_call_appears_on_every_screen_and_booking_is_asked_once_for_all(
    demo_town: Town, screen: httpx.AsyncClient
) -> None:
    async with AsyncExitStack() as stack:
        screens = [await stack.enter_async_context(following(screen)) for _ in range(3)]
        first = [await until(told, "Code dieses Standorts") for told in screens]
        assert {event.name for event in first} == {"board"}
        assert askers() == 1
        label, pressed = await called(demo_town)
        shown = [await until(told, label) for told in screens]
        print(f"on the screens {time.monotonic() - pressed:.2f} s after the button")
        assert all(int(new.id) > int(old.id) for new, old in zip(shown, first, strict=True))
        assert re.search(r"\b\d{4}\b</strong>", shown[0].text), "the office's code is shown"

    async def nobody_asks() -> bool:
        return askers() == 0

    await eventually(nobody_asks)


async def test_a_screen_that_hears_nothing_new_hears_that_it_is_connected(screen: httpx.AsyncClient) -> None:
    async with following(screen) as told:
        names = [(await anext(told)).name for _ in range(3)]
    assert names == ["", "board", "beat"], "how soon to come back, what is shown, a sign of life"


async def test_streams_end_when_the_gateway_is_told_to(demo_town: Town, screen: httpx.AsyncClient) -> None:
    elsewhere = replace(
        demo_town.installation, ports=demo_town.installation.ports | {"gateway": free_port()}, children={}
    )
    await elsewhere.start("gateway")
    cookies = dict(screen.cookies)
    async with httpx.AsyncClient(base_url=elsewhere.url("gateway"), cookies=cookies, trust_env=False) as other:
        async with following(other) as told:
            await until(told, "Code dieses Standorts")
            ending = asyncio.create_task(elsewhere.children.pop("gateway").stop())
            assert [event async for event in told if event.name == "board"] == []
        assert await ending == 0


async def test_without_javascript_the_page_itself_shows_it(demo_town: Town, screen: httpx.AsyncClient) -> None:
    label, _ = await called(demo_town, at=1)

    async def shown() -> bool:
        page = (await screen.get("/de/office/mitte/display")).text
        assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
        return label in page

    await eventually(shown)
