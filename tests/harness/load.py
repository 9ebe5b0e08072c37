"""Many citizens who book at a steady pace, each asking again with the same key until there is an answer."""

import asyncio
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.harness.citizen import OFFICE, Citizen
from tests.harness.installation import Installation

CONCERN = "unterlagen"  # ten minutes: the most times there are
AWAY = (502, 503)


async def add_desks(installation: Installation, count: int) -> None:
    """Give the office so many desks more that no time is ever taken."""
    statement = (
        "INSERT INTO desks (tenant, office_id, team_id, name) "
        "SELECT 'musterstadt', :office, 'eingang', 'more ' || n FROM generate_series(1, :count) AS n"
    )
    await installation.rows("booking", statement, office=OFFICE, count=count)


def address(key: str) -> str:
    """Return the e-mail address of whoever books with this key."""
    return f"{key}@example.org"


@dataclass
class Crowd:
    """Books over and over. `acknowledged`: the answers by key; `statuses`: how often which status was answered."""

    citizen: Citizen
    starts: list[str]
    patience: float = 60
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    statuses: Counter[int | str] = field(default_factory=Counter)

    @classmethod
    async def gather(cls, client: httpx.AsyncClient, days: int = 20) -> "Crowd":
        """Look once at the free times; everybody chooses among them."""
        citizen = Citizen(client)
        return cls(citizen, [slot["start"] for slot in await citizen.slots(concern=CONCERN, days=days)])

    async def book_one(self, number: int) -> None:
        """Book, again and again with the same key while something is away."""
        key = str(uuid.uuid4())
        start = self.starts[number % len(self.starts)]
        async with asyncio.timeout(self.patience):
            while True:
                try:
                    answer = await self.citizen.book(start, key, concern=CONCERN, email=address(key))
                except httpx.TransportError as error:
                    self.statuses[type(error).__name__] += 1
                else:
                    self.statuses[answer.status_code] += 1
                    if answer.status_code == 201:
                        self.acknowledged[key] = answer.json()
                        return
                    assert answer.status_code in AWAY, answer.text
                await asyncio.sleep(0.1)

    async def book(self, count: int, per_second: float) -> None:
        """Let so many people book, one after the other at this pace, whether or not earlier ones have their answer."""
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                group.create_task(self.book_one(number))
                await asyncio.sleep(1 / per_second)
