"""A rush: many more people than times, each with a program that does through the gateway what the pages would do.

They take a place in the waiting room, look again as its page says, look for free times when they are let in, and book
one; when it has just been taken they take another, until there is none. Who still waits then leaves.
"""

import asyncio
import html
import json
import random
import re
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import altcha
import psutil
import yaml

from deploy import migrate
from tests.bench import tenant
from tests.bench.load import Connection, Result
from tests.harness.counter import OVERLAPS
from tests.harness.installation import Installation
from tests.harness.parts import Parts

MONDAY, DAY = datetime(2026, 9, 7, 7, 0, tzinfo=UTC), "2026-09-08"  # the one day that can be booked: no holiday
OPENS = datetime(2026, 9, 8, 8, 0)  # noqa: DTZ001  local
OFFICE, CONCERN = "office-0", "concern"
APPOINTMENTS = "/api/v1/appointments"
MOST_FAILED = 0.001  # of all answers
NO_ANSWER = 599  # counted as the server's fault: the connection ended without an answer
FREE = f"/api/v1/offices/{OFFICE}/slots?{urlencode({'concern': CONCERN, 'from': DAY, 'to': DAY})}"


class Rush(Result):
    """What became of a rush. `booked`: each number that was answered, and after how many seconds."""

    def __init__(self, port: int) -> None:
        super().__init__(0)
        self.port = port
        self.booked: dict[str, float] = {}
        self.sold_out = False
        self.started = time.perf_counter()
        self._idle: list[Connection] = []

    @property
    def failed(self) -> float:
        """The share of answers that are the server's fault."""
        return sum(count for status, count in self.statuses.items() if status >= 500) / self.statuses.total()

    async def ask(self, method: str, path: str, headers: dict[str, str], payload: bytes = b"") -> tuple[int, str, str]:
        """Send a request by any connection that is not in use; return status, head and text.

        As browsers do, it is sent anew when a kept connection has just been closed by the server.
        """
        begun = time.perf_counter()
        status, head, content = NO_ANSWER, "", b""
        kept = [self._idle.pop()] if self._idle else []
        for connection in (*kept, Connection(self.port)):
            try:
                status, head, content = await connection.send(method, path, headers, payload)
            except (OSError, EOFError):
                connection.close()
            else:
                self._idle.append(connection)
                break
        self.statuses[status] += 1
        self.latencies.append(time.perf_counter() - begun)
        return status, head, content.decode()

    async def run(self, arrivals: int, seconds: float) -> None:
        """Let so many people arrive within so long, evenly; return when everybody has left."""
        async with asyncio.TaskGroup() as group:
            for number in range(arrivals):
                await asyncio.sleep(max(0, self.started + number * seconds / arrivals - time.perf_counter()))
                group.create_task(Person(self).visit())
        self.seconds = time.perf_counter() - self.started

    def close(self) -> None:
        """Close all connections."""
        for connection in self._idle:
            connection.close()

    @staticmethod
    def processor_seconds(made: Installation, service: str) -> float:
        """Return how much processor time a service's process has taken so far."""
        times = psutil.Process(made.children[service].pid).cpu_times()
        return times.user + times.system

    async def faults(self, made: Installation, times: int) -> list[str]:
        """Return what is not as it must be: every time is booked once, by somebody who was told so."""
        numbers = {row["number"] for row in await made.rows("booking", "SELECT number FROM appointments")}
        [taken] = await made.rows("booking", "SELECT count(*) AS n FROM occupancies WHERE appointment_id IS NOT NULL")
        [overlaps] = await made.rows("booking", OVERLAPS)
        found = {
            f"{len(self.booked)} answers 201": len(self.booked) == times,
            f"{len(numbers)} appointments": len(numbers) == times,
            f"{len(self.booked.keys() - numbers)} answers 201 without an appointment": self.booked.keys() <= numbers,
            f"{taken['n']} desks taken": taken["n"] == times,
            f"{overlaps['n']} overlaps": overlaps["n"] == 0,
            "times are left": (await self.ask("GET", FREE, {}))[2] == "[]",
            f"{self.failed:.2%} of answers are 5xx": self.failed < MOST_FAILED,
        }
        return [fault for fault, good in found.items() if not good]


