"""People on their first visit who book through the pages: every request that a browser makes, and none twice."""

import asyncio
import contextlib
import random
import re
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin
from uuid import uuid4

from tests.bench.load import Connection, Result, closed_loop
from tests.harness.pages import hidden_fields

HEADERS = {"Accept": "text/html", "Accept-Language": "de", "Accept-Encoding": "gzip"}
_TAG = re.compile(r"<(?:link|script)\b[^>]*>")
_LOADED = re.compile(r'rel="(?:stylesheet|preload|icon)"|<script')
_ADDRESS = re.compile(r'(?:href|src)="([^"]+)"')
_FONT = re.compile(r"@font-face\s*{[^}]*?url\([\"']?([^\"')]+)")


class Stopped(Exception):
    """The way to an appointment ended early."""


@dataclass
class Tally:
    """What all browsers of a run were answered."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    fonts: dict[str, list[str]] = field(default_factory=dict)  # by style: read once, as it is the same for all
    processor: float = 0  # seconds that this process, the load generator, took

    @property
    def requests(self) -> int:
        """How many answers there were."""
        return sum(self.statuses.values())


class Browser:
    """A browser with no cookies, connections or files yet. `shown`: the addresses of its pages."""

    def __init__(self, port: int, tally: Tally) -> None:
        self._port, self._tally = port, tally
        self._cookies: dict[str, str] = {}
        self._idle: list[Connection] = []
        self._has: set[str] = set()
        self.shown: list[str] = []

    async def open(self, address: str, form: dict[str, str] | None = None) -> str:
        """Open a page, or send a form to it; returns the page it leads to once all its files are there."""
        payload = None if form is None else urlencode(form).encode()
        status, head, content = await self._ask(address, payload)
        while status in (302, 303):
            address = urljoin(address, re.search(r"(?i)\r\nlocation: (\S+)", head)[1])  # type: ignore[index]
            status, head, content = await self._ask(address)
        if status != 200:
            raise Stopped(f"{status} at {address.partition('?')[0]}")
        page = _text(head, content)
        self.shown.append(address)
        files = [_ADDRESS.search(tag)[1] for tag in _TAG.findall(page) if _LOADED.search(tag)]  # type: ignore[index]
        await self._load(address, files)
        return page

    async def _load(self, base: str, files: list[str]) -> None:
        """Load the files that it has not got, all at once, and then those that these name."""
        new = {urljoin(base, file) for file in files} - self._has
        self._has |= new
        await asyncio.gather(*(self._load_file(address) for address in new))

    async def _load_file(self, address: str) -> None:
        status, head, content = await self._ask(address)
        if status != 200:
            raise Stopped(f"{status} at {address}")
        if address.endswith(".css"):
            if address not in self._tally.fonts:
                self._tally.fonts[address] = _FONT.findall(_text(head, content))
            await self._load(address, self._tally.fonts[address])

    async def _ask(self, address: str, form: bytes | None = None) -> tuple[int, str, bytes]:
        headers = HEADERS.copy()
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = self._idle.pop() if self._idle else Connection(self._port)
        try:
            status, head, content = await connection.send(
                "GET" if form is None else "POST", address, headers, form or b""
            )
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        self._cookies |= dict(re.findall(r"(?i)\r\nset-cookie: ([^=]+)=([^;\r]*)", head))
        self._tally.statuses[status] += 1
        return status, head, content

    def close(self) -> None:
        """Close all connections."""
        for connection in self._idle:
            connection.close()


async def book(browser: Browser) -> None:
    """Book an appointment by the links and buttons of the pages: any office, any time of the first day."""
    home = await browser.open("/")
    concern = await browser.open(_one(r'main-tile.*?href="([^"]+)"', home))
    radios = {
        name: _any(rf'type="radio" name="{name}"[^>]* value="([^"]+)"', concern) for name in ("concern", "office")
    }
    times = await browser.open(f"{_action(concern)}?{urlencode({k: v for k, v in radios.items() if v})}")
    chosen = hidden_fields(times) | {"start": _any(r'name="start" value="([^"]+)"', times)}
    details = await browser.open(_one(r'method="post" action="([^"]+)"', times), chosen)
    person = {"name": "Aylin Öz", "email": f"{uuid4()}@example.org"}
    check = await browser.open(_action(details), hidden_fields(details) | person)
    booked = await browser.open(_action(check), hidden_fields(check))
    if 'class="secret"' not in booked:
        raise Stopped(f"not booked: {re.sub(r'.*/', '', browser.shown[-1].partition('?')[0])}")


async def journeys(port: int, clients: int, seconds: float) -> tuple[Result, Tally]:
    """Let so many people at a time book; each has a browser of their own."""
    tally = Tally()

    async def once(_: int) -> int:
        with contextlib.closing(Browser(port, tally)) as browser:
            try:
                await book(browser)
            except (Stopped, OSError, EOFError) as error:
                tally.failures[str(error) or type(error).__name__] += 1
                return 500
        return 200

    before = time.process_time()
    result = await closed_loop(clients, seconds, once)
    tally.processor = time.process_time() - before
    return result, tally


async def homepage(port: int, clients: int, seconds: float) -> Result:
    """Let so many clients open the homepage alone again and again, on kept connections."""
    with contextlib.ExitStack() as stack:
        kept = [stack.enter_context(contextlib.closing(Connection(port))) for _ in range(clients)]

        async def once(client: int) -> int:
            status, _, _ = await kept[client].send("GET", "/de/", HEADERS)
            return status

        return await closed_loop(clients, seconds, once)


def _text(head: str, content: bytes) -> str:
    return (zlib.decompress(content, 31) if "content-encoding: gzip" in head.lower() else content).decode()


def _action(page: str) -> str:
    return _one(r'<form[^>]* action="([^"]+)"', page)


def _one(pattern: str, page: str) -> str:
    if found := re.search(pattern, page, re.DOTALL):
        return found[1]
    raise Stopped(f"a page without {pattern}")


def _any(pattern: str, page: str) -> str:
    found = re.findall(pattern, page)
    return random.choice(found) if found else ""
