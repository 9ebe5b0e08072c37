"""A rush without browsers: gateways whose waiting rooms open for a handful of people, and people who wait in them."""

import html
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import altcha
import httpx

from shared import clock
from tests.harness.inprocess import moved_clock, unstarted
from tests.harness.installation import Installation, Running

THRESHOLD, PER_MINUTE, HASHES = 5, 60, 200
BOOK = "/de/book"


@asynccontextmanager
async def gateway(installation: Installation, **changes: Any) -> AsyncIterator[Running]:
    """One gateway whose waiting room opens for the sixth person within a minute and lets in one a second."""
    settings = {
        "rush_arrivals_per_minute": THRESHOLD,
        "rush_admitted_per_minute": PER_MINUTE,
        "rush_proof_hashes": HASHES,
        **changes,
    }
    async with unstarted(installation, "gateway", **settings) as running:
        yield running
        for backend in (running.app.state.booking, running.app.state.statistics):
            await backend.close()


async def exchange(*gateways: Running) -> None:
    """Let each gateway tell and learn, as their background tasks do every second; twice, so that all know all."""
    for gateway_ in gateways * 2:
        await gateway_.app.state.room.exchange(gateway_.service.database)


def person(gateway_: Running, host: str = "localhost") -> httpx.AsyncClient:
    """Return somebody with a browser that keeps cookies and follows no redirect by itself."""
    transport = httpx.ASGITransport(gateway_.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{host}")


async def crowd(gateway_: Running, host: str = "localhost") -> None:
    """Let just so many people come that the waiting room opens."""
    for _ in range(THRESHOLD + 1):
        assert (await person(gateway_, host).get(BOOK)).status_code == 200, "the waiting room is open already"
    await exchange(gateway_)


async def arrive(someone: httpx.AsyncClient, address: str = BOOK) -> httpx.Response:
    """Want to book in a rush; return the page of the waiting room."""
    sent = await someone.get(address)
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"].startswith("/de/waiting?to=book")
    return await someone.get(sent.headers["location"])


def solution(page: httpx.Response) -> str:
    """Do the work that a page of the waiting room asks for."""
    found = re.search(r'data-challenge="([^"]+)"', page.text)
    assert found, "no work is asked for"
    challenge = altcha.Challenge.from_dict(httpx.Response(200, text=html.unescape(found[1])).json())
    solved = altcha.solve_challenge(challenge)
    assert solved is not None
    return altcha.Payload(challenge, solved).to_base64()


async def prove(someone: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    """Show that the work is done."""
    return await someone.post(page.url.raw_path.decode(), data={"solution": solution(page)})


def button(page: httpx.Response) -> str:
    """Return where the page's button leads to."""
    found = re.search(r'<a class="kern-btn kern-btn--primary" href="([^"]+)"', page.text)
    assert found, page.text
    return html.unescape(found[1])


def people_before(page: httpx.Response) -> int:
    """Return the place that a page shows."""
    if "Als Nächstes sind Sie dran" in page.text:
        return 0
    found = re.search(r"Vor Ihnen (?:ist|sind) (\d+) Person", page.text)
    assert found, page.text
    return int(found[1])


@contextmanager
def later(seconds: float) -> Iterator[None]:
    """Let so much time have passed."""
    with moved_clock(clock.now() + timedelta(seconds=seconds)):
        yield