class Person:
    """One of those who want a time: a program that keeps cookies."""

    def __init__(self, rush: Rush) -> None:
        self._rush = rush
        self._cookies: dict[str, str] = {}

    async def visit(self) -> None:
        """Come in and book; come in again when that is asked for after all."""
        while await self._comes_in():
            if await self._books():
                return

    async def _comes_in(self) -> bool:
        """Wait for one's turn; tell whether it came before all times were gone."""
        status, head, _ = await self._ask("GET", "/de/book")
        if status == 200:
            return True
        address = _location(head) or "/de/waiting?to=book"
        status, _, page = await self._ask("GET", address)
        if challenge := re.search(r'data-challenge="([^"]+)"', page):
            solved = urlencode({"solution": _solution(html.unescape(challenge[1]))}).encode()
            status, _, page = await self._ask("POST", address, solved, "application/x-www-form-urlencoded")
        while status != 303:
            pause = re.search(r'data-pause="(\d+)"', page)
            await asyncio.sleep((int(pause[1]) if pause else 30) * random.uniform(0.9, 1.1))
            if self._rush.sold_out and not await self._free():
                return False
            status, _, page = await self._ask("GET", address)
        return True

    async def _books(self) -> bool:
        """Book any time, or find none; `False` when it is not one's turn."""
        while starts := await self._free():
            body = {"office": OFFICE, "concern": CONCERN, "start": random.choice(starts), "name": "Aylin Öz"}
            payload = json.dumps(body | {"email": f"{uuid.uuid4()}@example.org"}).encode()
            key = str(uuid.uuid4())
            while (answer := await self._ask("POST", "/api/v1/appointments", payload, "application/json", key))[
                0
            ] >= 500:
                await asyncio.sleep(1)
            if answer[0] == 201:
                self._rush.booked[json.loads(answer[2])["number"]] = time.perf_counter() - self._rush.started
                return True
            if answer[0] == 429:
                return False
            assert answer[0] == 409, answer
        self._rush.sold_out = True
        return True

    async def _free(self) -> list[str]:
        return [slot["start"] for slot in json.loads((await self._answer("GET", FREE))[2])]

    async def _answer(self, *asked: Any) -> tuple[int, str, str]:
        """Ask until there is an answer."""
        while (answer := await self._ask(*asked))[0] >= 500:
            await asyncio.sleep(1)
        return answer

    async def _ask(
        self, method: str, path: str, payload: bytes = b"", type_: str = "", key: str = ""
    ) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        headers |= {"Content-Type": type_, "Idempotency-Key": key}
        answer = await self._rush.ask(method, path, {name: value for name, value in headers.items() if value}, payload)
        self._cookies |= dict(re.findall(r"(?i)\r\nset-cookie: ([^=]+)=([^;\r]*)", answer[1]))
        return answer


async def open_office(parts: Parts, desks: int, times: int, **settings: int) -> Installation:
    """Start gateway and booking as processes, for one office with so many desks and times. `settings`: `RUSH_…`."""
    directory = parts.directory / f"rush-{desks}-{times}"
    _write(directory, desks, times)
    offset = (MONDAY - datetime.now(UTC)).total_seconds()
    made = await Installation.create(
        parts, TENANTS_DIR=str(directory), LOG_LEVEL="WARNING", CLOCK_OFFSET_SECONDS=str(offset)
    )
    await migrate.seed("booking", parts.database.url("booking_owner", f"booking_{made.name}"), directory)
    await made.start("notifications", "booking", "gateway", **{name: str(value) for name, value in settings.items()})
    await made.children.pop("notifications").stop()  # it has announced its key; mails are not measured here
    return made


def _write(directory: Path, desks: int, times: int) -> None:
    """Write the bench tenant with one office, which offers so many times on one day."""
    tenant.write(directory)
    path = directory / "bench.yml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    office, concern = document["offices"][0], document["concerns"][0]
    closes = OPENS + timedelta(minutes=times * tenant.MINUTES)
    hours = [{"days": ["tue"], "from": f"{OPENS:%H:%M}", "to": f"{closes:%H:%M}"}]
    office["teams"][0] |= {"desks": desks, "concerns": [CONCERN], "hours": hours}
    document |= {"offices": [office], "concerns": [concern | {"horizon_days": 1}]}
    path.write_text(yaml.safe_dump(document), encoding="utf-8")


def _location(head: str) -> str:
    found = re.search(r"(?i)\r\nlocation: (\S+)", head)
    return found[1] if found else ""


def _solution(challenge: str) -> str:
    asked = altcha.Challenge.from_dict(json.loads(challenge))
    solved = altcha.solve_challenge(asked)
    assert solved is not None
    return altcha.Payload(asked, solved).to_base64()
